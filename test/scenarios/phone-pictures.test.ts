/** Cameras and screens of people at pages: what applications hear of them, and who sees whom. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Config } from '../../src/config.ts'
import type { Views } from '../../src/media/engine.ts'
import type { AnyJson } from '../support/any-json.ts'
import type { Page } from '../support/page.ts'
import { OFFER, openGuest, openPage } from '../support/page.ts'
import { SilentEngine } from '../support/silent-engine.ts'
import { USERS, startWorld, user } from '../support/world.ts'
import type { UserName, World } from '../support/world.ts'
import { MEETING_ROLES, makeMeeting } from './meeting-steps.ts'
import { CALLS, create } from './steps.ts'
import * as wire from './wire.ts'

interface Scene {
  readonly world: World
  readonly sound: SilentEngine
}

async function setUp(t: TestContext, config: Partial<Config> = {}): Promise<Scene> {
  const sound = new SilentEngine()
  const world = await startWorld(t, config, { alpha: { roles: MEETING_ROLES } }, {}, undefined, sound)
  return { sound, world }
}

/** Somebody at a page, in a call. */
interface Here {
  readonly page: Page
  readonly callId: string
  readonly id: string
}

async function answer(page: Page): Promise<Here> {
  const { callId } = await page.phase('ringing')
  await page.do({ type: 'answer', callId, offer: OFFER })
  const { participantId = '' } = await page.phase('connected')
  return { page, callId, id: participantId }
}

/** Ada, ben and cleo at their pages in a group call of alpha's; its notifications are taken. */
async function groupAtPages(
  t: TestContext,
  { world }: Scene,
): Promise<{ call: wire.Known; people: readonly Here[]; rows: readonly wire.Row[] }> {
  const names: readonly UserName[] = ['ada', 'ben', 'cleo']
  const pages = await Promise.all(names.map((name) => openPage(t, world, name)))
  const call = await create(world, names.map(user))
  const people: Here[] = []
  for (const page of pages) people.push(await answer(page))
  await Promise.all(pages.map((page) => page.phase('connected', ({ roster }) => roster.length === 4)))
  await world.take()
  const [ada, ben, cleo] = people.map(({ id }, index) => ({
    id,
    identity: wire.person(names[index]!),
    sourceId: [1, 3, 4][index]!,
  }))
  return { call, people, rows: [ada!, wire.self(call, 2), ben!, cleo!] }
}

/** Whom the engine was told that somebody sees. */
function views(sound: SilentEngine, { id }: Here): Views | undefined {
  return [...sound.legs.values()].find(({ place }) => place?.speaker === id)?.views
}

const NOBODY: Views = { cameras: [], screen: undefined }

