/**
 * How long an invite takes, from the request to the operation's notification at the bot and to the roster at the bot, at a
 * steady pace: a tenth, half and four fifths of what the server takes at most. Beside it: a bare POST over loopback.
 */
import { Helper } from './kit/children.ts'
import { CALLS, groupCalls } from './kit/calls.ts'
import { Client, atOnce, paced } from './kit/client.ts'
import type { Bench } from './kit/bench.ts'
import { Rollcall, person } from './kit/rollcall.ts'
import { percentile } from './kit/stats.ts'
import type { Arrival } from './bot.ts'

const INVITES_A_CALL = 5
const SHARES = [0.1, 0.5, 0.8] as const
const PERCENTILES = { p50: 0.5, p99: 0.99, 'p99.9': 0.999 } as const

export const latency: Bench = {
  name: 'latency',
  what: 'milliseconds from the request to the notifications at the bot, by share of the throughput',
  async round({ scale }) {
    const count = Math.round(2000 * scale)
    const bot = await Helper.start('bot.ts')
    const server = await Rollcall.start({ callbacks: [bot.ready], people: 2 + INVITES_A_CALL })
    const client = new Client(server.url, await server.token(), 64)
    const figures: Record<string, number> = { bare: await bare(bot.ready, count) }
    try {
      const most = await throughput(client, bot, count)
      figures['most'] = most
      for (const share of SHARES) {
        const { operation, roster } = await atPace(client, bot, count, most * share)
        for (const [name, where] of Object.entries(PERCENTILES)) {
          figures[`operation ${name} at ${share}`] = percentile(operation, where)
          figures[`roster ${name} at ${share}`] = percentile(roster, where)
        }
      }
    } finally {
      await client.close()
      await server.stop()
      bot.stop()
    }
    return figures
  },
  compare: [
    { what: 'operation at half load, p50, in bare POSTs', ours: 'operation p50 at 0.5', peer: 'bare', most: 5 },
    { what: 'roster at half load, p50, in bare POSTs', ours: 'roster p50 at 0.5', peer: 'bare', most: 5 },
  ],
}

/** The middle time of a POST that a bot answers at once, one after the other. */
async function bare(url: string, count: number): Promise<number> {
  const client = new Client(url, 'none', 1)
  const times: number[] = []
  const { pathname } = new URL(url)
  await atOnce(count, 1, async () => {
    const began = performance.now()
    await client.post(pathname, '{}')
    times.push(performance.now() - began)
  })
  await client.close()
  return percentile(
    times.toSorted((a, b) => a - b),
    0.5,
  )
}

/** Invites a second, as many at once as there are connections. */
async function throughput(client: Client, bot: Helper, count: number): Promise<number> {
  const calls = await groupCalls(client, bot, Math.ceil(count / INVITES_A_CALL), 2)
  const before = await bot.ask<{ operations: number }>({ field: 'posts', count: 0 })
  const began = performance.now()
  await atOnce(count, 64, async (number) => void (await invite(client, calls, number)))
  await bot.ask({ field: 'operations', count: before.operations + count })
  return count / ((performance.now() - began) / 1000)
}

/** One invite; calls take turns, so that none has two at once. */
function invite(client: Client, calls: readonly string[], number: number): Promise<string> {
  const call = calls[number % calls.length] ?? ''
  const participants = [person(2 + (Math.floor(number / calls.length) % INVITES_A_CALL))]
  return client.post(`${CALLS}/${call}/participants/invite`, JSON.stringify({ participants }))
}

interface Times {
  readonly operation: readonly number[]
  readonly roster: readonly number[]
}

async function atPace(client: Client, bot: Helper, count: number, pace: number): Promise<Times> {
  const calls = await groupCalls(client, bot, Math.ceil(count / INVITES_A_CALL), 2)
  const before = await bot.ask<{ operations: number; rosters: number }>({ field: 'posts', count: 0 })
  await bot.ask({ watch: true })
  const asked = new Map<string, number>()
  await paced(count, pace, async (number) => {
    const now = Number(process.hrtime.bigint()) / 1e6
    const { id, participants } = JSON.parse(await invite(client, calls, number)) as Invited
    asked.set(id, now)
    for (const { id: participantId } of participants) asked.set(participantId, now)
  })
  await bot.ask({ field: 'operations', count: before.operations + count })
  await bot.ask({ field: 'rosters', count: before.rosters + count })
  const arrivals = await bot.ask<readonly Arrival[]>({ watch: false })
  return { operation: waits(arrivals, asked, 'operation'), roster: waits(arrivals, asked, 'roster') }
}

interface Invited {
  readonly id: string
  readonly participants: readonly { readonly id: string }[]
}

/** From the moment at which a request began, a free connection included, to the first notification that has its id. */
function waits(arrivals: readonly Arrival[], asked: ReadonlyMap<string, number>, what: Arrival['what']): number[] {
  const first = new Map<string, number>()
  for (const arrival of arrivals) {
    if (arrival.what !== what) continue
    for (const id of arrival.ids) if (!first.has(id)) first.set(id, arrival.at)
  }
  const found = [...first].flatMap(([id, at]) => {
    const began = asked.get(id)
    return began === undefined ? [] : [at - began]
  })
  return found.sort((a, b) => a - b)
}
