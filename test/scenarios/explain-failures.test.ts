/** Failures of every kind, and the one sentence that `GET /control/explain/{id}` has for each, with who or what decided. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import type { Reply, World } from '../support/world.ts'
import { ALL_ROLES, APPS, USERS, application, callBody, startWorld, user } from '../support/world.ts'
import { act, mediaPrompt, promptOf } from './media-steps.ts'
import { MEETINGS_OF_FAY, byOrganizer } from './meeting-steps.ts'
import type { Json } from './wire.ts'
import { CALLS, create, groupCall, invite, peerToPeer, ring } from './steps.ts'

const roles = [...ALL_ROLES, 'OnlineMeetings.ReadWrite.All', 'CallRecords.Read.All']
const requestOf = ({ headers }: Reply): string => headers.get('request-id') ?? ''

/** Plays a story, and compares what is said of each id: the sentence, and after an arrow what decided, if something did. */
function story(
  name: string,
  play: (world: World, say: (id: string) => Promise<void>, t: TestContext) => Promise<void>,
  expected: readonly string[],
  tenant: Json = {},
): void {
  test(name, async (t) => {
    const world = await startWorld(t, { clockStart: 0, profile: 'open' }, { alpha: { roles } }, tenant)
    const said: string[] = []
    await play(
      world,
      async (id) => {
        const { status, body } = await world.control('GET', `/explain/${id}`)
        assert.equal(status, 200, JSON.stringify(body))
        said.push(lineOf(body))
      },
      t,
    )
    for (const app of ['alpha', 'beta'] as const) await world.take(app)
    assert.deepEqual(said, expected)
  })
}

function lineOf({ sentence, causes }: AnyJson): string {
  const decider = causes.findLast((one: AnyJson) => one.rule !== undefined && one.code === undefined)?.what
  return `${sentence}${decider === undefined ? '' : ` <- ${decider}`}`
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '{id}')
    .replaceAll(/127\.0\.0\.1:\d+/g, '{host}')
    .replaceAll('1970-01-01T00:', '')
    .replaceAll('.000Z', '')
    .replace(/meetings\/\w+\//, 'meetings/{id}/')
}

story(
  'requests that were refused',
  async (world, say) => {
    const alpha = world.client('alpha')
    const body = callBody(world, 'alpha', [user('ada')])
    const call = await peerToPeer(world)
    const { targets: _, ...joining } = body
    const meetingInfo = { '@odata.type': '#microsoft.graph.joinMeetingIdMeetingInfo', joinMeetingId: '123' }
    const subscription = { changeType: 'created', resource: '/communications/callRecords' }
    const until = { notificationUrl: 'http://127.0.0.1:1/x', expirationDateTime: '1970-01-01T01:00:00Z' }
    for (const reply of [
      await alpha.post(CALLS, { ...body, targets: [] }),
      await alpha.post(CALLS, { ...body, callbackUri: 'ftp://bot' }),
      await alpha.post(CALLS, { ...body, source: { identity: { application: { id: APPS.beta } } } }),
      await world.client('mute').post(CALLS, body),
      await world.client('beta').get(`${CALLS}/${call.id}`),
      await invite(world, call, [user('ben'), user('cleo')]),
      await act(world, call, 'mute'),
      await act(world, call, 'raiseHand'),
      await world.request('GET', `/v1.0${CALLS}/${call.id}`),
      await alpha.get('/nonsense'),
      await alpha.post(CALLS, { ...joining, meetingInfo }),
      await alpha.post('/subscriptions', { ...subscription, ...until }),
    ]) {
      await say(requestOf(reply))
    }
  },
  [
    'POST /v1.0/communications/calls was refused with 400/8523, because an argument is wrong: targets or meetingInfo is required: whom to call, or which meeting to join.',
    'POST /v1.0/communications/calls was refused with 400/8523, because an argument is wrong: callbackUri must be an absolute https URL.',
    "POST /v1.0/communications/calls was refused with 403/7507, because the caller is not who the token is for: source.identity must be the token's application {id} or one of its application instances.",
    'POST /v1.0/communications/calls was refused with 403/7504, because a permission is missing: Creating a peer-to-peer call needs the application permission Calls.Initiate.All; grant it in the directory (roles) and get a new token.',
    'GET /v1.0/communications/calls/{id} was refused with 404/8522, because the call was not found, or has ended: No call with this id belongs to the application in the token.',
    'POST /v1.0/communications/calls/{id}/participants/invite was refused with 400/8548, because the call is not a group call: Only one participant at a time can be invited into a peer-to-peer call; that makes it a group call.',
    'POST /v1.0/communications/calls/{id}/mute was refused with 400/8548, because the call is not a group call: This is a peer-to-peer call, and the action needs a group call or meeting: there is a roster to act on.',
    'POST /v1.0/communications/calls/{id}/raiseHand was refused with 501/notImplemented, because this version of Rollcall does not do it: raiseHand is refused: its name is published, its parameters are not; docs/reference/coverage.md says what is there.',
    'GET /v1.0/communications/calls/{id} was refused with 401/InvalidAuthenticationToken, because the access token is missing, expired or not valid here: The request has no access token; get a new one from this server: POST /{tenant}/oauth2/v2.0/token.',
    'GET /v1.0/nonsense was refused with 404/itemNotFound, because there is nothing at this address: No operation is published at GET /v1.0/nonsense; check the path and the version in it.',
    'POST /v1.0/communications/calls was refused with 400/8561, because the id of the meeting, or its passcode, is wrong: No meeting has the id 123 with this passcode; both stand in joinMeetingIdSettings of the meeting.',
    'POST /v1.0/subscriptions was refused with 400/ValidationError, because the subscription cannot be made: The webhook http://{host}/x did not take its validation: nothing listens at that address (ECONNREFUSED).',
  ],
)