test('cameras and screens are on the roster, and seen by whoever watches them', async (t) => {
  const scene = await setUp(t)
  const { world, sound } = scene
  const { call, people, rows } = await groupAtPages(t, scene)
  const [ada, ben, cleo] = people
  const [first, own, second, third] = rows
  assert.ok(ada && ben && cleo && first && own && second && third)
  assert.deepEqual(ada.page.welcome?.video, { slots: 9, cameraBitrate: 1_500_000, screenBitrate: 2_500_000 })
  const cameras = [ben.id, null, ada.id, ada.id, cleo.id, 'nobody']
  await cleo.page.do({ type: 'watch', callId: cleo.callId, cameras, screen: true })
  assert.deepEqual(await world.take(), [])
  assert.equal(views(sound, cleo), undefined, 'nobody shows anything')

  await ada.page.do({ type: 'camera', callId: ada.callId, on: true })
  assert.deepEqual(await world.take(), [wire.roster(call, [{ ...first, camera: 5 }, own, second, third])])
  await cleo.page.phase('connected', ({ roster }) => roster.some(({ camera, me }) => camera && !me))
  const none = undefined
  assert.deepEqual(views(sound, cleo), { cameras: [none, none, ada.id, none, none, none], screen: none })
  assert.equal(views(sound, ben), undefined, 'who watches nobody')

  await ben.page.do({ type: 'camera', callId: ben.callId, on: true })
  await ben.page.do({ type: 'share', callId: ben.callId, sharing: true })
  const showing = { ...second, camera: 6, screen: 7 }
  assert.deepEqual(await world.take(), [
    wire.roster(call, [{ ...first, camera: 5 }, own, { ...second, camera: 6 }, third]),
    wire.roster(call, [{ ...first, camera: 5 }, own, showing, third]),
  ])
  assert.deepEqual(views(sound, cleo), { cameras: [ben.id, none, ada.id, none, none, none], screen: ben.id })

  // Whoever presents takes over; whoever has put the call on hold neither sees nor is seen.
  await cleo.page.do({ type: 'share', callId: cleo.callId, sharing: true })
  assert.equal(views(sound, cleo)?.screen, none)
  await world.take()
  await ben.page.do({ type: 'hold', callId: ben.callId, held: true })
  const [held] = await world.take()
  const streams = held?.resourceData.find(({ id }: AnyJson) => id === ben.id).mediaStreams
  assert.deepEqual(
    streams.map(({ mediaType, direction }: AnyJson) => [mediaType, direction]),
    [
      ['audio', 'inactive'],
      ['video', 'inactive'],
    ],
  )
  assert.deepEqual(views(sound, cleo)?.cameras, [none, none, ada.id, none, none, none])
  await cleo.page.do({ type: 'hold', callId: cleo.callId, held: true })
  assert.deepEqual(views(sound, cleo), NOBODY)
  await cleo.page.do({ type: 'hold', callId: cleo.callId, held: false })
  assert.deepEqual(views(sound, cleo)?.cameras, [none, none, ada.id, none, none, none])
  await ada.page.do({ type: 'hangUp', callId: ada.callId })
  await cleo.page.phase('connected', ({ roster }) => roster.length === 3)
  assert.deepEqual(views(sound, cleo)?.cameras, [none, none, none, none, none, none])
  await world.take()
})

test('hold music leaves nothing to see', async (t) => {
  const scene = await setUp(t)
  const { world, sound } = scene
  const { call, people } = await groupAtPages(t, scene)
  const [ada, ben] = people
  assert.ok(ada && ben)
  for (const { page, callId } of [ada, ben]) await page.do({ type: 'camera', callId, on: true })
  await ada.page.do({ type: 'watch', callId: ada.callId, cameras: [ben.id], screen: false })
  await ben.page.do({ type: 'watch', callId: ben.callId, cameras: [ada.id], screen: false })
  assert.deepEqual([views(sound, ada)?.cameras, views(sound, ben)?.cameras], [[ben.id], [ada.id]])
  const path = `${CALLS}/${call.id}/participants/${ada.id}`
  assert.equal((await world.client('alpha').post(`${path}/startHoldMusic`, {})).status, 202)
  await ada.page.phase('connected', ({ heldByOthers }) => heldByOthers)
  assert.deepEqual([views(sound, ada), views(sound, ben)], [NOBODY, { cameras: [undefined], screen: undefined }])
  assert.equal((await world.client('alpha').post(`${path}/stopHoldMusic`, {})).status, 202)
  await ada.page.phase('connected', ({ heldByOthers }) => !heldByOthers)
  assert.deepEqual([views(sound, ada)?.cameras, views(sound, ben)?.cameras], [[ben.id], [ada.id]])
  await world.take()
})

