/**
 * Every refusal in Graph's terms: status, code, message, and the sentence that explains it. The codes and what they mean
 * are rows of `src/codes/`.
 */
import type { ActionError, CallError, MediaError } from '../calls/errors.ts'
import { internalName } from '../calls/identity.ts'
import { endReasons, reasonText } from '../calls/reasons.ts'
import type { CallingErrorCode } from '../codes/calling-errors.ts'
import { callingErrors } from '../codes/calling-errors.ts'
import { HttpError } from '../http/http-error.ts'
import { isoTime } from '../runtime.ts'
import type { SwitchboardError } from '../switchboard/switchboard.ts'
import { BadRequest, NotImplemented } from './wire/reader.ts'

/** A refusal with one of the calling API's own codes. */
export function refusal(status: number, code: CallingErrorCode, explanation: string, retryAfter?: number): HttpError {
  return new HttpError(status, code, callingErrors[code].message, explanation, retryAfter)
}

/** A wrong argument: 400/8523. */
export function invalidArgument(explanation: string): HttpError {
  return refusal(400, '8523', explanation)
}

/** A request beside calls that cannot be carried out as it stands. */
export function badRequest(explanation: string): HttpError {
  return new HttpError(400, 'BadRequest', 'The request is malformed or incorrect.', explanation)
}

/** A subscription that cannot be made or renewed as it stands, or whose webhook did not pass its validation. */
export function invalidSubscription(explanation: string): HttpError {
  return new HttpError(400, 'ValidationError', explanation, explanation)
}

/** One subscription too many. */
export function subscriptionQuota(limit: number): HttpError {
  const explanation = `The application has ${limit} subscriptions, as many as it may (option maxSubscriptionsPerApplication); delete one.`
  return new HttpError(403, 'Forbidden', 'The subscription quota has been exceeded.', explanation)
}

/** Something beside calls that is not there, or not the caller's. */
export function notFound(explanation: string): HttpError {
  return new HttpError(404, 'NotFound', 'The requested resource does not exist.', explanation)
}

/** A caller without any of these permissions, beside calls. */
export function forbidden(roles: readonly string[], purpose: string): HttpError {
  return new HttpError(
    403,
    'Forbidden',
    'Access is denied to the requested resource.',
    `${purpose} needs the application permission ${roles.join(' or ')}; grant it in the directory (roles) and get a new token.`,
  )
}

/** What the decoders of `wire/` throw, as an answer; anything else unchanged. */
export function fromDecoder(error: unknown): unknown {
  if (error instanceof BadRequest) return invalidArgument(error.message)
  if (error instanceof NotImplemented) {
    return new HttpError(501, 'notImplemented', 'The operation is not implemented.', error.message)
  }
  return error
}