story(
  'invitees and operations',
  async (world, say) => {
    const { call } = await groupCall(world)
    for (const [who, script] of [
      ['cleo', { decline: {} }],
      ['dov', { busy: {} }],
    ] as const)
      await world.script(who, script)
    const tell = async (reply: Reply): Promise<void> => {
      await world.take()
      await say(reply.body.id)
      await say(reply.body.participants[0].id)
    }
    const participants = [user('fay'), user('cleo')]
    const all = { participants, 'rollcall.mode': 'all' }
    await tell(await invite(world, call, [user('cleo'), user('dov'), user('eva')]))
    await tell(await invite(world, call, participants, all))
    await tell(await invite(world, call, [{ ...user('fay'), replacesCallId: USERS.ada }]))
    await tell(await invite(world, call, [{ ...user('dov'), 'rollcall.fallbacks': [user('cleo')] }]))
    const late = await invite(world, call, [application('beta')])
    await world.advance('15s')
    await world.take('beta')
    await tell(late)
  },
  [
    'The operation (inviteParticipants) failed at 00:00: the user declined (603/8538); the user is busy (486/8539). <- The script of dov says so.',
    'At 00:00 cleo did not join, because the user declined (603/8538). <- The script of cleo says so.',
    'The operation (inviteParticipants) failed at 00:00: the user declined (603/8538); they were invited with others for all or nobody, and another one did not come (487/8542). <- The script of cleo says so.',
    'At 00:00 fay is out of the call, because they were invited with others for all or nobody, and another one did not come (487/8542). <- The script of cleo says so.',
    'The operation (inviteParticipants) failed at 00:00: the call to be replaced was not found (404/10202). <- Decided by the directory and the rules of calls, before anybody was rung.',
    'At 00:00 fay did not join, because the call to be replaced was not found (404/10202). <- Decided by the directory and the rules of calls, before anybody was rung.',
    'The operation (inviteParticipants) failed at 00:00: the user is busy (486/8539); the user declined (603/8538). <- The script of cleo says so.',
    'At 00:00 cleo did not join, because the user declined (603/8538). <- The script of cleo says so.',
    'The operation (inviteParticipants) failed at 00:15: the application did not answer the incoming call in time (408/8587). <- A deadline had come: option answerTimeout.',
    'At 00:15 Beta did not join, because the application did not answer the incoming call in time (408/8587). <- A deadline had come: option answerTimeout.',
  ],
)

story(
  'media, and who hangs up',
  async (world, say, t) => {
    await world.script('ada', { answer: { after: '0s', leaveAfter: '60s' } })
    const call = await peerToPeer(world)
    const uri = await promptOf(t, 5)
    const play = async (address: string): Promise<string> =>
      (await act(world, call, 'playPrompt', { prompts: [mediaPrompt(address)] })).body.id
    const missing = await play(uri.replace('prompt', 'nothing'))
    await world.settle()
    await say(missing)
    const silent = await act(world, call, 'recordResponse', { initialSilenceTimeoutInSeconds: 2 })
    await world.advance('10s')
    await say(silent.body.id)
    const [first, second] = [await play(uri), await play(uri)]
    await say(second)
    await act(world, call, 'cancelMediaProcessing')
    await say(first)
    await say(second)
    await world.advance('60s')
    await say(call.id)
  },
  [
    'The operation (playPrompt) failed at 00:00: the prompt http://{host}/nothing.wav cannot be fetched: the answer was 404 (400/8536).',
    'The operation (record) failed at 00:02.500Z: nobody said anything (400/8510).',
    'The operation (playPrompt) waits for its turn since 00:10.',
    'The operation (playPrompt) failed at 00:10: the operation was cancelled (400/8508). <- Decided by a request: POST /v1.0/communications/calls/{id}/cancelMediaProcessing by application {id}.',
    'The operation (playPrompt) failed at 00:10: the operation was cancelled (400/8508). <- Decided by a request: POST /v1.0/communications/calls/{id}/cancelMediaProcessing by application {id}.',
    'The call ended at 01:00, because the other side of the peer-to-peer call ended it (200/4521). <- The script of ada says so.',
  ],
)

