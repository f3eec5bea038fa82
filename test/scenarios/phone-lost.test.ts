/** Pages that reload, are lost, are silent or flood; calls that wait for them; servers that are started again. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Config } from '../../src/config.ts'
import { OFFER, Page, openPage } from '../support/page.ts'
import { SilentEngine } from '../support/silent-engine.ts'
import { signIn } from '../support/sign-in.ts'
import { USERS, startWorld, user } from '../support/world.ts'
import type { World } from '../support/world.ts'
import { CALLS, create } from './steps.ts'

async function setUp(t: TestContext, config: Partial<Config> = {}): Promise<{ world: World; sound: SilentEngine }> {
  const sound = new SilentEngine()
  return { sound, world: await startWorld(t, config, {}, {}, undefined, sound) }
}

/** Ada is in a call from her page; its notifications are taken. */
async function inCall(t: TestContext, world: World, device = 'adas-page'): Promise<{ page: Page; callId: string }> {
  const page = await openPage(t, world, 'ada', device)
  await create(world, [user('ada')])
  const { callId } = await page.phase('ringing')
  await page.do({ type: 'answer', callId, offer: OFFER })
  await page.phase('connected')
  await world.take()
  return { page, callId }
}

test('a page that is reloaded finds its call, and goes on', async (t) => {
  const { world, sound } = await setUp(t)
  const { page, callId } = await inCall(t, world)
  const before = [...sound.legs.keys()]
  await page.leave()
  sound.tell(undefined, { name: 'closed', why: 'left' })
  const again = await openPage(t, world, 'ada', page.device)
  const call = again.calls[0]
  assert.deepEqual([call?.callId, call?.here, call?.media, call?.phase], [callId, true, 'wanted', 'connected'])
  assert.ok((call?.rejoinBy ?? 0) > 0)
  await again.do({ type: 'rejoin', callId, offer: OFFER })
  const back = await again.phase('connected', ({ media }) => media === 'connected')
  assert.equal(back.rejoinBy, undefined)
  assert.notDeepEqual([...sound.legs.keys()], before)
  assert.deepEqual(await world.lines(), [])
  await again.do({ type: 'hangUp', callId })
  await world.take()
})

test('another page takes the call over', async (t) => {
  const { world, sound } = await setUp(t)
  const { page, callId } = await inCall(t, world)
  const other = await openPage(t, world, 'ada')
  await other.phase('connected', ({ here }) => !here)
  assert.equal(await other.refused({ type: 'offer', callId, offer: OFFER }), 'elsewhere')
  assert.equal(await other.refused({ type: 'tone', callId, tone: 'a' }), 'elsewhere')
  await other.do({ type: 'rejoin', callId, offer: OFFER })
  await other.phase('connected', ({ here, media }) => here && media === 'connected')
  await page.phase('connected', ({ here }) => !here)
  assert.equal(sound.legs.size, 1)
  await page.leave()
  assert.deepEqual(await world.lines(), [])
  await other.do({ type: 'offer', callId, offer: `${OFFER} again` })
  await other.do({ type: 'hangUp', callId })
  await world.take()
})

test('a page that does not come back has left', async (t) => {
  const { world } = await setUp(t, { phoneReconnectTimeout: 300 })
  const { page } = await inCall(t, world)
  await page.leave('lost')
  const [left] = await t.waitFor(
    async () => {
      const taken = await world.take()
      assert.ok(taken.length > 0)
      return taken
    },
    { timeout: 10_000, interval: 50 },
  )
  const { code, subcode } = left?.resourceData.resultInfo ?? {}
  assert.deepEqual([left?.changeType, code, subcode], ['deleted', 200, 4521])
})

test('sound that is lost and does not come back ends the leg, though the page is there', async (t) => {
  const { world, sound } = await setUp(t, { phoneReconnectTimeout: 300 })
  const { page } = await inCall(t, world)
  sound.tell(undefined, { name: 'interrupted' })
  await page.phase('connected', ({ media }) => media === 'interrupted')
  sound.tell(undefined, { name: 'closed', why: 'timedOut' })
  await page.phase('connected', ({ media }) => media === 'wanted')
  const { end } = await page.phase('ended')
  assert.deepEqual([end?.cause, end?.code, end?.subcode], ['lost', 410, 301_005])
  await world.take()
})

