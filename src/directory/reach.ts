/** How somebody can be reached, as the directory says: what stands between an identity in a request and a ringing phone. */
import type { CallManners } from '../calls/call.ts'
import type { ApplicationLeg, Reach } from '../calls/commands.ts'
import type { Identity } from '../calls/identity.ts'
import type { EndReason, ReasonName } from '../calls/reasons.ts'
import type { Application, Directory } from './directory.ts'
import { missingStep, syncState } from './provisioning.ts'
import { recordingDuties } from './recording-policies.ts'

/** An identity with what the directory knows of it, and its reach; or whose tenant it belongs to instead. */
export type Resolved =
  | { readonly ok: true; readonly identity: Identity; readonly reach: Reach }
  | { readonly ok: false; readonly tenantId: string }

/** Who looks, and what a reach to an application is made with. */
export interface ReachContext {
  readonly directory: Directory
  /** The tenant in which the call takes place. */
  readonly tenantId: string
  /** Why the calling side may not call phones, if it may not; see `phone-rules.ts`. */
  readonly phoneBarrier: string | undefined
  readonly now: number
  readonly mintId: () => string
  /** How a wire version, or the default one, wants to hear of a call. */
  readonly mannersOf: (wireVersion: string | undefined) => CallManners
}

/** Finds how to reach `identity`. */
export function resolveReach(identity: Identity, context: ReachContext): Resolved {
  switch (identity.kind) {
    case 'user':
      return resolveUser(identity, context)
    case 'phone':
      return resolvePhone(identity, context)
    case 'application':
      return resolveApplication(identity, context, context.directory.application(identity.id))
    case 'applicationInstance':
      return resolveInstance(identity, context)
    case 'guest':
    case 'encrypted':
      return nowhere(identity, 'callee-not-routable', `a ${identity.kind} identity cannot be called`)
  }
}

function resolveUser(identity: Identity, context: ReachContext): Resolved {
  const { directory, tenantId } = context
  const user = directory.user(identity.id)
  if (!user) {
    return nowhere(identity, 'callee-not-routable', `the directory has no user ${identity.id} in tenant ${tenantId}`)
  }
  if (user.tenantId !== tenantId) return { ok: false, tenantId: user.tenantId }
  return {
    ok: true,
    identity: { displayName: user.displayName, ...identity, tenantId },
    reach: {
      type: 'endpoint',
      address: { kind: 'user', id: user.id, tenantId },
      ...recordingDuties(user, context),
    },
  }
}

function resolvePhone(identity: Identity, context: ReachContext): Resolved {
  const { directory, tenantId, phoneBarrier, now } = context
  if (phoneBarrier !== undefined) return nowhere(identity, 'pstn-not-provisioned', phoneBarrier)
  const held = directory.applicationOfNumber(identity.id)
  if (!held) {
    return { ok: true, identity, reach: { type: 'endpoint', address: { kind: 'phone', id: identity.id, tenantId } } }
  }
  const missing = missingStep(held.applicationInstance, now)
  if (missing) return nowhere(identity, 'number-not-found', missing.text)
  return { ok: true, identity, reach: reachApplication(held.application, identity, context) }
}

function resolveInstance(identity: Identity, context: ReachContext): Resolved {
  const instance = context.directory.applicationInstance(identity.id)
  const resolved = resolveApplication(identity, context, instance && context.directory.application(instance.appId))
  if (!resolved.ok || !instance || syncState(instance, context.now) === 'synced') return resolved
  return nowhere(identity, 'callee-not-routable', missingStep(instance, context.now)?.text ?? '')
}

function resolveApplication(identity: Identity, context: ReachContext, application: Application | undefined): Resolved {
  if (!application) {
    return nowhere(identity, 'callee-not-routable', `the directory has no application with id ${identity.id}`)
  }
  if (application.tenantId !== context.tenantId) return { ok: false, tenantId: application.tenantId }
  const named = { displayName: application.displayName, ...identity, tenantId: application.tenantId }
  return { ok: true, identity: named, reach: reachApplication(application, named, context) }
}

/** An application is reached by its own incoming call, if it has registered where to hear of it. */
function reachApplication(application: Application, identity: Identity, context: ReachContext): Reach {
  const leg = applicationLeg(application, identity, context)
  if (leg) return { type: 'application', leg }
  return { type: 'nowhere', reason: unregistered(application) }
}

/** Why an application without a notification address cannot be called. */
export function unregistered({ displayName }: Application): EndReason {
  const detail = `${displayName} has no notificationUrl in the directory, so it cannot hear of calls`
  return { name: 'callback-unreachable', detail }
}

/** The incoming call that an application gets when it is rung under `identity`. */
export function applicationLeg(
  application: Application,
  identity: Identity,
  { mintId, mannersOf }: Pick<ReachContext, 'mintId' | 'mannersOf'>,
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

function nowhere(identity: Identity, name: ReasonName, detail: string): Resolved {
  return { ok: true, identity, reach: { type: 'nowhere', reason: { name, detail } } }
}