/** What the core or the switchboard refused, as an answer. */
export function fromCallError(error: CallError | SwitchboardError): HttpError {
  switch (error.name) {
    case 'callNotFound':
      return refusal(404, '8522', 'No call with this id belongs to the application in the token.')
    case 'callEnded': {
      const { code, subcode } = endReasons[error.reason.name]
      const why = `${reasonText(error.reason)} (${code}/${subcode})`
      return refusal(404, '8522', `The call ended at ${isoTime(error.at)}: ${why}.`)
    }
    case 'callNotEstablished':
      return refusal(400, '8501', `The call is ${error.state}; wait for the notification that it is established.`)
    case 'callNotIncoming': {
      const verb = { answer: 'answered', reject: 'rejected', redirect: 'redirected' }[error.action]
      return refusal(400, '8585', `The call is ${error.state}; only an incoming call can be ${verb}, and only once.`)
    }
    case 'meetingOver':
      return refusal(400, '8526', 'The call that the token is for is over; tokens lead into calls that are live.')
    case 'callNotKeepable':
      return refusal(400, '8585', `The call is ${error.state}; it can be kept alive once it is answered.`)
    case 'notGroupCall':
      return refusal(400, '8548', NOT_A_GROUP_CALL[error.rule])
    case 'noInvitees':
      return invalidArgument('participants is empty; name at least one.')
    case 'tooManyInvitees':
      return invalidArgument(
        `${error.count} participants were named; at most ${error.limit} are allowed in one request.`,
      )
    case 'alreadyInCall':
      return refusal(409, '8519', alreadyIn(error))
    case 'conversationFull':
      return invalidArgument(`The call would have more than ${error.limit} participants (option maxParticipants).`)
    case 'replacesItself':
      return invalidArgument('replacesCallId names this very call; name the other call that the invitee is in.')
    case 'botInviteNotAllowed':
      return refusal(
        403,
        '7504',
        `${internalName(error.identity)} is an application, and applications cannot be invited; --profile open allows it.`,
      )
    case 'recorderInvites':
      return refusal(
        403,
        '7504',
        'A recording policy made this call, to record others; the application invites, and passes on, calls of its own.',
      )
    case 'participantNotFound':
      return refusal(
        404,
        '8558',
        `No participant with the id ${error.participantId.slice(0, 64)} is in the call or being rung.`,
      )
    case 'ownParticipant':
      return invalidArgument('This is the application itself; to leave the call, DELETE the call.')
    case 'waitsInLobby':
      return refusal(400, '8501', 'The application waits in the lobby; the roster tells when it is let in.')
    case 'notInLobby':
      return invalidArgument(`The participant ${error.participantId} is not in the lobby.`)
    case 'redirectsInCircle':
    case 'transferConflict':
    case 'notPeerToPeer':
    case 'badTransferee':
      return fromReroutingError(error)
    default:
      return fromActionError(error)
  }
}

type ReroutingError = Extract<
  CallError,
  { name: 'redirectsInCircle' | 'transferConflict' | 'notPeerToPeer' | 'badTransferee' }
>

/** What cannot be passed on. */
function fromReroutingError(error: ReroutingError): HttpError {
  switch (error.name) {
    case 'redirectsInCircle':
      return refusal(
        409,
        '8519',
        `${internalName(error.identity)} has passed this call on itself, so it cannot be redirected there again.`,
      )
    case 'transferConflict':
      return refusal(
        409,
        '8607',
        'A transfer of this call is under way; wait for the notification that it is established again, or terminated.',
      )
    case 'notPeerToPeer':
      return refusal(
        400,
        '8585',
        'This is a group call; in this wire version only the other side of a peer-to-peer call can be transferred.',
      )
    case 'badTransferee':
      return fromBadTransferee(error.rule)
  }
}

function fromBadTransferee(rule: Extract<CallError, { name: 'badTransferee' }>['rule']): HttpError {
  switch (rule) {
    case 'missing':
      return invalidArgument('transferee.participantId is required in a group call: who on its roster is transferred.')
    case 'application':
      return invalidArgument(
        'transferee is an application; only people and phones can be transferred out of a group call.',
      )
    case 'waits':
      return refusal(
        400,
        '8585',
        'The transferee waits to be let in, in the lobby or for a recorder; transfer them then.',
      )
  }
}

const NOT_A_GROUP_CALL: Record<Extract<CallError, { name: 'notGroupCall' }>['rule'], string> = {
  neverEscalates:
    'This is a peer-to-peer call, and in this wire version nobody can be invited into one; create a group call.',
  oneEscalates: 'Only one participant at a time can be invited into a peer-to-peer call; that makes it a group call.',
  groupOnly: 'This is a peer-to-peer call, and the action needs a group call or meeting: there is a roster to act on.',
}

const BAD_ROUTING: Record<Extract<CallError, { name: 'badRouting' }>['rule'], string> = {
  oneSource: 'sources must name exactly one participant: one-to-one and multicast have one speaker each.',
  oneReceiver: 'receivers must name exactly one participant when routingMode is oneToOne.',
  noReceiver: 'receivers must name at least one participant.',
}

