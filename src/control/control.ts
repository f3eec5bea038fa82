/** The product's own API under `/control`: what tests, CI, the command line and the console build on. Documented in `docs/reference/control.md`. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import { closedHeaders } from '../http/app.ts'
import { HttpError } from '../http/http-error.ts'
import { registerAudibility } from './audibility.ts'
import { registerBackup } from './backup.ts'
import { registerCalls } from './calls.ts'
import { registerCertificate } from './certificate.ts'
import { registerExplain } from './explain.ts'
import { registerCoverage } from './coverage.ts'
import { registerInstances } from './instances.ts'
import { registerLive } from './live.ts'
import { registerMeetings } from './meetings.ts'
import { registerMedia } from './media.ts'
import { registerNotifications } from './notifications.ts'
import type { ControlParts } from './parts.ts'
import { registerCallRecordings } from './recordings.ts'
import { registerScenario } from './scenario.ts'
import { registerThrottles } from './throttles.ts'
import { registerSubscriptions } from './subscriptions.ts'

/** Registers the control API. */
export function registerControl(app: FastifyInstance, parts: ControlParts): void {
  void app.register((scope, _options, done) => {
    scope.addHook('onRequest', (request, reply, next) => {
      void reply.headers(closedHeaders)
      const refusal = refuseAccess(request, parts.config)
      if (refusal) next(refusal)
      else next()
    })
    registerAudibility(scope, parts)
    registerBackup(scope, parts)
    registerCalls(scope, parts)
    registerCallRecordings(scope, parts)
    registerCertificate(scope, parts)
    registerExplain(scope, parts)
    registerInstances(scope, parts)
    registerLive(scope, parts)
    registerMeetings(scope, parts)
    registerMedia(scope, parts)
    registerNotifications(scope, parts)
    registerScenario(scope, parts)
    registerThrottles(scope, parts)
    registerSubscriptions(scope, parts)
    registerCoverage(scope, parts)
    done()
  })
}

/** Whether a request carries the admin key as its bearer token. */
export function holdsAdminKey(
  { headers }: Pick<FastifyRequest, 'headers'>,
  { adminKey }: Pick<Config, 'adminKey'>,
): boolean {
  const [, given = ''] = /^bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? []
  return adminKey !== undefined && sameSecret(given, adminKey)
}

/** Open to this machine in development; everywhere else it takes the admin key. */
function refuseAccess(request: FastifyRequest, config: Config): HttpError | undefined {
  const { mode, adminKey } = config
  if (holdsAdminKey(request, config)) return undefined
  const local = mode === 'development' && isLoopback(request.ip) && !isForwarded(request) && !isForeignPage(request)
  if (local && isOwnName(request, config)) return undefined
  const explanation = local
    ? `Control is open to programs on this machine by its own names, such as localhost, and not as ${printable(request.host)}; use such a name, set the option baseUrl, or send the admin key.`
    : adminKey === undefined
      ? 'Control is open to programs on this machine in development mode; for others, start the server with an admin key (option adminKey).'
      : 'Control takes the admin key as a bearer token: Authorization: Bearer <adminKey>.'
  return new HttpError(401, 'unauthenticated', 'The caller is not authenticated.', explanation)
}

function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address)
}

/** What a proxy on this machine passes on comes from somewhere else. */
function isForwarded({ headers }: FastifyRequest): boolean {
  return ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => headers[name] !== undefined)
}

/** A name that leads here but is not the server's may be somebody's who steers a browser here (DNS rebinding). */
function isOwnName({ host }: FastifyRequest, { host: listening, baseUrl }: Config): boolean {
  const hostname = URL.parse(`http://${host}`)?.hostname ?? ''
  if (/^((.*\.)?localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return true
  return hostname === listening.toLowerCase() || (baseUrl !== undefined && hostname === new URL(baseUrl).hostname)
}

function printable(host: string): string {
  return /^[\w.:[\]-]{1,128}$/.test(host) ? host : 'what Host says'
}

/** A page of another site, or of another program here, must not steer the server through somebody's browser. */
function isForeignPage({ headers, host }: FastifyRequest): boolean {
  const { origin } = headers
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)
}
