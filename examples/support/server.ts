/** Finds a running Rollcall, or starts one for as long as the example lasts. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A server to talk to. */
export interface FoundServer {
  readonly url: string
  /** Whether it was started for this example. */
  readonly own: boolean
  stop(): Promise<void>
}

/** @param url the address of a server that is to be used if it runs; another is started otherwise */
export async function findServer(url: string): Promise<FoundServer> {
  const running = await fetch(`${url}/healthz`).then(
    (response) => response.ok,
    () => false,
  )
  return running ? { url, own: false, stop: () => Promise.resolve() } : startServer()
}

async function startServer(): Promise<FoundServer> {
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
  const flags = ['--data', 'memory', '--port', '0', '--log-level', 'error']
  const child = spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server stopped with code ${code ?? '?'} before it was ready`)))
    createInterface(child.stdout).on('line', (line) => {
      const address = /^Rollcall ready at (\S+)$/.exec(line)?.[1]
      if (address !== undefined) resolve(address)
    })
  })
  return {
    url,
    own: true,
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}
