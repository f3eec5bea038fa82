/** People at pages are called: rung on all of them together, and what comes of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { OFFER, openPage } from '../support/page.ts'
import { SilentEngine } from '../support/silent-engine.ts'
import { USERS, startWorld, user } from '../support/world.ts'
import type { World } from '../support/world.ts'
import { line } from '../support/bot.ts'
import type { AppName, UserName } from '../support/world.ts'
import { create, groupCall } from './steps.ts'

async function setUp(t: TestContext): Promise<{ world: World; sound: SilentEngine }> {
  const sound = new SilentEngine()
  return { sound, world: await startWorld(t, {}, {}, {}, undefined, sound) }
}

/** An application's new notifications as lines, with the codes of what has ended. */
async function told(world: World, app: AppName = 'alpha'): Promise<readonly string[]> {
  return (await world.take(app)).map((one) => {
    const { resultInfo } = one.resourceData
    return `${line(one)}${resultInfo ? ` ${resultInfo.code}/${resultInfo.subcode}` : ''}`
  })
}

test('a call rings on every page; the first to answer has it, the others see where it is', async (t) => {
  const { world, sound } = await setUp(t)
  const page = await openPage(t, world, 'ada')
  const other = await openPage(t, world, 'ada')
  await create(world, [user('ada')])
  const rung = await page.phase('ringing')
  assert.equal((await other.phase('ringing')).callId, rung.callId)
  assert.deepEqual(rung.other, { kind: 'application', id: rung.other?.id, displayName: 'Alpha' })
  assert.deepEqual(await world.lines(), ['updated call establishing'])

  const done = await page.do({ type: 'answer', callId: rung.callId, offer: OFFER })
  assert.equal(done.answer, `v=0 answers ${OFFER}`)
  const here = await page.phase('connected')
  assert.deepEqual([here.here, here.media, here.roster.length], [true, 'connected', 2])
  const there = await other.phase('connected')
  assert.deepEqual([there.here, there.media], [false, 'none'])
  assert.equal(await other.refused({ type: 'answer', callId: rung.callId, offer: OFFER }), 'notRinging')
  assert.deepEqual(await world.lines(), ['updated call established'])
  assert.equal([...sound.legs.values()][0]?.place?.speaker, here.participantId)

  await page.do({ type: 'hangUp', callId: rung.callId })
  assert.equal((await page.phase('ended')).end?.cause, 'hungUp')
  await other.phase('ended')
  assert.equal(sound.legs.size, 0)
  assert.deepEqual(await told(world), ['deleted call terminated 200/4521'])
})

test('nobody is on the roster before their sound is connected', async (t) => {
  const { world, sound } = await setUp(t)
  sound.connects = false
  const page = await openPage(t, world, 'cleo')
  const { call } = await groupCall(world)
  await world.client('alpha').post(`/communications/calls/${call.id}/participants/invite`, {
    participants: [{ '@odata.type': '#microsoft.graph.invitationParticipantInfo', identity: user('cleo').identity }],
    clientContext: 'one',
  })
  const { callId } = await page.phase('ringing')
  await page.do({ type: 'answer', callId, offer: OFFER })
  await page.phase('connecting')
  assert.deepEqual(await world.lines(), [])
  sound.tell(undefined, { name: 'connected' })
  const connected = await page.phase('connected')
  assert.deepEqual(
    connected.roster.map(({ displayName }) => displayName),
    ['ada', 'Alpha', 'ben', 'cleo'],
  )
  assert.equal(connected.roster.at(-1)?.me, true)
  assert.deepEqual(await world.lines(), ['deleted operation completed', 'updated roster of 4'])
})

test('sound that does not come up ends the leg with its published code', async (t) => {
  const { world, sound } = await setUp(t)
  sound.connects = false
  const page = await openPage(t, world, 'ada')
  await create(world, [user('ada')])
  const { callId } = await page.phase('ringing')
  assert.equal(await page.refused({ type: 'answer', callId, offer: 'nonsense' }), 'badOffer')
  await page.phase('ringing')
  await page.do({ type: 'answer', callId, offer: OFFER })
  sound.tell(undefined, { name: 'closed', why: 'neverConnected' })
  assert.deepEqual(await page.phase('ended').then(({ end }) => [end?.cause, end?.code, end?.subcode]), [
    'mediaFailed',
    410,
    301_004,
  ])
  assert.deepEqual(await told(world), ['updated call establishing', 'deleted call terminated 410/301004'])
})

test('while no more sound can be mixed nobody is rung, and the invite fails with its published code', async (t) => {
  const { world, sound } = await setUp(t)
  const page = await openPage(t, world, 'cleo')
  const { call } = await groupCall(world)
  sound.capacityLeft = 0
  const invite = { participants: [{ identity: user('cleo').identity }], clientContext: 'one' }
  const invited = await world.client('alpha').post(`/communications/calls/${call.id}/participants/invite`, invite)
  assert.equal(invited.status, 200)
  const [failed] = await world.take()
  assert.equal(failed && line(failed), 'deleted operation failed')
  assert.deepEqual([failed?.resourceData.resultInfo?.code, failed?.resourceData.resultInfo?.subcode], [429, 8516])
  assert.equal(page.calls.length, 0)
})

