/** `subscriptions`: change notifications of call records, and of recordings of whole calls. */
import { z } from 'zod'
import type { Config } from '../../config.ts'
import { servicePrincipalId } from '../../directory/object-ids.ts'
import type { Destinations } from '../../outbound/destinations.ts'
import type { Clock, Ids } from '../../runtime.ts'
import { isoTime, readGuid } from '../../runtime.ts'
import type { ChangeType, Subscription } from '../../subscriptions/subscription.ts'
import { changeTypes, permissions } from '../../subscriptions/subscription.ts'
import type { Subscriptions } from '../../subscriptions/subscriptions.ts'
import { badRequest, forbidden, invalidSubscription, notFound, subscriptionQuota } from '../errors.ts'
import { readMoment } from '../moment.ts'
import type { ResourceRequest, ResourceRoute } from '../resource.ts'
import type { Json } from '../wire/identity.ts'
import type { WatchedParts } from './watched.ts'
import { readWatched } from './watched.ts'

/** What the handlers work with. */
export interface SubscriptionRouteParts extends WatchedParts {
  readonly subscriptions: Subscriptions
  readonly clock: Clock
  readonly ids: Ids
  readonly config: Pick<Config, 'maxSubscriptionsPerApplication'>
  readonly destinations: Destinations
  /** Why a webhook did not pass its validation; undefined if it did. */
  readonly shakeHands: (url: string, appId: string) => Promise<string | undefined>
}

const PATH = '/subscriptions'
/** One of them; which one is needed depends on what is subscribed to. */
const roles = Object.values(permissions)
const context = 'subscriptions/$entity'
/** The published bounds of a subscription's life, in milliseconds. */
const LONGEST = 4230 * 60_000
const SHORTEST = 45 * 60_000
/** A subscription to recordings that lives longer has to be told of its life. */
const LONGEST_UNTOLD = 3_600_000

const webhook = z.string().max(2048)
const creation = z.object({
  changeType: z.string().max(64),
  resource: z.string().max(1024),
  notificationUrl: webhook,
  lifecycleNotificationUrl: webhook.nullish(),
  expirationDateTime: z.string().max(64),
  clientState: z.string().max(128).nullish(),
  includeResourceData: z.boolean().nullish(),
})
const renewal = z
  .object({ expirationDateTime: z.string().max(64).optional(), notificationUrl: webhook.optional() })
  .loose()

export const subscriptionRoutes: readonly ResourceRoute<SubscriptionRouteParts>[] = [
  {
    operation: 'subscription: create',
    method: 'POST',
    path: PATH,
    roles,
    async handle(request, parts) {
      const { appId, tenantId } = request.caller
      const subscription = readCreation(request, parts)
      if (!parts.subscriptions.hasRoom(appId)) throw subscriptionQuota(parts.config.maxSubscriptionsPerApplication)
      await validate(subscription, request, parts)
      const { subscriptions, ids, clock } = parts
      const kept = { ...subscription, id: ids.guid(), appId, tenantId, createdAt: clock.now() }
      return { status: 201, body: write(await subscriptions.save(kept)), context }
    },
  },
  {
    operation: 'subscription: list',
    method: 'GET',
    path: PATH,
    roles,
    handle({ caller }, { subscriptions }) {
      return { status: 200, body: { value: subscriptions.list(caller.appId).map(write) }, context: 'subscriptions' }
    },
  },
  {
    operation: 'subscription: get',
    method: 'GET',
    path: `${PATH}/:id`,
    roles,
    handle: (request, parts) => ({ status: 200, body: write(find(request, parts)), context }),
  },
  {
    operation: 'subscription: update',
    method: 'PATCH',
    path: `${PATH}/:id`,
    roles,
    async handle(request, parts) {
      const { id } = find(request, parts)
      const { expirationDateTime, notificationUrl } = readBody(renewal, request.body)
      if (expirationDateTime === undefined && notificationUrl === undefined) {
        throw badRequest('expirationDateTime, and notificationUrl, are what can be changed of a subscription.')
      }
      const news = {
        ...(expirationDateTime !== undefined && { expiresAt: readExpiry(expirationDateTime, parts) }),
        ...(notificationUrl !== undefined && {
          notificationUrl: readAddress('notificationUrl', notificationUrl, request, parts),
        }),
      }
      if (notificationUrl !== undefined) await validate({ notificationUrl }, request, parts)
      const changed = await parts.subscriptions.save({ ...find(request, parts), ...news, id })
      return { status: 200, body: write(changed), context }
    },
  },
  {
    operation: 'subscription: reauthorize',
    method: 'POST',
    path: `${PATH}/:id/reauthorize`,
    roles,
    async handle(request, parts) {
      // The token has the permission, and that is all there is to show; the expiry comes nonetheless.
      await parts.subscriptions.save(find(request, parts))
      return { status: 204 }
    },
  },
  {
    operation: 'subscription: delete',
    method: 'DELETE',
    path: `${PATH}/:id`,
    roles,
    async handle(request, parts) {
      await parts.subscriptions.remove(find(request, parts).id)
      return { status: 204 }
    },
  },
]

