/** How somebody can be reached, as the directory says: what stands between an identity in a request and a ringing phone. */
import type { Identity } from '../calls/identity.ts'
import type { Reach } from '../calls/reach.ts'
import type { ReasonName } from '../calls/reasons.ts'
import type { LegContext } from './application-leg.ts'
import { applicationLeg, unregistered } from './application-leg.ts'
import type { Application, Directory } from './directory.ts'
import { missingStep, syncState } from './provisioning.ts'
import { recordingDuties } from './recording-policies.ts'

/** An identity with what the directory knows of it, and its reach; or whose tenant it belongs to instead. */
export type Resolved =
  | { readonly ok: true; readonly identity: Identity; readonly reach: Reach }
  | { readonly ok: false; readonly tenantId: string }

/** Who looks, and what a reach to an application is made with. */
export interface ReachContext extends LegContext {
  readonly directory: Directory
  /** The tenant in which the call takes place. */
  readonly tenantId: string
  /** Why the calling side may not call phones, if it may not; see `phone-rules.ts`. */
  readonly phoneBarrier: string | undefined
  readonly now: number
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

function nowhere(identity: Identity, name: ReasonName, detail: string): Resolved {
  return { ok: true, identity, reach: { type: 'nowhere', reason: { name, detail } } }
}
