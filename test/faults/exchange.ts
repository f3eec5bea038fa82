/** One request exactly as it is given, however wrong, and what every answer must be whatever was asked. */
import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AnyJson } from '../support/any-json.ts'

/** A request as it goes out. */
export interface Shot {
  readonly method: string
  /** The target as it stands in the request line: printable, but otherwise unchecked. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** What came back. */
export interface Echo {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** The form in which a surface refuses: Graph's, with the explanation in a header, or Entra's. */
export type Form = 'graph' | 'entra' | 'either'

/** An answer may take this long, in real milliseconds. */
const PATIENCE = 5000

/**
 * Sends one request on a connection of its own.
 * @returns undefined if the server closed the connection before it had read the whole of a body that is too large
 */
export async function send(url: string, { method, path, headers, body }: Shot): Promise<Echo | undefined> {
  const { hostname, port } = new URL(url)
  const length = body.length > 0 || method === 'POST' || method === 'PUT' ? { 'content-length': body.length } : {}
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      agent: false,
      hostname,
      port,
      method,
      path,
      headers: { ...length, ...headers },
      signal: AbortSignal.timeout(PATIENCE),
    })
    outgoing.on('error', (error) => {
      const closed = 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      if (closed && body.length > 65_536) resolve(undefined)
      else reject(error)
    })
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text })
      })
    })
    outgoing.end(body)
  })
}

/** What must hold of every answer. @throws with the reason why it does not */
export function assertSound({ method, path }: Shot, echo: Echo, form: Form): void {
  const { status, headers, text } = echo
  const explanation = String(headers['rollcall-explanation'])
  const named = status === 501 && /is refused|cannot be called|not by token/.test(explanation)
  assert.ok(status >= 200 && (status < 500 || named), `answered ${status}: ${text}`)
  assertSilent(text, JSON.stringify(headers))
  if (status < 400 || method === 'HEAD') return
  assert.match(headers['content-type'] ?? '', /^application\/json/)
  const body: AnyJson = JSON.parse(text)
  const entra = form === 'entra' || (form === 'either' && typeof body.error === 'string')
  if (entra) assertEntraError(body)
  else assertGraphError(body, headers, path)
}

/** No stack, no path of a file, nothing of what the server is made with. */
function assertSilent(...texts: readonly string[]): void {
  for (const text of texts) {
    assert.doesNotMatch(text, /\n\s+at |node_modules|node:internal|file:\/\/|\.ts:\d|\.js:\d|FST_|SQLITE|ERR_[A-Z]/)
    assert.ok(!text.includes(process.cwd()), `a path of the server's is told: ${text}`)
  }
}

function assertGraphError({ error, ...rest }: AnyJson, headers: IncomingHttpHeaders, path: string): void {
  assert.deepEqual(rest, {})
  const { code, message, innerError, ...others } = error
  assert.deepEqual(others, {})
  assert.ok(typeof code === 'string' && /^\w+$/.test(code), `code ${code}`)
  assert.ok(typeof message === 'string' && message !== '')
  assert.match(innerError.date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
  assert.equal(innerError['request-id'], headers['request-id'])
  assert.equal(innerError['client-request-id'], headers['client-request-id'])
  assert.match(String(headers['rollcall-explanation']), /^[\x20-\x7e]{10,1024}$/, `no explanation at ${path}`)
}

function assertEntraError({ error, error_description, error_codes, timestamp, trace_id, ...rest }: AnyJson): void {
  assert.deepEqual(Object.keys(rest), ['correlation_id'])
  assert.match(error, /^[a-z_]+$/)
  assert.match(error_description, /^AADSTS\d+: /)
  assert.equal(error_codes.length, 1)
  assert.match(timestamp, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/)
  assert.match(trace_id, /^[0-9a-f-]{36}$/)
}
