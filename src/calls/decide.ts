/**
 * The one place where a conversation changes: what a command does to it, as a value. Pure and synchronous; it never waits,
 * never asks the time, and never throws for a caller's mistake.
 */
import { answer, incomingDelivery, keepAlive, reject } from './answer.ts'
import type { Command } from './commands.ts'
import type { Conversation } from './conversation.ts'
import { conversationOf, createCall, joinMeeting, meetingOf, personCalls } from './create.ts'
import { newConversation } from './create.ts'
import type { Decision, Rules } from './draft.ts'
import { Draft, Refusal } from './draft.ts'
import type { CallError } from './errors.ts'
import { invite } from './invite.ts'
import { holdParticipant, unholdParticipant } from './hold-music.ts'
import { callConnected, legAnswered, legConnected, legFailed, legLeft, legRinging, personJoins } from './join.ts'
import { hangUp, removeParticipant } from './leave.ts'
import { cancelMediaProcessing, keepMediaGoing, mediaEnded, processMedia } from './media-processing.ts'
import { admit, admitAll, turnAway } from './lobby.ts'
import { callRecordingEnded, recordConversation } from './call-recording.ts'
import { callMediaChanged, callMediaFailed } from './own-media.ts'
import { moveAsked, moveCancelled, moveDone, moveGranted, moveQueried, moveRefused } from './move.ts'
import { attendRecordings, joiningAnswered } from './recording.ts'
import { showRecordings, updateRecordingStatus } from './recording-status.ts'
import { mute, personHolds, personMutes } from './mute.ts'
import { configureMixer, forgetAbsentRoutes, routeAudio } from './routing.ts'
import { addLargeGalleryView, controlTranscription, serviceReady } from './service.ts'
import {
  changeScreenSharingRole,
  endSharingOfAbsent,
  personShares,
  personShowsCamera,
  personStopsSharing,
} from './sharing.ts'
import { personCallsPerson } from './person-calls.ts'
import { reportQuality } from './quality.ts'
import { redirect, transfer } from './reroute.ts'
import { endForAll, resumed, wake } from './time.ts'
import { subscribeToTone, tonePressed } from './tones.ts'
import { transcribe } from './transcribe.ts'
import { moveAnswered, moveBegins, moveFailed } from './transfer-out.ts'

/** What comes of a command: a decision, or the reason why it is refused. */
export type Result =
  { readonly ok: true; readonly decision: Decision } | { readonly ok: false; readonly error: CallError }

/**
 * Decides one command.
 *
 * @param before the conversation as committed, or undefined if there is none by that id
 * @param now milliseconds since the epoch
 */
export function decide(before: Conversation | undefined, command: Command, now: number, rules: Rules): Result {
  const start = begin(before, command, now, rules)
  if (!start) return { ok: false, error: { name: 'callNotFound' } }
  const draft = new Draft(start, now, rules)
  try {
    apply(draft, command)
    attendRecordings(draft)
    showRecordings(draft)
    endSharingOfAbsent(draft)
    forgetAbsentRoutes(draft)
    keepMediaGoing(draft)
  } catch (refusal) {
    if (refusal instanceof Refusal) return { ok: false, error: refusal.error }
    throw refusal
  }
  return { ok: true, decision: draft.finish() }
}

function begin(
  before: Conversation | undefined,
  command: Command,
  now: number,
  rules: Rules,
): Conversation | undefined {
  switch (command.type) {
    case 'CreateCall':
    case 'PersonCalls':
    case 'PersonCallsPerson':
      return conversationOf(command, now, rules)
    case 'JoinMeeting':
      return meetingOf(command, before, now, rules)
    case 'PersonJoins':
      return command.meeting ? meetingOf(command.meeting, before, now, rules) : before
    case 'MoveBegins': {
      const { conversationId: id, tenantId, callChainId } = command
      return before ?? newConversation({ id, tenantId, callChainId, mode: 'peerToPeer' }, now, rules)
    }
    default:
      return before
  }
}

/** What each command does to a conversation. */
const families: { readonly [Type in Command['type']]: (draft: Draft, command: CommandOf<Type>) => void } = {
  CreateCall: createCall,
  JoinMeeting: joinMeeting,
  PersonCalls: personCalls,
  PersonCallsPerson: personCallsPerson,
  PersonJoins: personJoins,
  Answer: answer,
  Reject: reject,
  Redirect: redirect,
  Transfer: transfer,
  KeepAlive: keepAlive,
  HangUp: hangUp,
  Invite: invite,
  RemoveParticipant: removeParticipant,
  Mute: mute,
  ChangeScreenSharingRole: changeScreenSharingRole,
  AddLargeGalleryView: addLargeGalleryView,
  ConfigureMixer: configureMixer,
  ServiceReady: serviceReady,
  ReportQuality: reportQuality,
  RouteAudio: routeAudio,
  PersonMutes: personMutes,
  PersonHolds: personHolds,
  PersonShowsCamera: personShowsCamera,
  PersonShares: personShares,
  PersonStopsSharing: personStopsSharing,
  Admit: admit,
  AdmitAll: admitAll,
  TurnAway: turnAway,
  EndForAll: endForAll,
  LegRinging: legRinging,
  LegAnswered: legAnswered,
  LegConnected: legConnected,
  LegFailed: legFailed,
  LegLeft: legLeft,
  TonePressed: tonePressed,
  CallConnected: callConnected,
  CallMediaChanged: callMediaChanged,
  CallMediaFailed: callMediaFailed,
  RecordConversation: recordConversation,
  CallRecordingEnded: callRecordingEnded,
  Transcribe: transcribe,
  ControlTranscription: controlTranscription,
  PlayPrompt: processMedia,
  RecordResponse: processMedia,
  SendDtmfTones: processMedia,
  CancelMediaProcessing: cancelMediaProcessing,
  SubscribeToTone: subscribeToTone,
  HoldParticipant: holdParticipant,
  UnholdParticipant: unholdParticipant,
  MediaEnded: mediaEnded,
  MoveBegins: moveBegins,
  MoveAnswered: moveAnswered,
  MoveFailed: moveFailed,
  MoveAsked: moveAsked,
  MoveGranted: moveGranted,
  MoveRefused: moveRefused,
  MoveDone: moveDone,
  MoveCancelled: moveCancelled,
  MoveQueried: moveQueried,
  IncomingUndelivered: incomingDelivery,
  IncomingDelivered: incomingDelivery,
  JoiningAnswered: joiningAnswered,
  UpdateRecordingStatus: updateRecordingStatus,
  Wake: wake,
  Resumed: resumed,
}

type CommandOf<Type extends Command['type']> = Extract<Command, { type: Type }>

function apply(draft: Draft, command: Command): void {
  const family: (draft: Draft, command: never) => void = families[command.type]
  family(draft, command as never)
}