/** What an application asked for in its call beside inviting. */
function fromActionError(error: ActionError | MediaError | SwitchboardError): HttpError {
  switch (error.name) {
    case 'ownMediaNeeded':
      return refusal(
        400,
        '8500',
        'This needs application-hosted media: create or answer the call with appHostedMediaConfig.',
      )
    case 'routingGroupNotFound': {
      const explanation = `The call has no audio routing group with the id ${error.groupId.slice(0, 64)}; list them to see which it has.`
      return new HttpError(404, 'itemNotFound', 'The audio routing group could not be found.', explanation)
    }
    case 'routingGroupExists':
      return refusal(409, '8519', `The call has an audio routing group ${error.groupId} already; PATCH it instead.`)
    case 'tooManyRoutingGroups':
      return invalidArgument(`The call has ${error.limit} audio routing groups already (option maxAudioRoutingGroups).`)
    case 'badRouting':
      return invalidArgument(BAD_ROUTING[error.rule])
    case 'galleryExists':
      return refusal(409, '8519', 'The call has a large gallery already, or one is being added.')
    case 'notSharing':
      return invalidArgument(`The participant ${error.participantId} is not presenting.`)
    case 'mayNotShow':
      return invalidArgument(MAY_NOT_SHOW[error.what])
    default:
      return fromMediaError(error)
  }
}

const MAY_NOT_SHOW = {
  camera: 'The meeting keeps the cameras of its attendees off (allowAttendeeToEnableCamera).',
  screen: 'Attendees of the meeting do not present: allowedPresenters says who does, or the list of attendees.',
} as const

/** Refusals of media operations. */
function fromMediaError(error: MediaError | SwitchboardError): HttpError {
  switch (error.name) {
    case 'wrongMediaMode':
      return refusal(
        400,
        '8500',
        error.mode === 'none'
          ? 'The application is in the call without media; join with serviceHostedMediaConfig to play, record and hear tones.'
          : "The application hosts the call's media itself (appHostedMediaConfig); this needs serviceHostedMediaConfig.",
      )
    case 'tooManyMediaOperations':
      return refusal(
        429,
        '8516',
        `${error.limit} prompts, recordings and tones wait in this call already (option mediaQueueLimit); wait for some to end, or cancel them.`,
        1,
      )
    case 'holdInUse':
      return refusal(
        409,
        '8519',
        `${error.participantId} is on hold already, and only one participant at a time can be; stop their hold music first.`,
      )
    case 'notOnHold':
      return refusal(400, '8585', `${error.participantId.slice(0, 64)} is not on hold by this call.`)
    default:
      return fromSwitchboardError(error)
  }
}

/** What the switchboard itself did not take: bounds, or its own end. */
function fromSwitchboardError(error: SwitchboardError): HttpError {
  switch (error.name) {
    case 'mailboxFull':
      return refusal(429, '8516', `${error.limit} requests wait for this call already (option mailboxLimit).`, 1)
    case 'tooManyConversations':
      return refusal(
        429,
        '8530',
        `This server has reached its limit of live calls, ${error.limit} (option maxLiveCalls).`,
        10,
      )
    case 'tooManyCalls':
      return refusal(
        429,
        '8530',
        `The application has reached its limit of live calls, ${error.limit} (option maxCallsPerApplication, or its limit concurrentCalls).`,
        10,
      )
    case 'shuttingDown':
      return new HttpError(
        503,
        'serviceNotAvailable',
        'The service is not available.',
        'The server is shutting down or being reset; try again.',
        1,
      )
  }
}

function alreadyIn({ identity, where }: Extract<CallError, { name: 'alreadyInCall' }>): string {
  const who = internalName(identity)
  switch (where) {
    case 'call':
      return `${who} is in the call already.`
    case 'ringing':
      return `${who} is being rung for this call already; wait for that operation to end, or cancel it.`
    case 'request':
      return `${who} is named twice in the request.`
  }
}
