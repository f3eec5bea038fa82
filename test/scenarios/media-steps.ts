/** Steps and bodies that the scenarios of media share. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { spokenWav, startFileServer } from '../../src/media/media.suite.ts'
import type { Reply, World } from '../support/world.ts'
import { CALLS, GUID } from './steps.ts'
import type { Json, Known } from './wire.ts'
import { ended } from './wire.ts'

/** The address of a prompt of so many seconds, served for one test. */
export async function promptOf(t: TestContext, seconds: number): Promise<string> {
  const { url, files } = await startFileServer(t)
  files.set('/prompt.wav', spokenWav(seconds))
  return `${url}/prompt.wav`
}

/** A `mediaPrompt`. */
export const mediaPrompt = (uri: string, more: Json = {}): Json => ({
  '@odata.type': '#microsoft.graph.mediaPrompt',
  mediaInfo: { '@odata.type': '#microsoft.graph.mediaInfo', uri },
  ...more,
})

/** Asks for an action on a call. */
export function act(world: World, call: Known, action: string, body: Json = {}): Promise<Reply> {
  return world.client('alpha', call.version).post(`${CALLS}/${call.id}/${action}`, body)
}

/** What the answer to every media operation has. */
export const answered = (kind: string, id: string, status: string, clientContext: string | null = null): Json => ({
  '@odata.type': `#microsoft.graph.${kind}Operation`,
  id,
  status,
  clientContext,
  resultInfo: null,
})

/** Asserts that an action was answered with a running operation, whole, and returns its id. */
export function assertRunning(reply: Reply, call: Known, kind: string, members: Json = {}, status = 200): string {
  assert.equal(reply.status, status, reply.headers.get('rollcall-explanation') ?? '')
  const { id } = reply.body
  assert.match(id, GUID)
  assert.deepEqual(reply.body, { ...answered(kind, id, 'running'), ...members })
  assert.match(reply.headers.get('location') ?? '', new RegExp(`/${call.version}${CALLS}/${call.id}/operations/${id}$`))
  return id
}

export const done: Json = {
  '@odata.type': '#microsoft.graph.resultInfo',
  code: 200,
  subcode: 0,
  message: 'Action completed successfully.',
}

export const cancelled: Json = {
  '@odata.type': '#microsoft.graph.resultInfo',
  code: 400,
  subcode: 8508,
  message: 'Action failed, the operation was cancelled.',
}

/** The one end of a media operation. */
export const mediaEnded = (call: Known, kind: string, id: string, status: string, resultInfo: Json, more = {}): Json =>
  ended(call, { '@odata.type': `#microsoft.graph.${kind}Operation`, status, resultInfo, id, ...more })