story(
  'redirects and transfers',
  async (world, say) => {
    await world.script('cleo', { busy: {} })
    await world.script('dov', { ignore: {} })
    const call = await peerToPeer(world)
    await act(world, call, 'transfer', { transferTarget: user('cleo') })
    await world.settle()
    await say(call.id)
    await act(world, call, 'transfer', { transferTarget: user('ben') })
    await world.take()
    await say(call.id)
    const late = await ring(world, USERS.fay, APPS.alpha)
    await act(world, late.call, 'redirect', { targets: [user('dov')], timeout: 15 })
    await world.advance('20s')
    await world.take()
    await say(late.call.id)
    await say(late.callerId)
    const taken = await ring(world, USERS.eva, APPS.alpha)
    await act(world, taken.call, 'redirect', { targets: [user('ada')] })
    await world.take()
    await say(taken.call.id)
    const group = await groupCall(world, ['fay', 'eva'])
    const transferee = { participantId: group.rows[0]?.id }
    await act(world, group.call, 'transfer', { transferTarget: user('cleo'), transferee })
    await world.take()
    await say(group.call.id)
  },
  [
    'The call is established since 00:00; the transfer failed, because its target did not join: the user is busy (500/7000); it ends at 45:00 unless it is kept alive. <- The script of cleo says so.',
    'The call ended at 00:00, because the transfer was completed (200/7015). <- The script of ben says so.',
    'The call ended at 00:15, because the user did not answer in time (487/10004). <- A deadline had come: timeout of the redirect.',
    'At 00:15 fay is out of the call, because the user did not answer in time (487/10004). <- A deadline had come: timeout of the redirect.',
    'The call ended at 00:20, because the application redirected the call, and somebody else took it (200/0). <- Whoever it was redirected to took the call.',
    'The call is established since 00:20; the transfer failed, because its target did not join: the user is busy (500/7000); it ends at 45:20 unless it is kept alive.',
  ],
)

story(
  'recorders',
  async (world, say) => {
    const call = await create(world, [user('ada')])
    const [announced] = await world.take('beta')
    const recorder = announced?.resourceData.id
    await say(call.id)
    await say(recorder)
    await world.client('beta').post(`${CALLS}/${recorder}/reject`, { reason: 'busy' })
    await world.take()
    await say(recorder)
    await say(call.id)
    await world.script('ada', { answer: { after: '0s', leaveAfter: '2s' } })
    const second = await create(world, [user('ada')])
    await world.advance('3s')
    await say(second.id)
  },
  [
    'The call is establishing since 00:00: ada: it is there since 00:00, and waits for the application that has to record it.',
    'The call waits since 00:00 for the application to answer it, until 00:05.',
    'The call ended at 00:00, because the application rejected the call as busy (486/8539). <- Decided by a request: POST /v1.0/communications/calls/{id}/reject by application {id}.',
    'The call ended at 00:00, because the application that has to record them refused (603/8538). <- Decided by a request: POST /v1.0/communications/calls/{id}/reject by application {id}.',
    'The call ended at 00:02, because the other side of the peer-to-peer call ended it (200/4521). <- The script of ada says so.',
  ],
  { recordingPolicies: [{ name: 'Broking', users: ['ada@contoso.example'], applications: [{ appId: APPS.beta }] }] },
)

story(
  'a meeting and its lobby',
  async (world, say) => {
    const alpha = world.client('alpha')
    const meeting = (await alpha.post(MEETINGS_OF_FAY, {})).body
    await world.control('POST', '/meetings/join', { meeting: meeting.id, user: 'fay@contoso.example' })
    const { targets: _, ...body } = callBody(world, 'alpha', [])
    const source = { identity: { guest: { id: 'visitor', displayName: 'The visitor' } } }
    const guest = (await alpha.post(CALLS, { ...body, ...byOrganizer(meeting), source })).body
    await world.take()
    await say(guest.id)
    await say(guest.myParticipantId)
    await world.advance('31m')
    await say(guest.id)
    const second = (await alpha.post(CALLS, { ...body, ...byOrganizer(meeting) })).body
    await world.take()
    await world.control('POST', `/meetings/${meeting.id}/end`)
    await say(second.id)
  },
  [
    'The call is established since 00:00, and waits in the lobby until 30:00; it ends at 45:00 unless it is kept alive.',
    'The visitor waits in the lobby since 00:00, until 30:00.',
    'The call ended at 30:00, because nobody admitted them from the lobby in time (200/5855). <- A deadline had come: option lobbyTimeout.',
    'The call ended at 31:00, because the organizer ended it for everybody (200/5001). <- Decided by a request: POST /control/meetings/{id}/end.',
  ],
)
