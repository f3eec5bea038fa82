/** Puts subscriptions and their courier together. */
import type { Config } from '../config.ts'
import type { Poster } from '../notifications/post.ts'
import type { Activity, Clock, Ids } from '../runtime.ts'
import type { Store } from '../store/store.ts'
import { Courier } from './courier.ts'
import { Subscriptions } from './subscriptions.ts'

/** What subscriptions are put together from. */
export interface SubscriptionTools {
  readonly config: Config
  readonly store: Pick<Store, 'documents'>
  readonly clock: Clock
  readonly ids: Ids
  readonly activity: Activity
  readonly webhooks: Poster
  /** The permissions of an application; undefined if the directory has it no more. */
  readonly rolesOf: (appId: string) => readonly string[] | undefined
  readonly onFault: (fault: unknown) => void
}

/** The subscriptions of a server. */
export function createSubscriptions(tools: SubscriptionTools): Subscriptions {
  const { config, store, clock, ids, activity, webhooks: poster, rolesOf, onFault } = tools
  const { documents } = store
  const limits = {
    retryLimit: config.changeNotificationRetryLimit,
    giveUp: config.changeNotificationGiveUp,
    queue: config.changeNotificationQueueLimit,
  }
  return new Subscriptions({
    documents,
    clock,
    ids,
    activity,
    courier: new Courier({ documents, clock, activity, poster, limits, onFault }),
    standing(appId, permission) {
      const roles = rolesOf(appId)
      if (!roles) return 'gone'
      return roles.includes(permission) ? 'good' : 'barred'
    },
    mostPerApplication: config.maxSubscriptionsPerApplication,
    warning: config.subscriptionWarning,
    onFault,
  })
}
