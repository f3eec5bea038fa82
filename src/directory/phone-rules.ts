/**
 * Whether an application may reach for a phone in a call of its. It needs an application instance that is fully set up;
 * profile `teams` keeps, beside that, the published matrix of which calls may have phones in them.
 */
import type { Identity } from '../calls/identity.ts'
import type { Application } from './directory.ts'
import { missingForPhones } from './provisioning.ts'

/** From where an application reaches for a phone: as a target of a new call, or as an invitee into a live one. */
export type PhoneAttempt =
  | { readonly type: 'create'; readonly source: Identity }
  | {
      readonly type: 'invite'
      readonly direction: 'incoming' | 'outgoing'
      readonly source: Identity
      readonly targets: readonly { readonly identity: Identity }[]
      /** Whether the application came in by the token of an earlier incoming call. */
      readonly joinedByToken?: boolean
    }

/** What the answer depends on beside the call. */
export interface PhoneRules {
  readonly profile: 'teams' | 'open'
  readonly now: number
}

/** Why `application` cannot reach a phone from there, as a clause; undefined if it can. */
export function phoneBarrier(application: Application, attempt: PhoneAttempt, rules: PhoneRules): string | undefined {
  const { applicationInstances: instances } = application
  if (rules.profile === 'open') return missingForPhones(instances, rules.now)
  const named = actingIdentity(attempt)
  const acting =
    named?.kind === 'applicationInstance' ? instances.filter(({ id }) => id === named.id.toLowerCase()) : instances
  return missingForPhones(acting, rules.now) ?? matrix(attempt)
}

/** Under which identity the application is in the call. */
function actingIdentity(attempt: PhoneAttempt): Identity | undefined {
  return attempt.type === 'invite' && attempt.direction === 'incoming' ? attempt.targets[0]?.identity : attempt.source
}

/**
 * The published support matrix:
 *
 *     called via its number or instance id      may invite phones
 *     called via its app id                     may not
 *     calls a phone, source is an instance      may
 *     calls a phone, source is no instance      may not
 *     called somebody itself, joined a meeting  may invite phones
 *     joined by token                           may not
 */
function matrix(attempt: PhoneAttempt): string | undefined {
  const acting = actingIdentity(attempt)?.kind
  if (attempt.type === 'create' && acting !== 'applicationInstance') {
    return 'a call to a phone needs an application instance as its source (source.identity.applicationInstance); --profile open lifts this rule'
  }
  if (attempt.type === 'invite' && attempt.direction === 'incoming' && acting === 'application') {
    return 'the application was called by its app id, and only a call to its number or application instance may have phones invited into it; --profile open lifts this rule'
  }
  if (attempt.type === 'invite' && attempt.joinedByToken === true) {
    return 'the application joined by token (tokenMeetingInfo), and phones cannot be invited from there; join by the organizer instead; --profile open lifts this rule'
  }
  return undefined
}
