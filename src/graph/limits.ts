/**
 * Limits on how much an application may ask for, and throttling on demand. They are kept at one place for every surface of
 * Graph, after the caller is known and before anything is done: a request of a batch meets them like any other.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Directory } from '../directory/directory.ts'
import type { LimitName, Limits } from '../directory/limits.ts'
import { limitsOf } from '../directory/limits.ts'
import { HttpError } from '../http/http-error.ts'
import type { Throttles } from '../http/throttles.ts'
import type { Clock } from '../runtime.ts'
import { refusal } from './errors.ts'
import { collections } from './routes/graph.ts'

/** What keeping the limits needs. */
export interface LimitParts {
  readonly directory: () => Directory
  readonly throttles: Throttles
  /** The product's clock, by which windows begin and end. */
  readonly clock: Clock
  /** Whether the published limits hold where the directory says nothing. */
  readonly published: boolean
}

/** A limit on requests of a kind in a window of time. Live calls are the switchboard's to count. */
interface Rule {
  readonly limit: Exclude<LimitName, 'concurrentCalls'>
  /** Milliseconds, or a calendar month in UTC. */
  readonly window: number | 'month'
  /** Whose requests are counted together. */
  readonly of: 'application' | 'tenant'
  /** What is counted, in the plural. */
  readonly counted: string
  /** Whether only requests count that created something. */
  readonly createdOnly: boolean
  /** Under which key the request counts beside its application or tenant; undefined if it does not count. */
  readonly key: (request: FastifyRequest) => string | undefined
  readonly refuse: (explanation: string, retryAfter: number) => HttpError
}

const tooMany = (explanation: string, retryAfter: number): HttpError =>
  new HttpError(429, 'TooManyRequests', 'Too many requests.', explanation, retryAfter)
const MEETINGS = /^\/(?:v1\.0|beta)\/users\/:[^/]+\/onlineMeetings(?:\/createOrGet)?$/i
const RECORDS = /^\/(?:v1\.0|beta)\/communications\/callRecords(?:\/|$)/i

function keyOfRecords(request: FastifyRequest): string | undefined {
  return RECORDS.test(pattern(request)) ? '' : undefined
}

const RULES: readonly Rule[] = [
  {
    limit: 'requestsPerSecond',
    of: 'application',
    window: 1000,
    counted: 'requests',
    createdOnly: false,
    key: () => '',
    refuse: tooMany,
  },
  {
    limit: 'callRecordRequestsPer20Seconds',
    of: 'application',
    window: 20_000,
    counted: 'requests for call records',
    createdOnly: false,
    key: keyOfRecords,
    refuse: tooMany,
  },
  {
    limit: 'tenantCallRecordRequestsPer20Seconds',
    of: 'tenant',
    window: 20_000,
    counted: 'requests for call records',
    createdOnly: false,
    key: keyOfRecords,
    refuse: tooMany,
  },
  {
    limit: 'meetingsPerUserPerMonth',
    of: 'application',
    window: 'month',
    counted: 'meetings of this user',
    createdOnly: true,
    key: (request) =>
      request.method === 'POST' && MEETINGS.test(pattern(request))
        ? String(Object.values(request.params as Record<string, string>)[0]).toLowerCase()
        : undefined,
    refuse: tooMany,
  },
  {
    limit: 'callsPerMonth',
    of: 'application',
    window: 'month',
    counted: 'calls',
    createdOnly: true,
    key: (request) =>
      request.method === 'POST' && collections.some(({ path }) => path === pattern(request)) ? '' : undefined,
    refuse: (explanation, retryAfter) => refusal(429, '8529', explanation, retryAfter),
  },
]

/** The address as it was registered. */
function pattern(request: FastifyRequest): string {
  return (request.routeOptions.url ?? '').replace(/\/$/, '')
}

/** What was counted in one window. */
interface Count {
  readonly end: number
  count: number
}

/** So few counts are not worth looking through. */
const SMALLEST_SWEEP = 1000

