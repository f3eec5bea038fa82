/**
 * Applications' own media by WebRTC over HTTP: `/media/calls/{id}/whip`, by which they speak (RFC 9725), and
 * `/media/calls/{id}/whep`, by which they hear (draft-ietf-wish-whep). Candidates may be trickled. ICE cannot be restarted: a
 * new offer is as good, and takes the place of the one before.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { noteOf, refuseOtherMethods } from '../../http/app.ts'
import { HttpError } from '../../http/http-error.ts'
import { MediaError } from '../../media/engine.ts'
import { readGuid } from '../../runtime.ts'
import { MEDIA_PATH, NO_SECRET, WRONG_SECRET, secretOf } from './media-door.ts'
import type { Way } from './one-way-sdp.ts'
import { readFragment, readOneWayOffer } from './one-way-sdp.ts'
import type { OwnMedia } from './own-media.ts'
import type { OwnSession } from './own-sessions.ts'
import { SessionError } from './own-sessions.ts'

/** Types of what is sent here. */
const SDP = 'application/sdp'
const FRAGMENT = 'application/trickle-ice-sdpfrag'
/** Bytes of the longest body. */
const LONGEST = 65_536
const TOO_LONG = new HttpError(
  413,
  'invalidRequest',
  'The request is too large.',
  `The body has more than ${LONGEST} bytes: leave out of the offer what is no sound.`,
)
/** After so many seconds whoever found no room may try again; or whoever is answered already. */
const RETRY = { full: 5, busy: 1 } as const

/** Pages of other sites may come too (fetch standard, CORS): what lets anybody in is a secret that no browser adds by itself. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Location, ETag, Accept-Patch, Retry-After, rollcall-explanation',
} as const
const PREFLIGHT = {
  'access-control-allow-headers': 'Authorization, Content-Type, If-Match',
  'access-control-max-age': '86400',
} as const

/** Registers both endpoints, and their sessions. */
export function registerOneWayDoors(app: FastifyInstance, ownMedia: OwnMedia): void {
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser([SDP, FRAGMENT], { parseAs: 'string' }, (_request, text, parsed) => {
      if (Buffer.byteLength(text) > LONGEST) parsed(TOO_LONG)
      else parsed(null, text)
    })
    scope.addContentTypeParser('*', (request, _body, parsed) => parsed(wrongType(request)))
    scope.addHook('onRequest', (_request, reply, next) => {
      void reply.headers(CORS)
      next()
    })
    for (const way of ['whip', 'whep'] as const) {
      registerEndpoint(scope, ownMedia, way)
      registerSessions(scope, ownMedia, way)
    }
    done()
  })
}

function registerEndpoint(app: FastifyInstance, ownMedia: OwnMedia, way: Way): void {
  const url = `${MEDIA_PATH}:callId/${way}`
  app.post(url, async (request, reply) => {
    const callId = callOf(request)
    const secret = needSecret(request, reply)
    // Before anything is read of the offer: to others there is nothing here.
    if (!ownMedia.knows(callId, secret)) throw denied()
    const offer = readOneWayOffer(bodyOf(request, SDP), way)
    if ('problem' in offer) throw badOffer(offer.status, offer.problem)
    const connected = await ownMedia.connect(callId, secret, way, offer).catch((error: unknown) => {
      throw refusalOf(error)
    })
    if (!connected) throw denied()
    const { session, answer } = connected
    return reply
      .code(201)
      .headers({
        location: `${MEDIA_PATH}${callId}/${way}/${session.id}`,
        etag: tagOf(session),
        'accept-patch': FRAGMENT,
        'cache-control': 'no-store',
      })
      .type(SDP)
      .send(answer)
  })
  const allowed = ['POST', 'GET', 'OPTIONS']
  app.options(url, (_request, reply) => tellOptions(reply, allowed).header('accept-post', SDP).send())
  answerGet(app, url)
  refuseOtherMethods(app, url, allowed)
}

