/**
 * Policy-based recording: applications come to record people because a policy says so. A recorder has a call of its own
 * in the conversation, hidden from everybody, or is asked within one that it has already. After each command
 * `attendRecordings` brings what is recorded in line with who is there, whatever the command was.
 */
import type { Call } from './call.ts'
import { isLive, sourceFor } from './call.ts'
import type { JoiningAnswered } from './commands.ts'
import { ownCalls, awaitsRecorder, requirementOf } from './conversation.ts'
import type { Draft } from './draft.ts'
import { addIncomingCall } from './invite.ts'
import { applicationJoins, letIn } from './fulfil.ts'
import { ownCallId } from './invitation.ts'
import { dropParty, endCall } from './leave.ts'
import { isInside } from './participant.ts'
import type { EndReason, ReasonName } from './reasons.ts'
import type { RecorderContext, Recording } from './recorder.ts'
import { awaitsOthers, mustWait } from './together.ts'

/** Does what is to be done until nothing is left: calls and asks recorders, lets go of them, lets people in or puts them out. */
export function attendRecordings(draft: Draft): void {
  const attendOne = (): boolean => draft.conversation.recordings.some((recording) => attend(draft, recording))
  while (attendOne() || admitOne(draft) || dismissOne(draft)) {
    // Each step may make another one necessary.
  }
}

/** One recorder and one person: whether there was something to do. */
function attend(draft: Draft, recording: Recording): boolean {
  const { state, participantId } = recording
  const person = draft.findParticipant(participantId)
  if (!person) {
    if (draft.findInvitation(participantId)) return false
    release(draft, recording)
    return true
  }
  if (state.name === 'due') {
    if (!isInside(person)) return false
    begin(draft, recording)
    return true
  }
  const call = draft.findCall(state.callId)
  if (!call || !isLive(call)) {
    fail(draft, recording, reasonOfEnd(call, state.name))
    return true
  }
  if (state.name === 'ringing' && call.state.name === 'established') {
    attach(draft, recording, call.id)
    return true
  }
  return false
}

/** Lets somebody in who waited for recorders, or for others of their invite, and need not any longer. */
function admitOne(draft: Draft): boolean {
  const { conversation } = draft
  const ready = conversation.participants.find(
    (one) =>
      isInside(one) &&
      one.state.name !== 'connected' &&
      !awaitsRecorder(conversation, one.id) &&
      !awaitsOthers(draft, one.id),
  )
  if (ready) letIn(draft, ready)
  return ready !== undefined || applicationJoinsOthers(draft)
}

/** The same for an application that has answered. */
function applicationJoinsOthers(draft: Draft): boolean {
  const ready = draft.conversation.invitations.find(
    (one) => one.state.name === 'waiting' && one.state.connected === true && !mustWait(draft, one),
  )
  const call = ready && draft.findCall(ownCallId(ready) ?? '')
  if (!ready || !call) return false
  applicationJoins(draft, call, ready)
  return true
}

/** Lets a recorder go that records nobody any more, and is not asked to. */
function dismissOne(draft: Draft): boolean {
  const idle = draft.conversation.calls.find(
    (call) => isLive(call) && call.recorder && recordingsOf(draft, call.id).length === 0,
  )
  if (idle) endCall(draft, idle, { name: 'recorded-left' })
  return idle !== undefined
}

/** Asks a recorder that is there already and has room, else calls the application. */
function begin(draft: Draft, recording: Recording): void {
  const call = recorderWithRoom(draft, recording)
  if (!call) return ring(draft, recording)
  const { participantId, duty } = recording
  const until = draft.now + draft.rules.recordingAnswerTimeout
  draft.moveRecording(recording, { name: 'asking', callId: call.id, until })
  draft.event({ type: 'RecorderAsked', callId: call.id, participantId, identity: duty.holder, policy: duty.policy })
  draft.notifyJoining(call, contextOf(draft, recording))
}

function recorderWithRoom(draft: Draft, { duty }: Recording): Call | undefined {
  return draft.conversation.calls.find((call) => {
    if (call.appId !== duty.leg.appId || call.recorder?.policy !== duty.policy) return false
    if (call.state.name !== 'established' || !call.manners.asksRecorders) return false
    return recordingsOf(draft, call.id).length < (call.participantCapacity ?? 1)
  })
}

function recordingsOf(draft: Draft, callId: string): readonly Recording[] {
  return draft.conversation.recordings.filter(({ state }) => 'callId' in state && state.callId === callId)
}

/** Gives the application an incoming call of its own; `inviteUri` is where it wants to hear of it. */
function ring(draft: Draft, recording: Recording, inviteUri?: string): void {
  const { participantId, duty } = recording
  const { recordingAnswerTimeout, setupTimeout } = draft.rules
  const { callId } = duty.leg
  const leg = inviteUri === undefined ? duty.leg : { ...duty.leg, callbackUri: inviteUri }
  const context = contextOf(draft, recording)
  draft.moveRecording(recording, { name: 'ringing', callId, until: draft.now + recordingAnswerTimeout + setupTimeout })
  addIncomingCall(draft, leg, sourceFor(context), duty.participantId, { recorder: context })
  draft.event({ type: 'RecorderCalled', callId, participantId, identity: duty.holder, policy: duty.policy })
}