/**
 * Counts that are kept at once: some 200 MB. Only what was created in a month is counted for so long (meetings by user,
 * calls by application), so whoever gets there has made a million users' meetings; then the oldest counts begin anew.
 */
const MOST_COUNTS = 1_000_000

/** Counts by limit, application and further key; what is past or came to nothing is forgotten from time to time. */
class Counts {
  readonly #counts = new Map<string, Count>()
  #sweepAt = SMALLEST_SWEEP

  /** The count of the current window. */
  of(key: string, now: number, window: Rule['window']): Count {
    const known = this.#counts.get(key)
    if (known && known.end > now) return known
    if (this.#counts.size >= this.#sweepAt) this.#sweep(now)
    const fresh = { end: endOf(now, window), count: 0 }
    this.#counts.delete(key)
    this.#counts.set(key, fresh)
    return fresh
  }

  #sweep(now: number): void {
    for (const [key, { end, count }] of this.#counts) if (end <= now || count === 0) this.#counts.delete(key)
    for (const key of this.#counts.keys()) {
      if (this.#counts.size <= MOST_COUNTS) break
      this.#counts.delete(key)
    }
    this.#sweepAt = Math.min(Math.max(SMALLEST_SWEEP, this.#counts.size * 2), MOST_COUNTS + SMALLEST_SWEEP)
  }
}

function endOf(now: number, window: Rule['window']): number {
  if (window !== 'month') return (Math.floor(now / window) + 1) * window
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
}

/** A count that is given back if nothing comes of the request. */
const provisional = new WeakMap<FastifyRequest, Count[]>()

/** Keeps the limits at every route of Graph. */
export function registerLimits(app: FastifyInstance, parts: LimitParts): void {
  const counts = new Counts()
  app.addHook('preParsing', (request, _reply, _payload, done) => {
    done(refusalOf(request, parts, counts) ?? null)
  })
  app.addHook('onResponse', (request, reply, done) => {
    if (reply.statusCode !== 201) for (const count of provisional.get(request) ?? []) count.count -= 1
    done()
  })
}

function refusalOf(request: FastifyRequest, parts: LimitParts, counts: Counts): HttpError | undefined {
  const { appId, operation } = request.note
  // A batch is not a request of its own: those in it are.
  if (appId === undefined || operation === '$batch' || !/^\/(?:v1\.0|beta)\//i.test(pattern(request))) return undefined
  const met = parts.throttles.meet(appId, operation)
  if (met) {
    return tooMany(
      `Control asked for this request to be throttled (throttle ${met.id}); try again after ${met.retryAfter} seconds.`,
      met.retryAfter,
    )
  }
  const limits = limitsOf(parts.directory().application(appId)?.limits, parts.published)
  return count(request, appId, limits, parts.clock.now(), counts)
}

function count(
  request: FastifyRequest,
  appId: string,
  limits: Limits,
  now: number,
  counts: Counts,
): HttpError | undefined {
  const taken: Count[] = []
  for (const rule of RULES) {
    const limit = limits[rule.limit]
    const key = limit === undefined ? undefined : rule.key(request)
    if (limit === undefined || key === undefined) continue
    const whose = rule.of === 'tenant' ? request.note.tenantId : appId
    const window = counts.of(`${rule.limit} ${whose} ${key}`, now, rule.window)
    if (window.count >= limit) {
      for (const each of taken) each.count -= 1
      const explanation = `The ${rule.of} has had its ${limit} ${rule.counted} of this ${nameOf(rule.window)} (limit ${rule.limit}); wait for as long as Retry-After says.`
      return rule.refuse(explanation, Math.max(1, Math.ceil((window.end - now) / 1000)))
    }
    window.count += 1
    if (rule.createdOnly) taken.push(window)
  }
  if (taken.length > 0) provisional.set(request, taken)
  return undefined
}

function nameOf(window: Rule['window']): string {
  return window === 'month' ? 'month' : window === 1000 ? 'second' : `${window / 1000} seconds`
}
