/** What goes wrong while a page's sound is being connected, and what becomes of the leg. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Config } from '../../src/config.ts'
import type { Page } from '../support/page.ts'
import { OFFER, openGuest, openPage } from '../support/page.ts'
import { SilentEngine } from '../support/silent-engine.ts'
import { startWorld, user } from '../support/world.ts'
import type { World } from '../support/world.ts'
import { MEETING_ROLES, makeMeeting } from './meeting-steps.ts'
import { CALLS, create } from './steps.ts'

async function setUp(t: TestContext, config: Partial<Config> = {}): Promise<{ world: World; sound: SilentEngine }> {
  const sound = new SilentEngine()
  return { sound, world: await startWorld(t, config, { alpha: { roles: MEETING_ROLES } }, {}, undefined, sound) }
}

/** Holds the answers to all offers back until the returned function is called. */
function holdAnswers(sound: SilentEngine): () => void {
  let release = (): void => undefined
  sound.waitsFor = new Promise((resolve) => {
    release = () => {
      sound.waitsFor = undefined
      resolve()
    }
  })
  return release
}

/** Ada, who has two pages open, is answering an application's call at the first of them. */
async function answering(t: TestContext, config: Partial<Config> = {}): Promise<Answering> {
  const { world, sound } = await setUp(t, config)
  const page = await openPage(t, world, 'ada')
  const other = await openPage(t, world, 'ada')
  await create(world, [user('ada')])
  await world.take()
  const { callId } = await page.phase('ringing')
  const release = holdAnswers(sound)
  return {
    world,
    sound,
    page,
    other,
    callId,
    release,
    answered: page.refused({ type: 'answer', callId, offer: OFFER }),
  }
}

interface Answering {
  readonly world: World
  readonly sound: SilentEngine
  readonly page: Page
  readonly other: Page
  readonly callId: string
  /** Lets the engine answer the offer. */
  readonly release: () => void
  /** What the answer was refused with, if it was. */
  readonly answered: ReturnType<Page['refused']>
}

