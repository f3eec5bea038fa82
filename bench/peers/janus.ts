/** Debian's Janus with its AudioBridge: the same peers in rooms of another mixer. `apt-get install janus` brings it. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const BINARY = '/usr/bin/janus'
/** How long it may take to start, in milliseconds. */
const START = 10_000

/** Why Janus cannot be measured here; undefined if it can. */
export function noJanus(): string | undefined {
  if (!existsSync(BINARY)) return 'Janus is not here: apt-get install janus'
  return machineAddress() === undefined
    ? 'this machine has no address but loopback, which Janus does not use'
    : undefined
}

/** An address of this machine that is not loopback: nothing leaves the machine for it, either. */
export function machineAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? [])
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address
}

interface Answer {
  readonly janus: string
  readonly session_id?: number
  readonly data?: { readonly id: number }
  readonly sender?: number
  readonly jsep?: { readonly sdp: string }
  readonly plugindata?: { readonly data: Readonly<Record<string, unknown>> }
  readonly error?: { readonly reason: string }
}

/** A running Janus. */
export class Janus {
  readonly #process: ChildProcess
  readonly #folder: string
  readonly #url: string
  readonly #answers = new Map<number, (event: Answer) => void>()
  readonly #rooms = new Set<number>()
  #session = 0
  #stopped = false

  private constructor(process: ChildProcess, folder: string, url: string) {
    this.#process = process
    this.#folder = folder
    this.#url = url
  }

  static async start(): Promise<Janus> {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-janus-'))
    const port = await freePort()
    const plugins = dirname(globSync('/usr/lib/*/janus/plugins/libjanus_audiobridge.so')[0] ?? '')
    const transports = plugins.replace(/plugins$/, 'transports')
    const unwanted = globSync('*.so', { cwd: plugins }).filter((name) => !name.includes('audiobridge'))
    const others = globSync('*.so', { cwd: transports }).filter((name) => !name.includes('http'))
    const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
    write(
      'janus.jcfg',
      `general: { configs_folder = "${folder}"; plugins_folder = "${plugins}"; transports_folder = "${transports}";
  events_folder = "${folder}"; loggers_folder = "${folder}"; debug_level = 2; session_timeout = 0 }
media: { ipv6 = false }
nat: { ice_enforce_list = "${machineAddress()}" }
plugins: { disable = "${unwanted.join(',')}" }
transports: { disable = "${others.join(',')}" }
`,
    )
    write('janus.plugin.audiobridge.jcfg', 'general: { local_ip = "127.0.0.1"; rtp_port_range = "20000-29999" }\n')
    write(
      'janus.transport.http.jcfg',
      `general: { base_path = "/janus"; http = true; port = ${port}; ip = "127.0.0.1"; https = false }\n`,
    )
    const child = spawn(BINARY, ['--configs-folder', folder], { stdio: 'ignore' })
    const janus = new Janus(child, folder, `http://127.0.0.1:${port}/janus`)
    await janus.#open()
    void janus.#listen()
    return janus
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  async #open(): Promise<void> {
    for (const end = performance.now() + START; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      try {
        this.#session = (await this.#ask('', { janus: 'create' })).data?.id ?? 0
        return
      } catch (error) {
        if (performance.now() > end) throw error
      }
    }
  }

  async #ask(path: string, body: object): Promise<Answer> {
    const response = await fetch(this.#url + path, {
      method: 'POST',
      body: JSON.stringify({ ...body, transaction: 'bench' }),
    })
    const answer = (await response.json()) as Answer
    if (answer.error) throw new Error(`Janus: ${answer.error.reason}`)
    return answer
  }

  /** Takes answers as they come, by long polling: among them is who else has joined, told to everybody. */
  async #listen(): Promise<void> {
    while (!this.#stopped) {
      try {
        const response = await fetch(`${this.#url}/${this.#session}?maxev=500`)
        for (const event of (await response.json()) as readonly Answer[]) {
          if (event.jsep ?? event.plugindata?.data['rtp']) this.#answers.get(event.sender ?? 0)?.(event)
        }
      } catch {
        return
      }
    }
  }

  /** Somebody new, as what is to be said to the AudioBridge in their name, and what it will answer. */
  async #attach(): Promise<{
    readonly message: (body: object, jsep?: object) => Promise<Answer>
    readonly answered: Promise<Answer>
  }> {
    const path = `/${this.#session}`
    const { data } = await this.#ask(path, { janus: 'attach', plugin: 'janus.plugin.audiobridge' })
    const handle = data?.id ?? 0
    const answered = new Promise<Answer>((resolve) => {
      this.#answers.set(handle, resolve)
    })
    const message = (body: object, jsep?: object): Promise<Answer> =>
      this.#ask(`${path}/${handle}`, { janus: 'message', body, ...(jsep && { jsep }) })
    return { message, answered }
  }

  /** Puts a peer into a room; settled like ours: 48 kHz, two packets of buffer. @returns the answer */
  async connect(room: number, offer: string): Promise<string> {
    const { message, answered } = await this.#attach()
    if (!this.#rooms.has(room)) {
      this.#rooms.add(room)
      await message({ request: 'create', room, sampling_rate: 48_000, default_prebuffering: 2, audiolevel_ext: true })
    }
    await message({ request: 'join', room, prebuffer: 2, bitrate: 32_000, quality: QUALITY })
    await message({ request: 'configure', muted: false }, { type: 'offer', sdp: offer })
    return (await answered).jsep?.sdp ?? ''
  }

  /** Puts a telephone on this machine into a room of 16 kHz: G.711, two packets of buffer. @returns the port it is to send to */
  async connectRtp(room: number, port: number): Promise<number> {
    const { message, answered } = await this.#attach()
    if (!this.#rooms.has(room)) {
      this.#rooms.add(room)
      const settings = { sampling_rate: 16_000, default_prebuffering: 2, allow_rtp_participants: true }
      await message({ request: 'create', room, ...settings })
    }
    const rtp = { ip: '127.0.0.1', port, payload_type: 0 }
    await message({ request: 'join', room, codec: 'pcmu', prebuffer: 2, rtp })
    const place = (await answered).plugindata?.data['rtp'] as { readonly port: number } | undefined
    return place?.port ?? 0
  }

  async stop(): Promise<void> {
    this.#stopped = true
    const ended = new Promise((resolve) => {
      this.#process.once('exit', resolve)
    })
    this.#process.kill('SIGKILL')
    await ended
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Opus' complexity. */
const QUALITY = 2

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return port
}
