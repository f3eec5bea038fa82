/**
 * Signed notifications per second to 1, 100 and 1,000 bots: what had piled up while the bots held their answers back.
 * Beside it: the same HTTP client that posts the same bytes in a loop. Then with one more bot that is dead and one that
 * takes a second for each answer: what do they cost the others?
 */
import { Pool } from 'undici'
import { Helper } from './kit/children.ts'
import { CALLS } from './kit/calls.ts'
import { Client, atOnce } from './kit/client.ts'
import type { Bench } from './kit/bench.ts'
import { Rollcall, person } from './kit/rollcall.ts'
import type { Taken } from './bot.ts'

const BOTS = [1, 100, 1000] as const
const CALLS_IN_ALL = 1000
/** Nobody listens there. */
const DEAD = 'http://127.0.0.1:9/api/calls'
/** Notifications of each call of the dead and the slow bot. */
const TROUBLE = 20

export const notifications: Bench = {
  name: 'notifications',
  what: 'signed notifications delivered per second',
  async round({ scale }) {
    const each = Math.max(1, Math.round(10 * scale))
    const figures: Record<string, number> = { loop: await loop(CALLS_IN_ALL * each) }
    for (const bots of BOTS) figures[`to ${bots}`] = await deliver(bots, each, false)
    figures['to 100 beside trouble'] = await deliver(100, each, true)
    return figures
  },
  compare: [
    ...BOTS.map((bots) => ({ what: `to ${bots}, beside the loop`, ours: `to ${bots}`, peer: 'loop', aim: 0.6 })),
    { what: 'beside a dead and a slow bot', ours: 'to 100 beside trouble', peer: 'to 100', aim: 1 },
  ],
}

/** A roster of three as a bot gets it, with its headers. */
async function loop(count: number): Promise<number> {
  const bot = await Helper.start('bot.ts')
  const { origin, pathname } = new URL(bot.ready)
  const pool = new Pool(origin, { connections: 64, pipelining: 1 })
  const body = JSON.stringify({ value: [{ resource: { participants: 'x'.repeat(2000) } }] })
  const headers = { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${'x'.repeat(700)}` }
  const post = async (): Promise<void> => {
    const answer = await pool.request({ method: 'POST', path: pathname, headers, body })
    await answer.body.dump()
  }
  await atOnce(Math.ceil(count / 10), 64, post)
  const began = performance.now()
  await atOnce(count, 64, post)
  const rate = count / ((performance.now() - began) / 1000)
  await pool.destroy()
  bot.stop()
  return rate
}

async function deliver(bots: number, each: number, trouble: boolean): Promise<number> {
  const bot = await Helper.start('bot.ts')
  const callbacks = await bot.ask<string[]>({ listen: bots })
  const [slow = ''] = await bot.ask<string[]>({ listen: 1, slow: 1000 })
  const server = await Rollcall.start({
    callbacks: [...callbacks, DEAD, slow],
    people: 2,
    flags: ['--delivery-timeout=10m', '--keep-alive-timeout=24h'],
  })
  try {
    const calls = await Promise.all(callbacks.map((url, index) => talk(server, url, index, CALLS_IN_ALL / bots)))
    await bot.ask({ field: 'established', count: CALLS_IN_ALL })
    const worse = trouble
      ? await Promise.all([DEAD, slow].map((url, index) => talk(server, url, bots + index, 10)))
      : []
    const before = await quiet(bot)
    await bot.ask({ hold: true })
    for (const one of worse) await pile(one, TROUBLE)
    for (const one of calls) await pile(one, each)
    const began = Date.now()
    await bot.ask({ hold: false })
    // What was held is counted already when it comes: each call has one on its way, or waits for a connection.
    const after = await bot.ask<Taken>({ field: 'posts', count: before + CALLS_IN_ALL * each })
    await Promise.all([...calls, ...worse].map(({ client }) => client.close()))
    return (CALLS_IN_ALL * each) / ((after.at - began) / 1000)
  } finally {
    await server.halt('SIGKILL')
    await server.stop()
    bot.stop()
  }
}

/** The calls of one application. */
interface Talk {
  readonly client: Client
  readonly calls: readonly string[]
}

async function talk(server: Rollcall, callbackUri: string, app: number, count: number): Promise<Talk> {
  const client = new Client(server.url, await server.token(app), 4)
  const calls: string[] = []
  const request = JSON.stringify({
    callbackUri,
    targets: [person(0), person(1)],
    requestedModalities: ['audio'],
    mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
  })
  await atOnce(count, 4, async () => {
    calls.push((JSON.parse(await client.post(CALLS, request)) as { id: string }).id)
  })
  return { client, calls }
}

/** Has so many notifications made for each call: the bot mutes itself, and unmutes itself. */
async function pile({ client, calls }: Talk, each: number): Promise<void> {
  for (let number = 0; number < each; number++) {
    const path = number % 2 === 0 ? 'mute' : 'unmute'
    await atOnce(
      calls.length,
      4,
      async (index) => void (await client.post(`${CALLS}/${calls[index] ?? ''}/${path}`, '{}')),
    )
  }
}

/** How many notifications came, once no more come. */
async function quiet(bot: Helper): Promise<number> {
  for (let last = -1; ;) {
    const { posts } = await bot.ask<Taken>({ field: 'posts', count: 0 })
    if (posts === last) return posts
    last = posts
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}
