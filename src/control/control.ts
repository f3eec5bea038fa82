/** The product's own API under `/control`: what tests, CI, the command line and the console build on. Documented in `docs/reference/control.md`. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import { HttpError } from '../http/http-error.ts'
import { registerCalls } from './calls.ts'
import { registerCertificate } from './certificate.ts'
import { registerExplain } from './explain.ts'
import { registerCoverage } from './coverage.ts'
import { registerInstances } from './instances.ts'
import { registerMeetings } from './meetings.ts'
import { registerMedia } from './media.ts'
import { registerNotifications } from './notifications.ts'
import type { ControlParts } from './parts.ts'
import { registerScenario } from './scenario.ts'
import { registerThrottles } from './throttles.ts'
import { registerSubscriptions } from './subscriptions.ts'

/** Registers the control API. */
export function registerControl(app: FastifyInstance, parts: ControlParts): void {
  void app.register((scope, _options, done) => {
    scope.addHook('onRequest', (request, _reply, next) => {
      const refusal = refuseAccess(request, parts.config)
      if (refusal) next(refusal)
      else next()
    })
    registerCalls(scope, parts)
    registerCertificate(scope, parts)
    registerExplain(scope, parts)
    registerInstances(scope, parts)
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
  if (mode === 'development' && isLoopback(request.ip) && !isForeignPage(request)) return undefined
  const explanation =
    adminKey === undefined
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

/** A page of another site must not steer the server through somebody's browser. */
function isForeignPage({ headers, host }: FastifyRequest): boolean {
  const { origin } = headers
  if (headers['sec-fetch-site'] === 'cross-site') return true
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)
}
