/**
 * Invites per second: accepted ones, and whole ones, of which the bot has taken the notifications. Beside the same HTTP
 * framework that only echoes, and a mock server without state, under the same client.
 */
import { Helper, bytesWritten, cpuSeconds } from './kit/children.ts'
import { Client, atOnce } from './kit/client.ts'
import type { Bench } from './kit/bench.ts'
import { CALLS, groupCalls } from './kit/calls.ts'
import { Rollcall, person } from './kit/rollcall.ts'
import type { Taken } from './bot.ts'

const CONNECTIONS = 64
const INVITES_A_CALL = 5

const body = (number: number): string =>
  JSON.stringify({ participants: [person(2 + (number % INVITES_A_CALL))], clientContext: `invite ${number}` })

export const invite: Bench = {
  name: 'invite',
  what: 'invites per second; cpu: milliseconds of processor time of a whole one; posts: notifications of one; written: KiB of disk for one',
  async round({ scale }) {
    const count = 5000 * scale
    const echo = await peer('peers/echo.ts', count)
    const mock = await peer('peers/prism/mock.ts', Math.ceil(count / 4))
    const { accepted, whole, cpu, posts, written } = await rollcall(count)
    return { accepted, whole, echo, mock, cpu, posts, written }
  },
  compare: [
    { what: 'accepted, beside the echo', ours: 'accepted', peer: 'echo', aim: 0.5 },
    { what: 'accepted, beside the mock', ours: 'accepted', peer: 'mock', aim: 2 },
    { what: 'whole, beside the echo', ours: 'whole', peer: 'echo', aim: 0.25 },
  ],
}

async function peer(script: string, count: number): Promise<number> {
  const helper = await Helper.start(script)
  const [url = '', token = ''] = helper.ready.split(' ')
  const client = new Client(url, token, CONNECTIONS)
  const path = `${CALLS}/${crypto.randomUUID()}/participants/invite`
  const run = (each: number): Promise<void> =>
    atOnce(each, CONNECTIONS, async (number) => void (await client.post(path, body(number))))
  await run(Math.ceil(count / 10))
  const began = performance.now()
  await run(count)
  const seconds = (performance.now() - began) / 1000
  await client.close()
  helper.stop()
  return count / seconds
}

async function rollcall(
  count: number,
): Promise<{ accepted: number; whole: number; cpu: number; posts: number; written: number }> {
  const bot = await Helper.start('bot.ts')
  const server = await Rollcall.start({ callbacks: [bot.ready], people: 2 + INVITES_A_CALL })
  const client = new Client(server.url, await server.token(), CONNECTIONS)
  try {
    const warm = Math.ceil(count / 5)
    const calls = await groupCalls(client, bot, (count + warm) / INVITES_A_CALL, 2)
    const invitePeople = (from: number, to: number): Promise<void> =>
      atOnce(to - from, CONNECTIONS, async (index) => {
        const number = from + index
        const call = calls[Math.floor(number / INVITES_A_CALL)] ?? ''
        await client.post(`${CALLS}/${call}/participants/invite`, body(number))
      })
    const { rosters } = await bot.ask<Taken>({ field: 'posts', count: 0 })
    const settled = async (invites: number): Promise<Taken> => {
      await bot.ask({ field: 'operations', count: invites })
      return bot.ask({ field: 'rosters', count: rosters + invites })
    }
    await invitePeople(0, warm)
    const before = await settled(warm)
    const [used, bytes] = [cpuSeconds(server.pid), bytesWritten(server.pid)]
    const [began, beganAt] = [performance.now(), Date.now()]
    await invitePeople(warm, warm + count)
    const accepted = count / ((performance.now() - began) / 1000)
    const taken = await settled(warm + count)
    const cpu = ((cpuSeconds(server.pid) - used) * 1000) / count
    const written = (bytesWritten(server.pid) - bytes) / 1024 / count
    const posts = (taken.posts - before.posts) / count
    return { accepted, whole: count / ((taken.at - beganAt) / 1000), cpu, posts, written }
  } finally {
    await client.close()
    await server.stop()
    bot.stop()
  }
}
