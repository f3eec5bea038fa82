/** A Rollcall as its users start it, in a folder of its own, with people who answer at once. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { stringify } from 'yaml'

export const TENANT = 'be000000-0000-4000-8000-000000000001'
const SECRET = 'of the bench'

/** An application of the bench, by its number. */
export function app(number: number): string {
  return `be100000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

/** Somebody, by their number. */
export function person(number: number): { readonly identity: object } {
  return { identity: { user: { id: `be200000-0000-4000-8000-${String(number).padStart(12, '0')}` } } }
}

/** What a server is started with. */
export interface Setting {
  /** Where each application is called back. */
  readonly callbacks: readonly string[]
  readonly people: number
  readonly flags?: readonly string[]
  /** Where it lives, if not in a new folder; one that was used before goes on. */
  readonly folder?: string
}

const ROLES = ['Calls.Initiate.All', 'Calls.InitiateGroupCall.All', 'Calls.JoinGroupCall.All', 'Calls.AccessMedia.All']

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Has no part in the server's work: see `heap.ts`. */
const TELL_HEAP = ['--expose-gc', '--import', new URL('heap.ts', import.meta.url).href]

/** A running server. */
export class Rollcall {
  readonly folder: string
  readonly #flags: readonly string[]
  #child: ChildProcess | undefined
  #url = ''
  /** Milliseconds from the start of the process to its ready line. */
  readyAfter = 0

  private constructor(folder: string, flags: readonly string[]) {
    this.folder = folder
    this.#flags = flags
  }

  static async start(setting: Setting): Promise<Rollcall> {
    const folder = setting.folder ?? mkdtempSync(join(tmpdir(), 'rollcall-bench-'))
    mkdirSync(folder, { recursive: true })
    const directory = {
      defaults: { script: { answer: { after: '0s' } } },
      tenants: [
        {
          id: TENANT,
          name: 'bench',
          users: Array.from({ length: setting.people }, (_, number) => ({
            id: (person(number).identity as { user: { id: string } }).user.id,
            displayName: `Person ${number}`,
            userPrincipalName: `person${number}@bench.example`,
          })),
          applications: setting.callbacks.map((callback, number) => ({
            appId: app(number),
            displayName: `Bot ${number}`,
            secret: SECRET,
            roles: ROLES,
            notificationUrl: callback,
          })),
        },
      ],
    }
    const file = join(folder, 'directory.yaml')
    writeFileSync(file, stringify(directory))
    const flags = [
      '--port=0',
      `--data=${join(folder, 'data')}`,
      `--directory=${file}`,
      '--log-level=error',
      '--max-calls-per-application=0',
      ...(setting.flags ?? []),
    ]
    const server = new Rollcall(folder, flags)
    await server.again()
    return server
  }

  get url(): string {
    return this.#url
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Starts the process, or starts it again on the same data. */
  async again(nodeFlags: readonly string[] = process.env['BENCH_NODE_FLAGS']?.split(' ') ?? []): Promise<void> {
    const began = performance.now()
    const child = spawn(process.execPath, [...nodeFlags, ...TELL_HEAP, 'src/main.ts', ...this.#flags], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    running.add(child)
    this.#child = child
    this.#url = await new Promise<string>((resolve, reject) => {
      let output = ''
      child.stdout?.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8')
        const url = /ready at (\S+)/.exec(output)?.[1]
        if (url !== undefined) resolve(url)
      })
      child.once('exit', () => reject(new Error(`the server did not start: ${output}`)))
    })
    this.readyAfter = performance.now() - began
  }

  /** Resolves once so many conversations are in memory. */
  async loaded(count: number): Promise<void> {
    for (;;) {
      const text = await (await fetch(`${this.#url}/metrics`)).text()
      if (Number(/^rollcall_live_conversations (\d+)/m.exec(text)?.[1]) >= count) return
      await pause(100)
    }
  }

  /** Bytes of heap in use, after a collection. */
  heap(): Promise<number> {
    return new Promise((resolve) => {
      this.#child?.once('message', (bytes) => resolve(Number(bytes)))
      this.#child?.send('heap')
    })
  }

  async token(number = 0): Promise<string> {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: app(number),
      client_secret: SECRET,
      scope: 'https://graph.microsoft.com/.default',
    })
    const response = await fetch(`${this.#url}/${TENANT}/oauth2/v2.0/token`, { method: 'POST', body })
    return ((await response.json()) as { access_token: string }).access_token
  }

  /** Ends the process. */
  async halt(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await gone
    running.delete(child)
  }

  /** Ends it, and its data. */
  async stop(): Promise<void> {
    await this.halt()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
