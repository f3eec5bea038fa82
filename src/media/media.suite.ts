/** What tests of media share: WAV files, and a server that they are fetched from. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { speechLike } from './sound.ts'
import { SAMPLE_RATE, writeWav } from './wav.ts'

/** A WAV file in which somebody speaks for some seconds. */
export function spokenWav(seconds: number): Buffer {
  const samples = new Int32Array(seconds * SAMPLE_RATE)
  speechLike(seconds * 1000).mix(samples, 0, 0)
  return writeWav(Int16Array.from(samples))
}

/** A server of files for one test. */
export interface FileServer {
  readonly url: string
  /** The requests that came, such as `GET /a.wav`. */
  readonly requests: string[]
  readonly files: Map<string, Buffer | ((request: IncomingMessage, response: ServerResponse) => void)>
}

/** Starts a server of files; what it does not have is answered with 404. */
export async function startFileServer(t: TestContext): Promise<FileServer> {
  const files: FileServer['files'] = new Map()
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const file = files.get(request.url ?? '')
    if (typeof file === 'function') return file(request, response)
    response.writeHead(file ? 200 : 404).end(file)
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, files }
}