test('in the lobby nobody sees or is seen; attendees show what the meeting lets them', async (t) => {
  const { world, sound } = await setUp(t)
  const meeting = await makeMeeting(world, { allowedPresenters: 'organizer', allowAttendeeToEnableCamera: false })
  const fay = await openPage(t, world, 'fay')
  await fay.do({ type: 'join', meeting: meeting.joinWebUrl, offer: OFFER })
  const { callId, participantId = '', mayShare, mayShowCamera } = await fay.phase('connected')
  assert.deepEqual([mayShare, mayShowCamera], [true, true])
  await fay.do({ type: 'camera', callId, on: true })
  const guest = await openGuest(t, world, { displayName: 'Gus' })
  await guest.do({ type: 'join', meeting: meeting.joinWebUrl, offer: OFFER })
  const waiting = await guest.phase('lobby')
  const own = waiting.participantId ?? ''
  assert.deepEqual([waiting.mayShare, waiting.mayShowCamera], [false, false])
  await guest.do({ type: 'watch', callId: waiting.callId, cameras: [participantId], screen: true })
  assert.equal(views(sound, { page: guest, callId: '', id: own }), undefined)
  assert.equal(await guest.refused({ type: 'camera', callId: waiting.callId, on: true }), '8558')
  await fay.do({ type: 'admit', callId, participantId: own })
  const inside = await guest.phase('connected')
  assert.deepEqual([inside.role, inside.mayShare, inside.mayShowCamera], ['attendee', false, false])
  assert.deepEqual(views(sound, { page: guest, callId: '', id: own }), { cameras: [participantId], screen: undefined })
  assert.equal(await guest.refused({ type: 'camera', callId: waiting.callId, on: true }), '8523')
  assert.equal(await guest.refused({ type: 'share', callId: waiting.callId, sharing: true }), '8523')
  assert.equal(
    guest.calls[0]?.roster.some(({ me, camera, sharing }) => me && (camera || sharing)),
    false,
  )
})

test('whoever comes back sees and is seen as before; another page says anew whom it watches', async (t) => {
  const scene = await setUp(t)
  const { world, sound } = scene
  const { people } = await groupAtPages(t, scene)
  const [ada, ben] = people
  assert.ok(ada && ben)
  for (const { page, callId } of [ada, ben]) await page.do({ type: 'camera', callId, on: true })
  await ada.page.do({ type: 'watch', callId: ada.callId, cameras: [ben.id], screen: false })
  await world.take()
  // The engine breaks down: the page offers anew.
  sound.tell([...sound.legs.values()].find(({ place }) => place?.speaker === ada.id)?.id, {
    name: 'closed',
    why: 'engineLost',
  })
  await ada.page.phase('connected', ({ media }) => media === 'wanted')
  await ada.page.do({ type: 'rejoin', callId: ada.callId, offer: OFFER })
  assert.deepEqual(views(sound, ada), { cameras: [ben.id], screen: undefined })
  const other = await openPage(t, world, 'ada')
  assert.equal(await other.refused({ type: 'watch', callId: ada.callId, cameras: [], screen: false }), 'elsewhere')
  await other.do({ type: 'rejoin', callId: ada.callId, offer: OFFER })
  assert.equal(views(sound, ada), undefined)
  await other.do({ type: 'watch', callId: ada.callId, cameras: [null, ben.id], screen: true })
  assert.deepEqual(views(sound, ada), { cameras: [undefined, ben.id], screen: undefined })
  assert.ok(
    other.calls[0]?.roster.every(
      ({ camera, kind, displayName }) => camera === (kind === 'user' && displayName !== 'cleo'),
    ),
  )
  assert.deepEqual(await world.take(), [], 'applications hear nothing of it')
})

test('after a restart of the server cameras are on the roster as they were, and pages say anew whom they watch', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'rollcall-pictures-'))
  t.after(() => rmSync(data, { recursive: true, force: true }))
  const port = 28_000 + (process.pid % 10_000)
  let [callId, ben] = ['', '']
  await t.test('before', async (first) => {
    const { world } = await setUp(first, { data, port })
    const page = await openPage(first, world, 'ada', 'adas-page')
    const call = await create(world, [user('ada'), user('ben')])
    const { callId: own } = await answer(page)
    callId = own
    const here = await page.phase('connected', ({ roster }) => roster.length === 3)
    ben = here.roster.find(({ displayName }) => displayName === 'ben')?.participantId ?? ''
    await page.do({ type: 'camera', callId, on: true })
    await world.control('POST', `/calls/${call.id}/participants/${ben}/showCamera`)
    await world.take()
  })
  await t.test('after', async (second) => {
    const { world, sound } = await setUp(second, { data, port })
    const page = await openPage(second, world, 'ada', 'adas-page')
    const call = await page.phase('connected')
    assert.deepEqual(call.roster.flatMap(({ camera, displayName }) => (camera ? [displayName] : [])).toSorted(), [
      'ada',
      'ben',
    ])
    await page.do({ type: 'rejoin', callId, offer: OFFER })
    await page.phase('connected', ({ media }) => media === 'connected')
    await page.do({ type: 'watch', callId, cameras: [ben], screen: true })
    assert.deepEqual(
      [...sound.legs.values()].map(({ views: seen }) => seen),
      [{ cameras: [ben], screen: undefined }],
    )
    await page.do({ type: 'hangUp', callId })
    await page.phase('ended')
  })
})

