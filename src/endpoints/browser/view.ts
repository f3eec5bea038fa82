/** A leg and its conversation as a page shows them. */
import type { Conversation } from '../../calls/conversation.ts'
import { present } from '../../calls/conversation.ts'
import type { Identity } from '../../calls/identity.ts'
import type { Participant } from '../../calls/participant.ts'
import type { EndReason, ReasonName } from '../../calls/reasons.ts'
import { resultInfo } from '../../calls/reasons.ts'
import { mayShare, mayShowCamera } from '../../calls/sharing.ts'
import type { Line } from './line.ts'
import type { CallEnd, CallPhase, CallView, PartyView, RosterEntry } from './protocol.ts'

/** How calls are shown. */
export interface Showing {
  /** The page's own id. */
  readonly page: string
  /** Whether pictures are carried. */
  readonly video: boolean
}

/** Writes a leg for one page of its person. */
export function viewOf(line: Line, conversation: Conversation | undefined, { page, video }: Showing): CallView {
  const { callId, direction, other, since, rejoinBy, end } = line
  const me = conversation?.participants.find(({ id }) => id === line.place.participantId)
  const here = line.page === page
  return {
    callId,
    phase: phaseOf(line, me),
    here,
    media: here || (line.page === undefined && line.sound === 'wanted') ? line.sound : 'none',
    ...(rejoinBy !== undefined && { rejoinBy }),
    direction,
    kind: conversation?.mode ?? 'peerToPeer',
    since: line.phase === 'up' && me ? me.state.since : since,
    ...showOther(line, conversation, other),
    ...(conversation?.subject !== undefined && { subject: conversation.subject }),
    ...(me && { participantId: me.id, ...(me.role && { role: me.role }) }),
    roster: conversation && (me || isRung(line)) ? rosterOf(conversation, me) : [],
    muted: me?.isMuted ?? false,
    mutedByOthers: me?.serverMuted ?? false,
    onHold: me?.away ?? false,
    heldByOthers: conversation?.calls.some(({ hold }) => hold && hold.participantId === me?.id) ?? false,
    mayAdmit: me !== undefined && mayAdmit(me),
    mayShare: me !== undefined && mayShare(me),
    mayShowCamera: video && me !== undefined && mayShowCamera(me),
    recording: conversation?.participants.some(({ recording }) => recording?.status === 'recording') ?? false,
    transcribing: conversation?.transcription?.state === 'active',
    ...(me && conversation?.contentSharing && { presenterId: conversation.contentSharing.presenterParticipantId }),
    ...(end && { end: showEnd(end, line) }),
  }
}

/** Who may let others in and turn them away: organizers, and presenters who have an account. */
export function mayAdmit({ role, identity, state }: Participant): boolean {
  if (state.name !== 'connected') return false
  return role === 'organizer' || (role === 'presenter' && identity.kind === 'user')
}

function phaseOf({ phase }: Line, me: Participant | undefined): CallPhase {
  if (phase !== 'up') return phase
  switch (me?.state.name) {
    case undefined:
      return 'connecting'
    case 'calling':
      return 'calling'
    case 'held':
      return 'held'
    case 'lobby':
      return 'lobby'
    case 'connected':
      return 'connected'
  }
}

/** Who the call is with: whoever rang or was called; in a call of two the other one, as soon as there is one. */
function showOther(
  { place }: Line,
  conversation: Conversation | undefined,
  other: Identity | undefined,
): { readonly other?: PartyView } {
  const partner =
    conversation?.mode === 'peerToPeer'
      ? conversation.participants.find(({ id, hidden }) => id !== place.participantId && !hidden)
      : undefined
  const identity = other ?? partner?.identity
  return identity && conversation?.mode !== 'meeting' ? { other: showParty(identity) } : {}
}

/** Whether somebody is being called; others who are not in, or not any more, have no business with who is. */
function isRung({ direction, phase }: Line): boolean {
  return direction === 'incoming' && (phase === 'ringing' || phase === 'connecting')
}

/** Whoever waits in the lobby sees nobody but themselves; whoever is being rung sees who is in. */
function rosterOf(conversation: Conversation, me: Participant | undefined): readonly RosterEntry[] {
  if (me?.state.name === 'lobby') return [showRow(me, me, conversation)]
  return present(conversation).map((one) => showRow(one, me, conversation))
}

function showRow(one: Participant, me: Participant | undefined, { contentSharing }: Conversation): RosterEntry {
  const { id, identity, state, isMuted, serverMuted, away = false, role, camera, screen } = one
  return {
    ...showParty(identity),
    participantId: id,
    me: id === me?.id,
    inLobby: state.name === 'lobby',
    muted: isMuted,
    mutedByOthers: serverMuted,
    onHold: away,
    ...(role && { role }),
    sharing: screen !== undefined || contentSharing?.presenterParticipantId === id,
    camera: camera !== undefined,
  }
}

/** Somebody, by the name that people know. */
export function showParty({ kind, id, displayName }: Identity): PartyView {
  switch (kind) {
    case 'user':
    case 'phone':
    case 'guest':
      return { kind, id, displayName: displayName ?? id }
    case 'application':
    case 'applicationInstance':
      return { kind: 'application', id, displayName: displayName ?? 'Application' }
    case 'encrypted':
      return { kind: 'unknown', id, displayName: displayName ?? 'Unknown' }
  }
}

const CAUSES: { readonly [Name in ReasonName]?: CallEnd['cause'] } = {
  left: 'hungUp',
  'callee-declined': 'declined',
  'pstn-declined': 'declined',
  'rejected-by-bot': 'declined',
  'forbidden-by-bot': 'declined',
  'callee-busy': 'busy',
  'pstn-busy': 'busy',
  'busy-bot': 'busy',
  'accepted-elsewhere': 'answeredElsewhere',
  'another-joined': 'answeredElsewhere',
  'callee-no-answer': 'missed',
  'caller-cancelled': 'missed',
  'turned-away': 'notAdmitted',
  'lobby-timeout': 'notAdmitted',
  kicked: 'removed',
  'media-failed': 'mediaFailed',
  'callee-setup-timeout': 'mediaFailed',
  'media-lost': 'lost',
  moved: 'movedElsewhere',
  transferred: 'movedElsewhere',
  'answer-timeout': 'unreachable',
  'callback-unreachable': 'unreachable',
  'callee-offline': 'unreachable',
  'callee-unreachable': 'unreachable',
  'callee-not-routable': 'unreachable',
}

/** A ring that nobody took up was missed by whoever was rung; whoever called hears that nobody answered. */
function showEnd(reason: EndReason, { direction }: Line): CallEnd {
  const { code, subcode, message } = resultInfo(reason)
  const cause = CAUSES[reason.name] ?? 'over'
  const explanation = message.replace(/ *DiagCode: .*$/, '')
  return { cause: cause === 'missed' && direction === 'outgoing' ? 'unreachable' : cause, code, subcode, explanation }
}