function registerSessions(app: FastifyInstance, ownMedia: OwnMedia, way: Way): void {
  const url = `${MEDIA_PATH}:callId/${way}/:sessionId`
  app.delete(url, (request, reply) => {
    ownMedia.disconnect(sessionOf(request, reply, ownMedia, way))
    return reply.code(200).send()
  })
  app.patch(url, (request, reply) => {
    const session = sessionOf(request, reply, ownMedia, way)
    const fragment = readFragment(bodyOf(request, FRAGMENT))
    if (!fragment)
      throw invalid(400, 'The body is no fragment of candidates (RFC 8840): it needs a=ice-ufrag or a=candidate.')
    const tag = request.headers['if-match']
    if (tag === undefined) throw invalid(428, `Send the ETag of the session: If-Match: ${tagOf(session)}.`)
    if (fragment.iceUser !== undefined && fragment.iceUser !== session.iceUser) throw invalid(422, NO_RESTART)
    if (tag !== '*' && tag !== tagOf(session))
      throw invalid(412, `If-Match has another ETag than the session's, ${tagOf(session)}.`)
    // Candidates need not be known: where the other side is shows when its first packet comes.
    return reply.code(204).send()
  })
  const allowed = ['PATCH', 'DELETE', 'GET', 'OPTIONS']
  app.options(url, (_request, reply) => tellOptions(reply, allowed).header('accept-patch', FRAGMENT).send())
  answerGet(app, url)
  refuseOtherMethods(app, url, allowed)
}

const NO_RESTART =
  'ICE cannot be restarted here: send a new offer to the endpoint (POST), which takes the place of this session.'

/** There is nothing to be shown (RFC 9725, section 4.1): an empty answer. */
function answerGet(app: FastifyInstance, url: string): void {
  app.get(url, (_request, reply) => reply.code(204).send())
}

function tellOptions(reply: FastifyReply, allowed: readonly string[]): FastifyReply {
  const methods = allowed.join(', ')
  return reply.code(200).headers({ allow: methods, 'access-control-allow-methods': methods, ...PREFLIGHT })
}

/** The call that a request is about; the journal knows it from then on. */
function callOf(request: FastifyRequest): string {
  const { callId: text = '' } = request.params as { readonly callId?: string }
  const callId = readGuid(text) ?? ''
  if (callId !== '') noteOf(request).callId = callId
  return callId
}

function needSecret(request: FastifyRequest, reply: FastifyReply): string {
  const secret = secretOf(request.headers.authorization)
  if (secret !== undefined) return secret
  void reply.header('www-authenticate', 'Bearer')
  throw new HttpError(401, 'unauthenticated', 'The caller is not authenticated.', NO_SECRET)
}

function sessionOf(request: FastifyRequest, reply: FastifyReply, ownMedia: OwnMedia, way: Way): OwnSession {
  const callId = callOf(request)
  const secret = needSecret(request, reply)
  const { sessionId = '' } = request.params as { readonly sessionId?: string }
  const session = ownMedia.session(readGuid(sessionId) ?? '')
  if (session?.callId !== callId || session.way !== way) {
    const explanation = 'There is no such session, or not any more: it was ended, lost, or replaced by a newer one.'
    throw new HttpError(404, 'itemNotFound', 'The resource could not be found.', explanation)
  }
  if (!ownMedia.knows(callId, secret)) throw denied()
  return session
}

function bodyOf(request: FastifyRequest, type: string): string {
  const sent = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (sent !== type || typeof request.body !== 'string') throw wrongType(request)
  return request.body
}

function tagOf({ id }: OwnSession): string {
  return `"${id}"`
}

function wrongType({ method }: FastifyRequest): HttpError {
  const type = method === 'PATCH' ? FRAGMENT : SDP
  return new HttpError(
    415,
    'invalidRequest',
    'The content type is not supported.',
    `Send the body as ${type}, and say so in Content-Type.`,
  )
}

function denied(): HttpError {
  return new HttpError(403, 'accessDenied', 'Access is denied.', WRONG_SECRET)
}

function badOffer(status: 400 | 422, explanation: string): HttpError {
  return new HttpError(status, 'invalidRequest', 'The offer cannot be answered.', explanation)
}

function invalid(status: 400 | 412 | 422 | 428, explanation: string): HttpError {
  return new HttpError(status, 'invalidRequest', 'The request cannot be done.', explanation)
}

function refusalOf(error: unknown): unknown {
  if (error instanceof SessionError) {
    const explanation = 'The last offer is still being answered; send the next one when it is.'
    return new HttpError(409, 'conflict', 'The request cannot be done now.', explanation, RETRY.busy)
  }
  if (!(error instanceof MediaError)) return error
  if (error.code === 'badOffer') return badOffer(422, error.message)
  return new HttpError(503, 'serviceNotAvailable', 'The service is not available.', error.message, RETRY.full)
}
