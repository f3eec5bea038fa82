/** The incoming call by which an application is rung. */
import type { Identity } from '../calls/identity.ts'
import type { CallManners } from '../calls/manners.ts'
import type { ApplicationLeg } from '../calls/reach.ts'
import type { EndReason } from '../calls/reasons.ts'
import type { Application } from './directory.ts'

/** What such a call is made with. */
export interface LegContext {
  readonly mintId: () => string
  /** How a wire version, or the default one, wants to hear of a call. */
  readonly mannersOf: (wireVersion: string | undefined) => CallManners
}

/** The incoming call that an application gets when it is rung under `identity`. */
export function applicationLeg(
  application: Application,
  identity: Identity,
  { mintId, mannersOf }: LegContext,
): ApplicationLeg | undefined {
  if (application.notificationUrl === undefined) return undefined
  return {
    callId: mintId(),
    appId: application.appId,
    tenantId: application.tenantId,
    callbackUri: application.notificationUrl,
    manners: mannersOf(application.wireVersion),
    identity,
    // Without any calling permission an application sees its callers encrypted (contract: answer).
    ...(!application.roles.some((role) => role.startsWith('Calls.')) && { disguise: `29:${mintId()}` }),
  }
}

/** Why an application without a notification address cannot be called. */
export function unregistered({ displayName }: Application): EndReason {
  const detail = `${displayName} has no notificationUrl in the directory, so it cannot hear of calls`
  return { name: 'callback-unreachable', detail }
}
