/** Meetings by their link, at pages: organizers, attendees, guests in the lobby. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Config } from '../../src/config.ts'
import type { AnyJson } from '../support/any-json.ts'
import { OFFER, openGuest, openPage } from '../support/page.ts'
import { SilentEngine } from '../support/silent-engine.ts'
import { startWorld } from '../support/world.ts'
import type { World } from '../support/world.ts'
import { MEETING_ROLES, makeMeeting } from './meeting-steps.ts'

async function setUp(
  t: TestContext,
  config: Partial<Config> = {},
): Promise<{ world: World; sound: SilentEngine; meeting: AnyJson }> {
  const sound = new SilentEngine()
  const world = await startWorld(t, config, { alpha: { roles: MEETING_ROLES } }, {}, undefined, sound)
  return { sound, world, meeting: await makeMeeting(world, { subject: 'Weekly' }) }
}

test('the organizer joins by link, a guest waits in the lobby and is let in', async (t) => {
  const { world, meeting } = await setUp(t)
  const fay = await openPage(t, world, 'fay')
  const { callId = '' } = await fay.do({ type: 'join', meeting: meeting.joinWebUrl, offer: OFFER })
  const inside = await fay.phase('connected')
  assert.deepEqual(
    [inside.callId, inside.kind, inside.subject, inside.role, inside.mayAdmit],
    [callId, 'meeting', 'Weekly', 'organizer', true],
  )
  const guest = await openGuest(t, world, { displayName: 'Gus' })
  assert.deepEqual([guest.welcome?.person.kind, guest.welcome?.person.displayName], ['guest', 'Gus'])
  await guest.do({ type: 'join', meeting: meeting.joinWebUrl, offer: OFFER })
  const waiting = await guest.phase('lobby')
  assert.deepEqual([waiting.roster.length, waiting.mayAdmit], [1, false])
  const seen = await fay.phase('connected', ({ roster }) => roster.some(({ inLobby }) => inLobby))
  const row = seen.roster.find(({ inLobby }) => inLobby)
  assert.deepEqual([row?.displayName, row?.kind], ['Gus', 'guest'])
  const own = { type: 'admit', callId: waiting.callId } as const
  assert.equal(await guest.refused(own), 'notAllowed')
  await fay.do({ type: 'admit', callId, participantId: row?.participantId ?? '' })
  assert.equal((await guest.phase('connected')).roster.length, 2)

  const second = await openGuest(t, world, { displayName: 'Gus' })
  await second.do({ type: 'join', meeting: meeting.joinMeetingId ?? meeting.joinWebUrl, offer: OFFER })
  const { participantId = '' } = await second.phase('lobby')
  await fay.do({ type: 'turnAway', callId, participantId })
  assert.equal((await second.phase('ended')).end?.cause, 'notAdmitted')
  await fay.do({ type: 'hangUp', callId })
})

test('a guest is known again after a reload, and by nothing else', async (t) => {
  const { world, meeting } = await setUp(t)
  const guest = await openGuest(t, world, { displayName: 'Gus' }, 'guests-page')
  const { callId } = await guest.do({ type: 'join', meeting: meeting.joinWebUrl, offer: OFFER })
  await guest.phase('lobby')
  await guest.leave()
  const { resume } = guest.welcome ?? {}
  assert.ok(resume !== undefined)
  const again = await openGuest(t, world, { resume }, 'guests-page')
  assert.equal(again.welcome?.person.id, guest.welcome?.person.id)
  assert.equal((await again.phase('lobby')).callId, callId)
  const stranger = await openGuest(t, world, { resume: `${resume}x`, displayName: 'Eve' }, 'guests-page')
  assert.notEqual(stranger.welcome?.person.id, guest.welcome?.person.id)
  const nobody = await openGuest(t, world, { resume: 'nothing' })
  assert.equal(nobody.farewell?.code, 'signIn')
})

test('guests do nothing but come into meetings that exist', async (t) => {
  const { world } = await setUp(t)
  const guest = await openGuest(t, world, { displayName: 'Gus' })
  assert.equal(await guest.refused({ type: 'call', target: 'ada@contoso.example', offer: OFFER }), 'notAllowed')
  assert.equal(await guest.refused({ type: 'find', text: '' }), 'notAllowed')
  assert.equal(await guest.refused({ type: 'join', meeting: 'https://example.com/', offer: OFFER }), 'itemNotFound')
  const context = encodeURIComponent('{"Tid":"11111111-0000-4000-8000-000000000001","Oid":"x"}')
  const made = `https://teams.microsoft.com/l/meetup-join/19%3ameeting_made-up%40thread.v2/0?context=${context}`
  assert.equal(await guest.refused({ type: 'join', meeting: made, offer: OFFER }), 'meetingNotFound')
})

test('a locked meeting takes nobody, and a passcode is asked for', async (t) => {
  const { world, meeting, sound } = await setUp(t)
  const locked = await world.control('PATCH', `/meetings/${meeting.id}`, { locked: true })
  assert.equal(locked.status, 200)
  const ada = await openPage(t, world, 'ada')
  assert.equal(await ada.refused({ type: 'join', meeting: meeting.joinWebUrl, offer: OFFER }), '8560')
  assert.deepEqual([ada.calls, sound.legs.size], [[], 0])
})

test('whoever joins and has no sound is not in, and hears why', async (t) => {
  const { world, meeting, sound } = await setUp(t)
  sound.connects = false
  const ada = await openPage(t, world, 'ada')
  await ada.do({ type: 'join', meeting: meeting.joinWebUrl, offer: OFFER })
  await ada.phase('connecting')
  sound.tell(undefined, { name: 'closed', why: 'neverConnected' })
  assert.equal((await ada.phase('ended')).end?.cause, 'mediaFailed')
  const { body } = await world.control('GET', '/calls')
  assert.deepEqual(body.value, [])
})

test('whoever is there already is told so when they come a second time', async (t) => {
  const { world, meeting } = await setUp(t)
  const ada = await openPage(t, world, 'ada')
  await ada.do({ type: 'join', meeting: meeting.joinWebUrl, offer: OFFER })
  const { callId } = await ada.phase('connected')
  await ada.do({ type: 'join', meeting: meeting.joinWebUrl, offer: OFFER })
  assert.match((await ada.phase('ended')).end?.explanation ?? '', /already/)
  await ada.phase('connected')
  await ada.do({ type: 'hangUp', callId })
})

test('guests are taken only where they may be, and nobody is in more calls than phoneCalls', async (t) => {
  const { world, meeting } = await setUp(t, { phoneGuests: false, phoneCalls: 1 })
  const guest = await openGuest(t, world, { displayName: 'Gus' })
  assert.equal(guest.farewell?.code, 'signIn')
  const ada = await openPage(t, world, 'ada')
  await ada.do({ type: 'join', meeting: meeting.joinWebUrl, offer: OFFER })
  const { callId } = await ada.phase('connected')
  assert.equal(await ada.refused({ type: 'join', meeting: meeting.joinWebUrl, offer: OFFER }), 'tooManyCalls')
  await ada.do({ type: 'hangUp', callId })
})
