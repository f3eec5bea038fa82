/**
 * What many live calls cost: one invite, the heap, and the time to be back after a restart, with 1, 1,000, 10,000 and
 * 100,000 live calls of three people each. Nobody is Rollcall's peer here but Rollcall with fewer calls.
 *
 * A full round takes longer than some machines let a command take: kept in a folder, it stops when its time is over, and
 * the next command goes on with the same calls.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Helper, cpuSeconds } from './kit/children.ts'
import { Client, atOnce } from './kit/client.ts'
import type { Bench, Figures, Size } from './kit/bench.ts'
import { Unfinished } from './kit/bench.ts'
import { Rollcall, person } from './kit/rollcall.ts'
import { percentile } from './kit/stats.ts'
import { CALLS, groupCalls } from './kit/calls.ts'

const SIZES = [1, 1000, 10_000, 100_000] as const
/** Invites that are timed: enough that the collector's work on a large heap counts with its share. */
const INVITES = 2000
/** Calls that get them, and how many a call takes at most: at each size the same, for a call with more people costs more. */
const INVITED_CALLS = 500
const A_CALL = 10
/** Calls that are made before the time is looked at. */
const SLICE = 1000

export const growth: Bench = {
  name: 'growth',
  what: 'microseconds of an invite (p50) and of the processor for one, bytes of heap for one more call, seconds to be ready after a restart',
  async round(size) {
    const round = await Round.begin(size)
    try {
      return await round.run()
    } finally {
      await round.end()
    }
  },
  compare: [
    {
      what: 'an invite among 100,000 calls, beside 1,000',
      ours: 'invite at 100000',
      peer: 'invite at 1000',
      most: 1.2,
    },
    {
      what: 'its processor time',
      ours: 'processor at 100000',
      peer: 'processor at 1000',
      most: 1.2,
    },
    { what: 'ready after a restart, beside one call', ours: 'ready at 100000', peer: 'ready at 1' },
  ],
}

/** How far a round is. */
interface State {
  figures: Record<string, number>
  /** Live calls by now, and those of them that were made for the size that is under way. */
  live: number
  calls: string[]
  /** Bytes of heap with the calls of the size before, and how many those were. */
  heap: number
  before: number
  /** Where the bot listens. */
  port: number
}

class Round {
  readonly #size: Size
  readonly #bot: Helper
  readonly #server: Rollcall
  readonly #state: State
  #finished = false

  private constructor(size: Size, bot: Helper, server: Rollcall, state: State) {
    this.#size = size
    this.#bot = bot
    this.#server = server
    this.#state = state
  }

  static async begin(size: Size): Promise<Round> {
    const kept = size.keep && readState(size.keep.folder)
    const bot = await Helper.start('bot.ts', String(kept?.port ?? 0))
    const server = await Rollcall.start({
      callbacks: [bot.ready],
      people: 3 + A_CALL,
      flags: ['--max-live-calls=1000000', '--delivery-retention=1s', '--keep-alive-timeout=24h'],
      ...(size.keep && { folder: join(size.keep.folder, 'server') }),
    })
    const port = Number(new URL(bot.ready).port)
    return new Round(size, bot, server, kept ?? { figures: {}, live: 0, calls: [], heap: 0, before: 0, port })
  }

  async run(): Promise<Figures> {
    const { figures } = this.#state
    await this.#server.loaded(this.#state.live)
    for (const size of SIZES) {
      if (figures[`ready at ${size}`] !== undefined) continue
      await this.#grow(Math.max(1, Math.round(size * this.#size.scale)))
      await this.#measure(size)
    }
    this.#finished = true
    return figures
  }

  async end(): Promise<void> {
    const { keep } = this.#size
    if (keep && !this.#finished) await this.#server.halt()
    else await this.#server.stop()
    this.#bot.stop()
    if (keep && this.#finished) rmSync(keep.folder, { recursive: true, force: true })
  }

  /** Makes calls until there are so many. @throws Unfinished if the time is over before */
  async #grow(wanted: number): Promise<void> {
    const { keep } = this.#size
    const client = new Client(this.#server.url, await this.#server.token(), 32)
    const state = this.#state
    while (state.live < wanted) {
      const made = await groupCalls(client, this.#bot, Math.min(SLICE, wanted - state.live), 3)
      state.calls.push(...made)
      state.live += made.length
      this.#save()
      if (keep && performance.now() > keep.until)
        throw new Unfinished(`there are ${state.live} of ${wanted} live calls`)
    }
    await client.close()
  }

  async #measure(size: number): Promise<void> {
    const server = this.#server
    const state = this.#state
    const { figures } = state
    const client = new Client(server.url, await server.token(), 32)
    const used = cpuSeconds(server.pid)
    const calls = spread(state.calls, INVITED_CALLS)
    const count = Math.min(INVITES, calls.length * A_CALL)
    figures[`invite at ${size}`] = await invitePeople(client, calls, count)
    figures[`processor at ${size}`] = ((cpuSeconds(server.pid) - used) * 1e6) / count
    await client.close()
    await server.halt()
    await server.again()
    figures[`ready at ${size}`] = server.readyAfter / 1000
    // After a restart there is nothing in the heap but what live calls need, once all of them are loaded.
    await server.loaded(state.live)
    const now = await server.heap()
    if (size > 1) figures[`heap at ${size}`] = (now - state.heap) / (state.live - state.before)
    Object.assign(state, { heap: now, before: state.live, calls: [] })
    this.#save()
  }

  #save(): void {
    const { keep } = this.#size
    if (keep) writeFileSync(join(keep.folder, STATE), JSON.stringify(this.#state))
  }
}

const STATE = 'growth.json'

function readState(folder: string): State | undefined {
  mkdirSync(folder, { recursive: true })
  try {
    return JSON.parse(readFileSync(join(folder, STATE), 'utf8')) as State
  } catch {
    return undefined
  }
}

/** So many of a list, from all over it. */
function spread(list: readonly string[], most: number): readonly string[] {
  const step = Math.max(1, list.length / most)
  return list.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step)).slice(0, most)
}

/** The middle time of one invite after the other, in microseconds. */
async function invitePeople(client: Client, calls: readonly string[], count: number): Promise<number> {
  const times: number[] = []
  await atOnce(count, 1, async (number) => {
    const call = calls[(number * 7919) % calls.length] ?? ''
    const body = JSON.stringify({ participants: [person(3 + Math.floor(number / calls.length))] })
    const began = performance.now()
    await client.post(`${CALLS}/${call}/participants/invite`, body)
    times.push((performance.now() - began) * 1000)
  })
  const warm = times.slice(times.length / 5).toSorted((a, b) => a - b)
  return percentile(warm, 0.5)
}
