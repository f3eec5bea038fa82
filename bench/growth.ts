/**
 * What many live calls cost: one invite, the heap, and the time to be back after a restart, with 1, 1,000, 10,000 and
 * 100,000 live calls of three people each. Nobody is Rollcall's peer here but Rollcall with fewer calls.
 */
import { Helper } from './kit/children.ts'
import { Client, atOnce } from './kit/client.ts'
import type { Bench } from './kit/bench.ts'
import { Rollcall, person } from './kit/rollcall.ts'
import { percentile } from './kit/stats.ts'
import { CALLS, groupCalls } from './kit/calls.ts'

const SIZES = [1, 1000, 10_000, 100_000] as const
/** Invites that are timed, and how many of them one call takes at most. */
const INVITES = 500
const A_CALL = 10

export const growth: Bench = {
  name: 'growth',
  what: 'microseconds of an invite (p50), bytes of heap for one more call, seconds to be ready after a restart',
  async round({ scale }) {
    const figures: Record<string, number> = {}
    const bot = await Helper.start('bot.ts')
    const server = await Rollcall.start({
      callbacks: [bot.ready],
      people: 3 + A_CALL,
      flags: ['--max-live-calls=1000000', '--delivery-retention=1s', '--keep-alive-timeout=24h'],
    })
    let heap = 0
    let live = 0
    for (const size of SIZES) {
      const wanted = Math.max(1, Math.round(size * scale))
      const client = new Client(server.url, await server.token(), 32)
      const calls = await groupCalls(client, bot, wanted - live, 3)
      const more = wanted - live
      live = wanted
      figures[`invite at ${size}`] = await invitePeople(client, calls)
      await client.close()
      await server.halt()
      await server.again()
      figures[`ready at ${size}`] = server.readyAfter / 1000
      // After a restart there is nothing in the heap but what live calls need, once all of them are loaded.
      await server.loaded(live)
      const now = await server.heap()
      if (size > 1) figures[`heap at ${size}`] = (now - heap) / more
      heap = now
    }
    await server.stop()
    bot.stop()
    return figures
  },
  compare: [
    {
      what: 'an invite among 100,000 calls, beside 1,000',
      ours: 'invite at 100000',
      peer: 'invite at 1000',
      most: 1.2,
    },
    { what: 'ready after a restart, beside one call', ours: 'ready at 100000', peer: 'ready at 1' },
  ],
}

/** The middle time of one invite after the other, in microseconds. */
async function invitePeople(client: Client, calls: readonly string[]): Promise<number> {
  const times: number[] = []
  await atOnce(Math.min(INVITES, calls.length * A_CALL), 1, async (number) => {
    const call = calls[(number * 7919) % calls.length] ?? ''
    const body = JSON.stringify({ participants: [person(3 + Math.floor(number / calls.length))] })
    const began = performance.now()
    await client.post(`${CALLS}/${call}/participants/invite`, body)
    times.push((performance.now() - began) * 1000)
  })
  const warm = times.slice(times.length / 5).toSorted((a, b) => a - b)
  return percentile(warm, 0.5)
}