test('a camera goes along into another call', async (t) => {
  const { world, sound } = await setUp(t)
  const page = await openPage(t, world, 'ada')
  const first = await create(world, [user('ada')])
  const { callId, id } = await answer(page)
  await page.do({ type: 'camera', callId, on: true })
  assert.equal((await page.phase('connected', ({ roster }) => roster.some(({ camera }) => camera))).mayShare, true)
  const second = await create(world, [user('ben'), user('cleo')])
  await world.take()
  await world.client('alpha').post(`${CALLS}/${second.id}/participants/invite`, {
    participants: [
      {
        '@odata.type': '#microsoft.graph.invitationParticipantInfo',
        identity: user('ada').identity,
        replacesCallId: first.id,
      },
    ],
  })
  await world.settle()
  const moved = await page.phase(
    'connected',
    ({ kind, roster }) => kind === 'group' && roster.some(({ me, camera }) => me && camera),
  )
  assert.notEqual(moved.participantId, id)
  const ben = moved.roster.find(({ displayName }) => displayName === 'ben')?.participantId ?? ''
  await world.control('POST', `/calls/${second.id}/participants/${ben}/showCamera`)
  await page.do({ type: 'watch', callId, cameras: [ben], screen: false })
  assert.deepEqual(
    [...sound.legs.values()].map(({ views: seen }) => seen?.cameras),
    [[ben]],
  )
  await world.take()
})

test('two people in a call of their own see each other, and what one presents', async (t) => {
  const { world, sound } = await setUp(t)
  const [ada, ben] = [await openPage(t, world, 'ada'), await openPage(t, world, 'ben')]
  const { callId } = await ada.do({ type: 'call', target: USERS.ben, offer: OFFER })
  assert.ok(callId !== undefined)
  const other = await answer(ben)
  const { participantId: id = '' } = await ada.phase('connected')
  const own = { page: ada, callId, id }
  for (const { page, callId: name } of [own, other]) await page.do({ type: 'camera', callId: name, on: true })
  await ada.do({ type: 'watch', callId, cameras: [other.id], screen: true })
  await ben.do({ type: 'watch', callId: other.callId, cameras: [id], screen: true })
  await ben.do({ type: 'share', callId: other.callId, sharing: true })
  assert.deepEqual(views(sound, own), { cameras: [other.id], screen: other.id })
  assert.deepEqual(views(sound, other), { cameras: [id], screen: undefined })
  await ada.do({ type: 'share', callId, sharing: true })
  assert.deepEqual([views(sound, own)?.screen, views(sound, other)?.screen], [undefined, id])
  await ada.do({ type: 'hangUp', callId })
  await ben.phase('ended')
})

test('where pictures are not carried they are refused, and pages are not told of any', async (t) => {
  const scene = await setUp(t, { mediaVideo: false })
  const { people } = await groupAtPages(t, scene)
  const [{ page, callId } = assert.fail()] = people
  assert.equal(page.welcome && 'video' in page.welcome, false)
  assert.equal(page.calls[0]?.mayShowCamera, false)
  assert.equal(await page.refused({ type: 'camera', callId, on: true }), 'noVideo')
  assert.equal(await page.refused({ type: 'watch', callId, cameras: [], screen: true }), 'noVideo')
  await page.do({ type: 'share', callId, sharing: true })
  await scene.world.take()
})