test('one page declines, and none rings any more', async (t) => {
  const { world } = await setUp(t)
  const page = await openPage(t, world, 'ada')
  const other = await openPage(t, world, 'ada')
  await create(world, [user('ada')])
  const { callId } = await other.phase('ringing')
  await page.do({ type: 'decline', callId })
  assert.equal((await other.phase('ended')).end?.cause, 'declined')
  assert.deepEqual(await told(world), ['updated call establishing', 'deleted call terminated 603/8538'])
})

test('a ring that nobody takes ends in its time; a second one shows beside a call', async (t) => {
  const { world } = await setUp(t)
  const page = await openPage(t, world, 'ada')
  await create(world, [user('ada')])
  const { callId } = await page.phase('ringing')
  await page.do({ type: 'answer', callId, offer: OFFER })
  await page.phase('connected')
  await create(world, [user('ada')], { app: 'beta' })
  const second = await page.phase('ringing')
  assert.equal(page.calls.length, 2)
  await world.advance('61s')
  const missed = await page.phase('ended')
  assert.deepEqual([missed.callId, missed.end?.cause], [second.callId, 'missed'])
  await world.take()
  assert.deepEqual(await told(world, 'beta'), ['updated call establishing', 'deleted call terminated 487/10004'])
  await page.do({ type: 'hangUp', callId })
  await world.take()
})

test('whoever has no page open does what their script says', async (t) => {
  const { world } = await setUp(t)
  const page = await openPage(t, world, 'ada')
  await page.leave()
  await create(world, [user('ada')])
  assert.deepEqual(await world.lines(), ['updated call establishing', 'updated call established'])
})

test('muting, hold, presenting and keys are seen by the application', async (t) => {
  const { world, sound } = await setUp(t)
  const page = await openPage(t, world, 'ada')
  const call = await create(world, [user('ada'), user('ben')])
  const { callId } = await page.phase('ringing')
  await page.do({ type: 'answer', callId, offer: OFFER })
  await page.phase('connected')
  await world.take()
  await world.client('alpha').post(`/communications/calls/${call.id}/subscribeToTone`, {})
  await world.take()
  await page.do({ type: 'mute', callId, muted: true })
  const [muted] = await world.take()
  const row = (notification: typeof muted, id: string | undefined): unknown =>
    notification?.resourceData.find((one: { id: string }) => one.id === id)
  const me = page.calls[0]?.participantId
  assert.equal((row(muted, me) as { isMuted: boolean }).isMuted, true)
  await page.phase('connected', ({ muted: mine }) => mine)
  await page.do({ type: 'mute', callId, muted: false })
  await world.take()
  await page.do({ type: 'hold', callId, held: true })
  const [held] = await world.take()
  const streams = (row(held, me) as { mediaStreams: { direction: string }[] }).mediaStreams
  assert.deepEqual(
    streams.map(({ direction }) => direction),
    ['inactive'],
  )
  await page.phase('connected', ({ onHold }) => onHold)
  await page.do({ type: 'hold', callId, held: false })
  await world.take()
  await page.do({ type: 'share', callId, sharing: true })
  await page.phase('connected', ({ presenterId }) => presenterId === me)
  await page.do({ type: 'share', callId, sharing: false })
  assert.deepEqual(await world.lines(), ['updated roster of 3', 'updated roster of 3'])
  await page.do({ type: 'tone', callId, tone: 'tone5' })
  sound.press('pound')
  const tones = await world.take()
  assert.deepEqual(
    tones.map(({ resourceData }) => resourceData.toneInfo?.tone),
    ['tone5', 'pound'],
  )
  sound.speak(page.calls[0] ? ([...sound.legs.values()][0]?.place?.conversationId ?? '') : '', me ?? '', -30)
  const levels = await page.until('levels', () => page.received.find(({ type }) => type === 'levels'))
  assert.deepEqual(levels, { type: 'levels', callId, speakers: { [me ?? '']: 0.5 } })
  await page.do({ type: 'hangUp', callId })
  await world.take()
})

test('somebody calls an application: it answers, and they are connected', async (t) => {
  const { world } = await setUp(t)
  const page = await openPage(t, world, 'ada')
  const { found } = await page.do({ type: 'find', text: 'alp' })
  assert.deepEqual(
    found?.map(({ displayName, address }) => [displayName, address]),
    [['Alpha', '+12065550100']],
  )
  const { callId } = await page.do({ type: 'call', target: found?.[0]?.id ?? '', offer: OFFER })
  const calling = await page.phase('calling')
  assert.deepEqual([calling.callId, calling.direction, calling.other?.displayName], [callId, 'outgoing', 'Alpha'])
  const [incoming] = await world.take()
  assert.equal(incoming?.changeType, 'created')
  const id = incoming.resourceData.id
  assert.equal(incoming.resourceData.source.identity.user.id, USERS.ada)
  await world.client('alpha').post(`/communications/calls/${id}/answer`, {
    callbackUri: world.bots.alpha.url,
    mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
    acceptedModalities: ['audio'],
  })
  assert.deepEqual(await world.lines(), ['updated call establishing', 'updated call established'])
  assert.equal((await page.phase('connected')).here, true)
  await world.client('alpha').delete(`/communications/calls/${id}`)
  assert.equal((await page.phase('ended')).end?.cause, 'over')
  await world.take()
})