function attach(draft: Draft, recording: Recording, callId: string): void {
  const { participantId, duty } = recording
  draft.moveRecording(recording, { name: 'attached', callId, since: draft.now })
  draft.event({ type: 'RecorderAttached', callId, participantId, identity: duty.holder, policy: duty.policy })
}

/** The person is gone: their recorder hears of it. */
function release(draft: Draft, recording: Recording): void {
  const { state } = recording
  draft.moveRecording(recording, 'over')
  if (state.name === 'due') return
  const call = draft.findCall(state.callId)
  if (!call || !isLive(call)) return
  if (state.name === 'attached') tellLeft(draft, call, recording.participantId)
  if (state.name === 'ringing') endCall(draft, call, { name: 'caller-cancelled' })
}

/** Only an application that said how many people it can record is told of each. */
function tellLeft(draft: Draft, call: Call, participantId: string): void {
  if (call.manners.asksRecorders && call.participantCapacity !== undefined) draft.notifyLeft(call, participantId)
}

/** A recorder does not come, or is gone: what the policy requires decides about the person. */
function fail(draft: Draft, recording: Recording, reason: EndReason): void {
  const { participantId, duty, state } = recording
  const { before, during } = requirementOf(draft.conversation, recording)
  draft.moveRecording(recording, 'over')
  const { holder: identity, policy } = duty
  draft.event({ type: 'RecorderFailed', participantId, identity, appId: duty.leg.appId, policy, reason })
  const person = draft.findParticipant(participantId)
  if (person && (state.name === 'attached' ? during : before)) dropParty(draft, person, reason)
}

const FAILURES: Partial<Record<ReasonName, ReasonName>> = {
  'rejected-by-bot': 'recorder-rejected',
  'busy-bot': 'recorder-rejected',
  'forbidden-by-bot': 'recorder-rejected',
  'answer-timeout': 'recorder-no-answer',
  'callback-unreachable': 'recorder-unreachable',
}

/** Why somebody has no recorder, from how its call ended. */
function reasonOfEnd(call: Call | undefined, state: Recording['state']['name']): EndReason {
  const ended = call?.state.name === 'terminated' ? call.state.reason : undefined
  const name = state === 'ringing' && ended ? FAILURES[ended.name] : undefined
  return { name: name ?? 'recorder-left', ...(name && ended?.detail !== undefined && { detail: ended.detail }) }
}

/** What a recorder answered. An acceptance that comes too late is taken back: the person is not recorded by it. */
export function joiningAnswered(draft: Draft, { callId, participantId, answer }: JoiningAnswered): void {
  const recording = draft.conversation.recordings.find(
    (one) => one.participantId === participantId && 'callId' in one.state && one.state.callId === callId,
  )
  if (!recording) {
    const call = draft.findCall(callId)
    if (answer.type === 'accept' && call && isLive(call)) tellLeft(draft, call, participantId)
    return
  }
  if (recording.state.name !== 'asking') return
  switch (answer.type) {
    case 'accept':
      return attach(draft, recording, callId)
    case 'reject':
      return fail(draft, recording, { name: 'recorder-rejected', ...detailOf(answer.reason) })
    case 'inviteNewBot':
      return ring(draft, recording, answer.inviteUri)
    case 'invalid':
      return fail(draft, recording, { name: 'recorder-bad-answer', detail: answer.detail })
  }
}

function detailOf(reason: 'none' | 'busy' | 'forbidden'): Pick<EndReason, 'detail'> {
  return reason === 'none' ? {} : { detail: `the application that has to record them refused: ${reason}` }
}

/** Recorders that did not come up, or did not answer, in time. */
export function wakeRecordings(draft: Draft): void {
  for (const recording of draft.conversation.recordings) {
    const { state } = recording
    if (!('until' in state) || state.until > draft.now) continue
    const call = draft.findCall(state.callId)
    if (state.name === 'asking') {
      const seconds = draft.rules.recordingAnswerTimeout / 1000
      const detail = `the application that has to record them did not answer within ${seconds} seconds`
      fail(draft, recording, { name: 'recorder-bad-answer', detail })
    } else if (call) endCall(draft, call, { name: 'callee-setup-timeout' })
  }
}

/** Whom a recorder is called or asked for, and what it is told about them. */
function contextOf({ conversation }: Draft, { participantId, duty, method }: Recording): RecorderContext {
  const isMultiParty = conversation.mode !== 'peerToPeer'
  const [call] = isMultiParty ? [] : ownCalls(conversation)
  return {
    policy: duty.policy,
    observed: { participantId, identity: duty.holder, method },
    ...(call && { otherSide: otherSideOf(call) }),
    others: conversation.recordings
      .filter((one) => one.participantId === participantId && one.duty !== duty)
      .map((one) => ({ identity: one.duty.leg.identity, participantId: one.duty.participantId })),
    isMultiParty,
  }
}

/** The application at the other end of a peer-to-peer call. */
function otherSideOf(call: Call): NonNullable<RecorderContext['otherSide']> {
  const { direction, source, targets, participantId } = call
  const [target = source] = targets
  const incoming = direction === 'incoming'
  const { identity } = incoming ? target : source
  return { participantId, identity, method: incoming ? 'Callee' : 'Caller' }
}
