/** Reads the body of a batch. The rules are those of Graph's JSON batching; a mistake in one request refuses the batch. */
import { HttpError } from '../../http/http-error.ts'
import type { ErrorCode } from '../../http/http-error.ts'

/** The most requests of one batch. */
export const MOST_REQUESTS = 20

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** One request of a batch. */
export interface InnerRequest {
  readonly id: string
  readonly method: (typeof METHODS)[number]
  /** Path and query below the server's root, with the version of the batch. */
  readonly url: string
  /** By lower-case name; none of those that belong to the connection or to the batch. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer | undefined
  /** Places, in the list, of the earlier requests that must have succeeded. */
  readonly dependsOn: readonly number[]
}

/** Headers of an inner request that are the connection's or the batch's business. */
const IGNORED = [
  'authorization',
  'connection',
  'content-length',
  'expect',
  'host',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,128}$/
const HEADER_VALUE = /^[\x20-\x7e\t]{0,4096}$/

/** A batch that cannot be carried out as it stands. */
function refused(message: string, explanation: string, code: ErrorCode = 'BadRequest'): HttpError {
  return new HttpError(400, code, message, explanation)
}

const malformed = (explanation: string): HttpError => refused('Invalid batch payload format.', explanation)

/**
 * Reads the requests of a batch.
 * @param root the version segment under which the batch was sent, such as `v1.0`
 * @throws HttpError
 */
export function readBatch(body: unknown, root: string): readonly InnerRequest[] {
  const list = isObject(body) ? body['requests'] : undefined
  if (!Array.isArray(list)) throw malformed('The body must be an object with a list of requests: {"requests": [...]}.')
  if (list.length === 0) throw malformed('requests is empty; name at least one request.')
  if (list.length > MOST_REQUESTS) {
    throw refused(
      `Number of batch request steps exceeds the maximum value of ${MOST_REQUESTS}`,
      `A batch takes at most ${MOST_REQUESTS} requests, and this one has ${list.length}; send several batches.`,
      'MaximumValueExceeded',
    )
  }
  const places = new Map<string, number>()
  return list.map((item: unknown, place) => {
    if (!isObject(item)) throw malformed(`requests[${place}] must be an object.`)
    const request = readRequest(item, place, root, places)
    places.set(request.id.toLowerCase(), place)
    return request
  })
}

type Item = Readonly<Record<string, unknown>>

function readRequest(item: Item, place: number, root: string, places: ReadonlyMap<string, number>): InnerRequest {
  const { id, method, url } = item
  if (typeof id !== 'string' || id === '' || id.length > 256) {
    throw malformed(`requests[${place}].id must be a text of 1 to 256 characters.`)
  }
  if (places.has(id.toLowerCase())) {
    throw refused(
      `Request Id ${shown(id)} has to be unique in a batch.`,
      `Two requests of the batch have the id ${shown(id)}.`,
    )
  }
  const known = typeof method === 'string' ? METHODS.find((one) => one === method.toUpperCase()) : undefined
  if (!known) throw malformed(`requests[${place}].method must be one of ${METHODS.join(', ')}.`)
  const headers = readHeaders(item['headers'], place)
  return {
    id,
    method: known,
    url: readUrl(url, place, root),
    headers,
    body: readBody(item['body'], headers['content-type'], id),
    dependsOn: readDependencies(item['dependsOn'], place, places),
  }
}

/** An address below the batch's own version: whatever dots it has, it cannot leave it. */
function readUrl(url: unknown, place: number, root: string): string {
  if (typeof url !== 'string' || url === '' || url.length > 8192) {
    throw malformed(`requests[${place}].url must be the address below /${root}, such as /communications/calls.`)
  }
  const full = `/${root}/${url.replace(/^\/+/, '')}`
  const parsed = URL.parse(full, 'http://localhost')
  if (!parsed?.pathname.startsWith(`/${root}/`)) {
    throw malformed(`requests[${place}].url leaves /${root}; it must be an address below it.`)
  }
  return parsed.pathname + parsed.search
}

function readHeaders(given: unknown, place: number): Record<string, string> {
  if (given === undefined || given === null) return {}
  if (!isObject(given)) throw malformed(`requests[${place}].headers must be an object.`)
  const headers: Record<string, string> = {}
  for (const [written, value] of Object.entries(given)) {
    const name = written.toLowerCase()
    const text = typeof value === 'number' ? String(value) : value
    if (!HEADER_NAME.test(name) || typeof text !== 'string' || !HEADER_VALUE.test(text)) {
      throw malformed(`requests[${place}].headers: ${shown(written)} is not a header with a printable text.`)
    }
    if (!IGNORED.includes(name)) headers[name] = text
  }
  return headers
}

/** JSON as it is; anything else comes as base64. */
function readBody(body: unknown, contentType: string | undefined, id: string): string | Buffer | undefined {
  if (body === undefined || body === null) return undefined
  if (contentType === undefined) {
    throw refused(
      `Write request id : ${shown(id)} does not contain Content-Type header or body.`,
      `The request ${shown(id)} has a body and no Content-Type among its headers; add "Content-Type": "application/json".`,
    )
  }
  if (typeof body === 'string' && !/^application\/(.*\+)?json\b/i.test(contentType)) return Buffer.from(body, 'base64')
  return JSON.stringify(body)
}

function readDependencies(given: unknown, place: number, places: ReadonlyMap<string, number>): readonly number[] {
  if (given === undefined || given === null) return []
  if (!Array.isArray(given)) throw malformed(`requests[${place}].dependsOn must be a list of ids.`)
  const found = given.map((id: unknown) => {
    const earlier = typeof id === 'string' ? places.get(id.toLowerCase()) : undefined
    if (earlier === undefined) {
      throw malformed(
        `requests[${place}].dependsOn: ${typeof id === 'string' ? shown(id) : 'what it holds'} is not the id of an earlier request of the batch.`,
      )
    }
    return earlier
  })
  return [...new Set(found)]
}

function shown(text: string): string {
  return text.slice(0, 64)
}

function isObject(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
