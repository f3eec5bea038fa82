/**
 * Rollcall's own blob of `appHostedMediaConfig`: with it an application's sound comes by a WebSocket, or by WebRTC. Blobs of
 * other kinds, such as Microsoft's media platform makes, are opaque.
 */
import { createHash } from 'node:crypto'
import type { MediaConfig, MediaSocket } from '../../calls/call.ts'
import { BadRequest } from './reader.ts'

type AppHosted = Extract<MediaConfig, { type: 'appHosted' }>

/** Printable characters without spaces: it goes into a header. */
const SECRET = /^[\x21-\x7e]{16,256}$/

/**
 * Reads a blob. What is kept of one of our own has a hash in place of its secret.
 * @param path for messages @throws BadRequest
 */
export function readBlob(blob: string | undefined, path: string): Pick<AppHosted, 'blob' | 'socket'> {
  const ours = blob === undefined ? undefined : ownBlob(blob)
  if (!ours) return blob === undefined ? {} : { blob }
  const { rollcall, secret, hears = 'mix' } = ours
  if (rollcall !== 'websocket' && rollcall !== 'webrtc') {
    throw new BadRequest(`${path}: rollcall must be "websocket" or "webrtc".`)
  }
  if (hears !== 'mix' && hears !== 'voices') throw new BadRequest(`${path}: hears must be "mix" or "voices".`)
  if (typeof secret !== 'string' || !SECRET.test(secret)) {
    throw new BadRequest(`${path}: secret must be 16 to 256 characters of ASCII without spaces, made for this call.`)
  }
  const socket: MediaSocket = { hears, secretHash: createHash('sha256').update(secret).digest('hex') }
  return { blob: JSON.stringify({ rollcall, hears }), socket }
}

/** Whether a body, or its text, may have the secret of a call's sound in it: that is not for the journal. */
export function holdsSecret(body: unknown): boolean {
  if (typeof body === 'string') return body.includes('blob') && body.includes('rollcall')
  const config = typeof body === 'object' && body !== null && 'mediaConfig' in body ? body.mediaConfig : undefined
  const blob = typeof config === 'object' && config !== null && 'blob' in config ? config.blob : undefined
  return typeof blob === 'string' && blob.includes('rollcall')
}

function ownBlob(blob: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const read: unknown = JSON.parse(blob)
    const isOurs = typeof read === 'object' && read !== null && Object.hasOwn(read, 'rollcall')
    return isOurs ? (read as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