test('a caller whose sound is lost, and cannot be brought back, is not left waiting for ever', async (t) => {
  const { world, sound } = await setUp(t, { phoneReconnectTimeout: 500 })
  const ada = await openPage(t, world, 'ada')
  const ben = await openPage(t, world, 'ben')
  const { callId = '' } = await ada.do({ type: 'call', target: 'ben@contoso.example', offer: OFFER })
  await ada.phase('calling', ({ media }) => media === 'connected')
  await ben.phase('ringing')
  sound.tell(undefined, { name: 'closed', why: 'engineLost' })
  await ada.phase('calling', ({ media }) => media === 'wanted')
  assert.equal(await ada.refused({ type: 'rejoin', callId, offer: 'garbage' }), 'badOffer')
  await ada.phase('calling', ({ media }) => media === 'wanted')
  // Trying again and again does not put the end off.
  for (let again = 0; again < 40 && !ada.calls.some(({ phase }) => phase === 'ended'); again++) {
    await ada.refused({ type: 'rejoin', callId, offer: 'garbage' })
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.equal((await ada.phase('ended')).end?.cause, 'lost')
  await ben.phase('ended')
})

for (const [when, isUp, cause] of [
  ['while it is connected', false, 'mediaFailed'],
  ['in a call', true, 'lost'],
] as const) {
  test(`a page that begins its sound anew again and again ${when} has no longer for it`, async (t) => {
    const { world, sound } = await setUp(t, { mediaConnectTimeout: 1000, phoneReconnectTimeout: 500 })
    sound.connects = isUp
    const page = await openPage(t, world, 'ada')
    await create(world, [user('ada')])
    const { callId } = await page.phase('ringing')
    await page.do({ type: 'answer', callId, offer: OFFER })
    await page.phase(isUp ? 'connected' : 'connecting')
    await world.take()
    sound.connects = false
    const isOver = (): boolean => page.calls.some(({ phase }) => phase === 'ended')
    for (let again = 0; again < 100 && !isOver(); again++) {
      await Promise.allSettled([page.do({ type: 'rejoin', callId, offer: OFFER })])
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    assert.equal((await page.phase('ended')).end?.cause, cause)
    assert.deepEqual(await world.lines(), ['deleted call terminated'])
  })
}

test('whoever answers while the engine breaks down is rung on, and not hung up for it', async (t) => {
  const { world, sound, page, other, callId, release, answered } = await answering(t, { phoneReconnectTimeout: 300 })
  await page.phase('connecting', ({ media }) => media === 'connecting')
  sound.tell(undefined, { name: 'closed', why: 'engineLost' })
  await page.phase('connecting', ({ media }) => media === 'wanted')
  release()
  assert.equal(await answered, 'engineDown')
  const rings = await other.phase('ringing')
  assert.deepEqual([rings.media, rings.rejoinBy], ['none', undefined])
  // What would hang up for a lost page does so in this time.
  await new Promise((resolve) => setTimeout(resolve, 600))
  assert.deepEqual(await world.lines(), [])
  await other.do({ type: 'answer', callId, offer: OFFER })
  await other.phase('connected', ({ media }) => media === 'connected')
  assert.deepEqual(await world.lines(), ['updated call established'])
})

test('a page that takes a call over while another one answers it has it', async (t) => {
  const { world, sound, page, other, callId, release, answered } = await answering(t)
  await other.phase('connecting')
  const taken = other.do({ type: 'rejoin', callId, offer: OFFER })
  await other.phase('connecting', ({ here }) => here)
  release()
  await Promise.all([answered, taken])
  await other.phase('connected', ({ here, media }) => here && media === 'connected')
  await page.phase('connected', ({ here }) => !here)
  assert.equal(sound.legs.size, 1)
  assert.deepEqual(await world.lines(), ['updated call established'])
})

test('keys of somebody who has put the call on hold are heard by nobody', async (t) => {
  const { world } = await setUp(t)
  const page = await openPage(t, world, 'ada')
  const call = await create(world, [user('ada')])
  const { callId } = await page.phase('ringing')
  await page.do({ type: 'answer', callId, offer: OFFER })
  await page.phase('connected')
  const { status } = await world.client('alpha').post(`${CALLS}/${call.id}/subscribeToTone`, {})
  assert.equal(status, 200)
  await world.take()
  await page.do({ type: 'hold', callId, held: true })
  await page.do({ type: 'tone', callId, tone: 'tone1' })
  assert.deepEqual(await world.lines(), [])
  await page.do({ type: 'hold', callId, held: false })
  await page.do({ type: 'tone', callId, tone: 'tone2' })
  const [told, ...more] = await world.take()
  assert.deepEqual([told?.resourceData.toneInfo?.tone, more], ['tone2', []])
})

test('whoever is not in yet, or not any more, does not see who is', async (t) => {
  const { world, sound } = await setUp(t)
  const meeting = await makeMeeting(world, { subject: 'Weekly' })
  const fay = await openPage(t, world, 'fay')
  const { callId = '' } = await fay.do({ type: 'join', meeting: meeting.joinWebUrl, offer: OFFER })
  await fay.phase('connected')
  const guest = await openGuest(t, world, { displayName: 'Gus' })
  sound.connects = false
  await guest.do({ type: 'join', meeting: meeting.joinWebUrl, offer: OFFER })
  assert.deepEqual((await guest.phase('connecting', ({ media }) => media === 'connecting')).roster, [])
  sound.tell(undefined, { name: 'connected' })
  const { participantId = '' } = await guest.phase('lobby')
  await fay.do({ type: 'turnAway', callId, participantId })
  assert.deepEqual((await guest.phase('ended')).roster, [])
  const rosters = guest.received.flatMap((one) => (one.type === 'state' ? one.calls.map(({ roster }) => roster) : []))
  const names = new Set(rosters.flat().map(({ displayName }) => displayName))
  assert.deepEqual([...names], ['Gus'])
})

test('whoever waits in the lobby is not told who speaks inside', async (t) => {
  const { world, sound } = await setUp(t)
  const meeting = await makeMeeting(world, { subject: 'Weekly' })
  const fay = await openPage(t, world, 'fay')
  const joined = await fay.do({ type: 'join', meeting: meeting.joinWebUrl, offer: OFFER })
  const { participantId: speaker = '' } = await fay.phase('connected')
  const guest = await openGuest(t, world, { displayName: 'Gus' })
  await guest.do({ type: 'join', meeting: meeting.joinWebUrl, offer: OFFER })
  await guest.phase('lobby')
  const [leg] = sound.legs.values()
  sound.speak(leg?.place?.conversationId ?? '', speaker, -20)
  const levels = await fay.until('levels', () => fay.received.find((one) => one.type === 'levels'))
  assert.deepEqual(Object.keys(levels.speakers), [speaker])
  await fay.do({ type: 'admit', callId: joined.callId ?? '' })
  await guest.phase('connected')
  assert.deepEqual(
    guest.received.filter(({ type }) => type === 'levels'),
    [],
  )
})
