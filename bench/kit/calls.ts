/** Group calls to measure with. */
import type { Taken } from '../bot.ts'
import type { Helper } from './children.ts'
import type { Client } from './client.ts'
import { atOnce } from './client.ts'
import { person } from './rollcall.ts'

export const CALLS = '/v1.0/communications/calls'

/** Makes group calls with so many people each; resolves with their ids once the bot knows that all are established. */
export async function groupCalls(client: Client, bot: Helper, count: number, people: number): Promise<string[]> {
  const before = await bot.ask<Taken>({ field: 'posts', count: 0 })
  const calls: string[] = []
  const request = JSON.stringify({
    callbackUri: bot.ready,
    targets: Array.from({ length: people }, (_, number) => person(number)),
    requestedModalities: ['audio'],
    mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
  })
  await atOnce(count, 32, async () => {
    calls.push((JSON.parse(await client.post(CALLS, request)) as { id: string }).id)
  })
  await bot.ask({ field: 'established', count: before.established + count })
  return calls
}
