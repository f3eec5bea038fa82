/** The engine's process as the server sees it: what is sent to it, and what comes of it. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../runtime.ts'
import type { FromStudio, StudioSettings, ToStudio } from './protocol.ts'

/** How long the process may take to start, and to end when it is told to; milliseconds. */
const START = 15_000
const END = 3000
/** Messages that wait for the process: beyond these sound is left out; beyond ten times as many it counts as broken. */
const MOST_WAITING = 1000

const FILE = fileURLToPath(new URL('child.ts', import.meta.url))

/** Packets live for a few ticks: with room for them, next to none has to be moved when the space is swept (in MiB). */
const YOUNG = ['--min-semi-space-size=16', '--max-semi-space-size=32']

/** Characters of what the process complains that are kept. */
const COMPLAINT = 2000

/** What the process tells. */
export interface ProcessEvents {
  onMessage(message: FromStudio): void
  /** It ended although nobody told it to. */
  onLost(reason: string): void
}

/** A running engine's process. */
export class StudioProcess {
  readonly #child: ChildProcess
  readonly #clock: Clock
  readonly #events: ProcessEvents
  readonly #exited: Promise<void>
  #waiting = 0
  /** The last of what it wrote to its standard error. */
  #complaint = ''
  #state: 'starting' | 'open' | 'over' = 'starting'
  /** Messages that were left out. */
  dropped = 0
  /** Rejects if it does not start. */
  readonly opened: Promise<void>

  constructor(settings: StudioSettings, clock: Clock, events: ProcessEvents) {
    this.#clock = clock
    this.#events = events
    // Nothing of the server's environment is needed, and some of it may be secret.
    this.#child = fork(FILE, [], {
      execArgv: YOUNG,
      serialization: 'advanced',
      env: {},
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-COMPLAINT)
    })
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', () => resolve())
    })
    this.opened = new Promise((resolve, reject) => {
      const cancel = clock.schedule(clock.now() + START, () => this.#lose('it did not start in time'))
      const settle = (): void => {
        cancel()
        if (this.#state === 'open') resolve()
        else reject(new Error('the media engine did not start'))
      }
      this.#child.on('message', (messages) => {
        for (const told of messages as readonly FromStudio[]) {
          if (told.type === 'open') {
            this.#state = 'open'
            settle()
          } else if (this.#state === 'open') events.onMessage(told)
        }
      })
      this.#child.once('close', (code, signal) => {
        this.#lose(`it ended with ${signal ?? code ?? 'no code'}${this.#complaint && `: ${this.#complaint.trim()}`}`)
        settle()
      })
      this.#child.on('error', (error) => {
        this.#lose(error.message)
        settle()
      })
    })
    this.#post({ type: 'open', settings })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Says something to the process. @returns false if it was left out because too much waits */
  send(message: ToStudio): boolean {
    if (this.#state === 'over') return false
    if (this.#waiting > MOST_WAITING && message.type === 'say') {
      this.dropped++
      return false
    }
    if (this.#waiting > MOST_WAITING * 10) {
      this.#lose('it takes no messages')
      return false
    }
    this.#post(message)
    return true
  }

  #post(message: ToStudio): void {
    // A process that could not even be made has no channel.
    if (!this.#child.connected) return
    this.#waiting++
    this.#child.send(message, () => {
      this.#waiting--
    })
  }

  #lose(reason: string): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#child.kill('SIGKILL')
    this.#events.onLost(reason)
  }

  /** Ends the process; resolves when it has ended. */
  async close(): Promise<void> {
    if (this.#state !== 'over') {
      this.#post({ type: 'close' })
      this.#state = 'over'
    }
    const cancel = this.#clock.schedule(this.#clock.now() + END, () => this.#child.kill('SIGKILL'))
    await this.#exited
    cancel()
  }
}