test('a page that is closed for good leaves at once', async (t) => {
  const { world } = await setUp(t)
  const { page } = await inCall(t, world)
  page.say({ type: 'goodbye' })
  await page.until('closed', () => page.closed !== undefined)
  assert.deepEqual(await world.lines(), ['deleted call terminated'])
})

test('an application puts somebody into another call: nothing rings, and the page shows the other group', async (t) => {
  const { world, sound } = await setUp(t)
  const page = await openPage(t, world, 'ada')
  const first = await create(world, [user('ada')])
  const { callId } = await page.phase('ringing')
  await page.do({ type: 'answer', callId, offer: OFFER })
  await page.phase('connected')
  await page.do({ type: 'mute', callId, muted: true })
  const second = await create(world, [user('ben'), user('cleo')])
  await world.take()
  const { status } = await world.client('alpha').post(`${CALLS}/${second.id}/participants/invite`, {
    participants: [
      {
        '@odata.type': '#microsoft.graph.invitationParticipantInfo',
        identity: user('ada').identity,
        replacesCallId: first.id,
      },
    ],
  })
  assert.equal(status, 200)
  await world.settle()
  const moved = await page.phase('connected', ({ kind, muted }) => kind === 'group' && muted)
  assert.deepEqual([moved.callId, moved.here, moved.media], [callId, true, 'connected'])
  assert.deepEqual(moved.roster.map(({ displayName }) => displayName).toSorted(), ['Alpha', 'ada', 'ben', 'cleo'])
  assert.equal(sound.legs.size, 1)
  assert.equal([...sound.legs.values()][0]?.place?.speaker, moved.participantId)
  const phases = page.received.flatMap((one) => (one.type === 'state' ? one.calls.map(({ phase }) => phase) : []))
  assert.deepEqual([...new Set(phases)], ['ringing', 'connecting', 'connected'])
  await page.do({ type: 'hangUp', callId })
  await world.take()
})

test('after a restart of the server the page comes back, and is where it was', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'rollcall-phone-'))
  t.after(() => rmSync(data, { recursive: true, force: true }))
  let token = ''
  let callId = ''
  const port = 18_000 + (process.pid % 10_000)
  await t.test('before', async (first) => {
    const { world } = await setUp(first, { data, port })
    token = (await signIn(world.url, USERS.ada)).accessToken
    const page = new Page(world.url, 'adas-page')
    await page.hello({ token })
    await create(world, [user('ada'), user('ben')])
    callId = (await page.phase('ringing')).callId
    await page.do({ type: 'answer', callId, offer: OFFER })
    await page.phase('connected')
    await page.do({ type: 'mute', callId, muted: true })
    await create(world, [user('ada')], { app: 'beta' })
    await page.phase('ringing')
    await world.take()
    await world.take('beta')
    first.after(() => assert.equal(page.farewell?.code, 'restart'))
  })
  await t.test('after', async (second) => {
    const { world } = await setUp(second, { data, port })
    const page = new Page(world.url, 'adas-page')
    second.after(() => page.socket.terminate())
    await page.hello({ token })
    const call = await page.phase('connected')
    assert.deepEqual([call.callId, call.here, call.media, call.muted], [callId, true, 'wanted', true])
    const ringing = await page.phase('ringing')
    await page.do({ type: 'rejoin', callId, offer: OFFER })
    await page.phase('connected', ({ media }) => media === 'connected')
    await page.do({ type: 'answer', callId: ringing.callId, offer: OFFER })
    await page.until('both', () =>
      page.calls.every(({ phase, media }) => phase === 'connected' && media === 'connected'),
    )
    for (const one of page.calls) await page.do({ type: 'hangUp', callId: one.callId })
    await page.until('the end', () => page.calls.every(({ phase }) => phase === 'ended'))
  })
})
