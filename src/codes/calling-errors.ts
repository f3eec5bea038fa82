import type { CallingErrorRow } from './code-row.ts'

/** `error.code` of refusals of the calling API that are numbers, each with Graph's `error.message`. */
export const callingErrors = {
  '7504': {
    statuses: [403],
    message: 'Insufficient enterprise tenant permissions, cannot access this API.',
    text: 'a permission is missing',
    when: 'the token lacks the application permission that the operation needs, or applications may not be invited',
    todo: 'Grant the permission that rollcall-explanation names (roles in the directory), and get a new token',
    source: 'observed',
  },
  '7505': {
    statuses: [403],
    message: 'Request authorization tenant mismatch.',
    text: 'the request and the token are of different tenants',
    when: 'a tenant, organizer or invitee in the body belongs to another tenant than the token',
    todo: 'Get a token from the tenant in which the call is made',
    source: 'observed',
  },
  '7507': {
    statuses: [403],
    message: 'The source identity is invalid.',
    text: 'the caller is not who the token is for',
    when: "`source`, or the application in the address, is not the token's application or one of its instances",
    todo: 'Leave `source` out, or name the application of the token',
    source: 'sister',
  },
  '8501': {
    statuses: [400],
    message: 'Call is not established.',
    text: 'the call is not established',
    when: 'an operation that needs an established call comes while the call is incoming or establishing',
    todo: 'Wait for the notification that the call is established',
    source: 'sister',
  },
  '8516': {
    statuses: [429],
    message: 'Too many requests.',
    text: 'too many requests',
    when: 'more than `mailboxLimit` requests wait for one call',
    todo: 'Wait for as long as Retry-After says, and send fewer at a time',
    source: 'sister',
  },
  '8519': {
    statuses: [409],
    message: 'The request conflicts with the current state of the call.',
    text: 'the request conflicts with the state of the call',
    when: 'an invitee is in the call already, is being rung for it, or is named twice',
    todo: 'Look at the roster, and invite only who is not in the call',
    source: 'sister',
  },
  '8522': {
    statuses: [404],
    message: 'Call not found.',
    text: 'the call was not found, or has ended',
    when: 'no live call with the id belongs to the application in the token',
    todo: 'See in rollcall-explanation whether the call ended, and why; else check the id and whose token it is',
    source: 'documented',
  },
  '8523': {
    statuses: [400],
    message: 'Invalid argument.',
    text: 'an argument is wrong',
    when: 'a member of the body is missing, of the wrong type or not allowed',
    todo: 'Change what rollcall-explanation names',
    source: 'sister',
  },
  '8530': {
    statuses: [429],
    message: 'The limit of active calls has been reached.',
    text: 'too many calls are active',
    when: 'the server has `maxLiveCalls` calls, or the application `maxCallsPerApplication`',
    todo: 'End calls that are over, or raise the option',
    source: 'sister',
  },
  '8548': {
    statuses: [400],
    message: 'Call is not a group call.',
    text: 'the call is not a group call',
    when: 'somebody is to come into a peer-to-peer call that cannot become a group call by this request',
    todo: 'Invite one participant first, or create a group call',
    source: 'sister',
  },
  '8558': {
    statuses: [404],
    message: 'Participant not found in the call.',
    text: 'the participant is not in the call',
    when: 'nobody with the id is in the call or being rung for it',
    todo: 'Take the id from the newest roster notification or from GET .../participants',
    source: 'sister',
  },
  '8585': {
    statuses: [400],
    message: 'The call is not in a state that allows this action.',
    text: 'the call is in the wrong state',
    when: '`answer` or `reject` comes for a call that is not incoming any more, or `keepAlive` for one not answered',
    todo: 'Follow the state in the notifications; answer each call once',
    source: 'sister',
  },
} as const satisfies Record<string, CallingErrorRow>

/** `error.code` of a calling refusal. */
export type CallingErrorCode = keyof typeof callingErrors