type Asked = Omit<Subscription, 'id' | 'appId' | 'tenantId' | 'createdAt'>

function readCreation(request: ResourceRequest, parts: SubscriptionRouteParts): Asked {
  const read = readBody(creation, request.body)
  const { resource, notificationUrl, lifecycleNotificationUrl, clientState } = read
  const watched = readWatched(resource, request.caller.tenantId, parts)
  const permission = permissions[watched.type]
  if (!request.caller.roles.has(permission))
    throw forbidden([permission], `A subscription to ${resource.slice(0, 128)}`)
  if (read.includeResourceData === true) {
    throw badRequest('includeResourceData: notifications carry no resource data here; get what they name by its id.')
  }
  const isRecords = watched.type === 'callRecords'
  const named = readChangeTypes(read.changeType)
  if (!isRecords && named.includes('updated'))
    throw badRequest('changeType must be created: a recording never changes.')
  const expiresAt = readExpiry(read.expirationDateTime, parts)
  if (!isRecords && typeof lifecycleNotificationUrl !== 'string' && expiresAt > parts.clock.now() + LONGEST_UNTOLD) {
    throw invalidSubscription(
      'lifecycleNotificationUrl is required for subscription creation on this resource when the expirationDateTime value exceeds 1 hour.',
    )
  }
  return {
    resource,
    ...(!isRecords && { watched }),
    changeTypes: named,
    notificationUrl: readAddress('notificationUrl', notificationUrl, request, parts),
    ...(typeof lifecycleNotificationUrl === 'string' && {
      lifecycleNotificationUrl: readAddress('lifecycleNotificationUrl', lifecycleNotificationUrl, request, parts),
    }),
    ...(typeof clientState === 'string' && { clientState }),
    expiresAt,
  }
}

function readChangeTypes(text: string): readonly ChangeType[] {
  const named = text.split(',').map((one) => one.trim().toLowerCase())
  const known = changeTypes.filter((one) => named.includes(one))
  if (known.length === new Set(named).size) return known
  throw badRequest('changeType must be created, updated, or both separated by a comma.')
}

/** What is shorter than the shortest life is made as long; what is longer than the longest is refused. */
function readExpiry(text: string, { clock }: SubscriptionRouteParts): number {
  const at = readMoment(text)
  const now = clock.now()
  if (at === undefined) throw badRequest('expirationDateTime must be a time such as 2026-01-31T09:00:00Z.')
  if (at <= now) throw invalidSubscription(`expirationDateTime is in the past; it is ${isoTime(now)} now.`)
  if (at <= now + LONGEST) return Math.max(at, now + SHORTEST)
  const latest = isoTime(now + LONGEST)
  throw invalidSubscription(
    `expirationDateTime can be 4230 minutes from now at the latest: ${latest}. Renew before it comes.`,
  )
}

function readAddress(
  name: string,
  uri: string,
  { caller }: ResourceRequest,
  { destinations }: SubscriptionRouteParts,
): string {
  const problem = destinations.problem(uri, caller.appId)
  if (problem !== undefined) throw badRequest(`${name} ${problem}.`)
  return uri
}

/** Every address must show that it wants to be notified before anything is kept. */
async function validate(
  { notificationUrl, lifecycleNotificationUrl }: Pick<Asked, 'notificationUrl' | 'lifecycleNotificationUrl'>,
  { caller }: ResourceRequest,
  { shakeHands }: SubscriptionRouteParts,
): Promise<void> {
  const urls = new Set([notificationUrl, ...(lifecycleNotificationUrl === undefined ? [] : [lifecycleNotificationUrl])])
  const problems = await Promise.all([...urls].map((url) => shakeHands(url, caller.appId)))
  const problem = problems.find((one) => one !== undefined)
  if (problem !== undefined) throw invalidSubscription(problem)
}

function find({ caller, params }: ResourceRequest, { subscriptions }: SubscriptionRouteParts): Subscription {
  const given = params['id'] ?? ''
  const found = subscriptions.get(readGuid(given) ?? given, caller.appId)
  if (found?.tenantId === caller.tenantId) return found
  throw notFound(`The application has no subscription ${given.slice(0, 64)}: it expired, was deleted, or never was.`)
}

function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const read = schema.safeParse(body ?? {})
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw badRequest(`${issue?.path.join('.') || 'The body'}: ${issue?.message ?? 'it cannot be read'}.`)
}

function write(subscription: Subscription): Json {
  const { id, resource, appId, tenantId, clientState = null, notificationUrl, expiresAt } = subscription
  return {
    id,
    resource,
    applicationId: appId,
    changeType: subscription.changeTypes.join(','),
    clientState,
    notificationUrl,
    notificationQueryOptions: null,
    lifecycleNotificationUrl: subscription.lifecycleNotificationUrl ?? null,
    expirationDateTime: isoTime(expiresAt),
    creatorId: servicePrincipalId(tenantId, appId),
    includeResourceData: null,
    latestSupportedTlsVersion: 'v1_2',
    encryptionCertificate: null,
    encryptionCertificateId: null,
    notificationUrlAppId: null,
  }
}