test('somebody calls somebody: at their page, or by their script', async (t) => {
  const { world, sound } = await setUp(t)
  const ada = await openPage(t, world, 'ada')
  const ben = await openPage(t, world, 'ben')
  const { found } = await ada.do({ type: 'find', text: 'be' })
  assert.deepEqual(
    found?.map(({ displayName, kind }) => [displayName, kind]),
    [
      ['ben', 'user'],
      ['Beta', 'application'],
    ],
  )
  const { callId = '' } = await ada.do({ type: 'call', target: USERS.ben, offer: OFFER })
  await ada.phase('calling')
  const rung = await ben.phase('ringing')
  assert.equal(rung.other?.displayName, 'ada')
  await ben.do({ type: 'answer', callId: rung.callId, offer: OFFER })
  const there = await ada.phase('connected')
  assert.deepEqual([there.other?.displayName, there.roster.length], ['ben', 2])
  assert.equal((await ben.phase('connected')).other?.displayName, 'ada')
  await ben.do({ type: 'hangUp', callId: rung.callId })
  assert.equal((await ada.phase('ended')).callId, callId)
  assert.equal(sound.legs.size, 0)

  await ada.do({ type: 'call', target: 'ben@contoso.example', offer: OFFER })
  const second = await ben.phase('ringing')
  await ben.do({ type: 'decline', callId: second.callId })
  await ada.phase('ended', ({ end }) => end?.cause === 'declined')

  const scripted = await ada.do({ type: 'call', target: 'cleo@contoso.example', offer: OFFER })
  await world.settle()
  await ada.phase('connected', (call) => call.callId === scripted.callId)
  await ada.do({ type: 'hangUp', callId: scripted.callId ?? '' })
  assert.equal(await ada.refused({ type: 'call', target: USERS.ada, offer: OFFER }), 'invalidRequest')
  assert.equal(await ada.refused({ type: 'call', target: 'nobody', offer: OFFER }), 'invalidRequest')
  await world.settle()
  const { body } = await world.control('GET', '/calls')
  assert.deepEqual(body.value, [])
})

test('somebody is pulled out of a call with somebody else: they do not ring, the other one hears the call end', async (t) => {
  const { world } = await setUp(t)
  const [ada, ben, cleo] = [
    await openPage(t, world, 'ada'),
    await openPage(t, world, 'ben'),
    await openPage(t, world, 'cleo'),
  ]
  await ada.do({ type: 'call', target: USERS.ben, offer: OFFER })
  const rung = await ben.phase('ringing')
  await ben.do({ type: 'answer', callId: rung.callId, offer: OFFER })
  const before = await ada.phase('connected')
  const { body } = await world.control('GET', '/calls')
  const [{ id: theirs, participants }] = body.value
  assert.deepEqual([body.value.length, participants.length], [1, 2])

  await world.script('dov', { answer: { after: '0s' } })
  const call = await create(world, [user('cleo'), user('dov')])
  const asked = await cleo.phase('ringing')
  await cleo.do({ type: 'answer', callId: asked.callId, offer: OFFER })
  await cleo.phase('connected')
  await world.take()
  const invite = (who: UserName, replacesCallId: string, prefer = {}) =>
    world
      .client('alpha')
      .post(
        `/communications/calls/${call.id}/participants/invite`,
        { participants: [{ ...user(who), replacesCallId }] },
        prefer,
      )

  // Only who is in it can be named, and to nobody else is the call there.
  await invite('eva', theirs)
  assert.deepEqual(await told(world), ['deleted operation failed 404/10202'])
  const tried = await invite('ada', theirs, { prefer: 'rollcall.dry-run' })
  assert.deepEqual([tried.body.wouldWork, tried.body.participants[0].would], [true, 'move'])
  assert.equal((await invite('ada', theirs)).status, 200)
  const after = await ada.phase('connected', ({ kind }) => kind === 'group')
  assert.deepEqual([after.callId, after.here, after.roster.length], [before.callId, true, 4])
  assert.deepEqual([(await ben.phase('ended')).end?.cause], ['over'])
  assert.deepEqual(await world.lines(), ['deleted operation completed', 'updated roster of 4'])
  assert.ok(ada.received.every((one) => one.type !== 'state' || one.calls.every(({ phase }) => phase !== 'ringing')))
  await invite('ben', theirs)
  assert.deepEqual(await told(world), ['deleted operation failed 404/10202'])
  for (const page of [ada, cleo]) await page.do({ type: 'hangUp', callId: page.calls[0]?.callId ?? '' })
  await world.take()
})
