/** Finds a running Rollcall, or starts one for as long as the example lasts. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'

/** A server to talk to. */
export interface FoundServer {
  readonly url: string
  /** Whether it was started for this example. */
  readonly own: boolean
  stop(): Promise<void>
}

/** What a server that is started for the example begins with. */
export interface OwnServer {
  /** The directory file. */
  readonly directory: string
  /** A wire version to pin for an application. */
  readonly pin?: { readonly appId: string; readonly wireVersion: string }
}

interface DirectoryFile {
  readonly tenants: readonly { readonly applications?: { appId: string; wireVersion?: string }[] }[]
}

/** @param url the address of a server that is to be used if it runs; another is started otherwise */
export async function findServer(url: string, own: OwnServer): Promise<FoundServer> {
  const running = await fetch(`${url}/healthz`).then(
    (response) => response.ok,
    () => false,
  )
  return running ? { url, own: false, stop: () => Promise.resolve() } : startServer(own)
}

async function startServer(own: OwnServer): Promise<FoundServer> {
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-demo-'))
  const directory = join(folder, 'directory.yaml')
  writeFileSync(directory, directoryOf(own))
  const flags = ['--data', 'memory', '--port', '0', '--log-level', 'error', '--directory', directory]
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
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The directory with which the server starts: the file, and in it the application's wire version. */
function directoryOf({ directory, pin }: OwnServer): string {
  const text = readFileSync(directory, 'utf8')
  if (!pin) return text
  const file = parse(text) as DirectoryFile
  const applications = file.tenants.flatMap((tenant) => tenant.applications ?? [])
  for (const application of applications) {
    if (application.appId === pin.appId) application.wireVersion = pin.wireVersion
  }
  return stringify(file)
}
