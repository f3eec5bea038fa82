/**
 * What must hold after any fault, once the server is well again: every request that was acknowledged is there, every
 * operation has one end, every notification that was owed has arrived at least once and in order, nobody is rung for
 * ever, and no number is missing.
 */
import assert from 'node:assert/strict'
import type { AnyJson } from '../support/any-json.ts'
import type { Bot } from '../support/bot.ts'
import { until } from './child.ts'
import { ask } from './load.ts'
import type { Promised, Workplace } from './load.ts'
import { CALLS } from './site.ts'

/** How long a server may take to come to rest on a machine that is busy, in milliseconds. */
const PATIENCE = 45_000

/** Checks a server that has nothing more to do. @returns figures of what was checked */
export async function assertNothingLost(
  place: Pick<Workplace, 'url' | 'token'>,
  bot: Bot,
  promised: Promised,
): Promise<object> {
  const get = async (path: string): Promise<AnyJson> => (await ask(place, 'GET', path)).body
  await until('everything is delivered and nobody is rung', PATIENCE, async () => {
    const conversations = await get('/control/calls?limit=1000')
    const busy = conversations.value.some(
      ({ invitations, operations }: AnyJson) =>
        invitations.length > 0 || operations.some(({ status }: AnyJson) => status === 'running'),
    )
    // Only now: what ended since has something to be told.
    return !busy && (await get('/control/notifications?state=pending&limit=1')).value.length === 0
  })
  const outcomes = outcomesOf(bot)
  for (const callId of promised.calls) {
    const conversation = await get(`/control/calls/${callId}`)
    const call = conversation.calls.find(({ id }: AnyJson) => id === callId)
    assert.ok(call, `the call ${callId} is lost`)
    if (promised.ended.has(callId)) assert.equal(call.state, 'terminated')
    if (call.live) assert.equal((await get(`${CALLS}/${callId}`)).state, call.state)
    assertOperations(conversation, promised, outcomes)
    assertDelivered((await get(`/control/notifications?callId=${callId}&limit=1000`)).value, bot, callId)
  }
  await assertKept(get, promised)
  const { value: scripts } = await get('/control/scripts')
  for (const [number, script] of promised.scripts) assert.deepEqual(scripts[number], script)
  const counts = Object.entries(promised).map(([name, { size }]) => [name, size])
  return { ...Object.fromEntries(counts), posts: bot.received.length }
}

/** Meetings and subscriptions that were promised are there, and so is the record of every call that has ended. */
async function assertKept(get: (path: string) => Promise<AnyJson>, promised: Promised): Promise<void> {
  for (const id of promised.meetings) {
    assert.equal((await get(`/v1.0/communications/onlineMeetings/${id}`)).id, id, `the meeting ${id} is lost`)
  }
  for (const id of promised.subscriptions) {
    assert.equal((await get(`/v1.0/subscriptions/${id}`)).id, id, `the subscription ${id} is lost`)
  }
  for (const { callChainId, endedAt } of (await get('/control/calls?limit=1000')).value) {
    if (typeof endedAt !== 'string') continue
    const record = await get(`/v1.0/communications/callRecords/${callChainId}`)
    assert.equal(record.id, callChainId, `the record of ${callChainId} is lost`)
  }
}

/** Every operation that was promised is there, has ended, and was announced once or more with this one outcome. */
function assertOperations(conversation: AnyJson, promised: Promised, outcomes: ReadonlyMap<string, Set<string>>): void {
  const callIds = conversation.calls.map(({ id }: AnyJson) => id)
  for (const [operationId, callId] of promised.operations) {
    if (!callIds.includes(callId)) continue
    const operation = conversation.operations.find(({ id }: AnyJson) => id === operationId)
    assert.ok(operation, `the operation ${operationId} is lost`)
    assert.ok(['completed', 'failed'].includes(operation.status), `${operationId} is ${operation.status}`)
    assert.deepEqual([...(outcomes.get(operationId) ?? [])], [operation.status])
  }
  for (const [participant, callId] of promised.removed) {
    if (!callIds.includes(callId)) continue
    assert.ok(!conversation.participants.some(({ id }: AnyJson) => id === participant), 'a removed participant is back')
  }
}

/** What each operation's notifications said of its end. */
function outcomesOf(bot: Bot): ReadonlyMap<string, Set<string>> {
  const outcomes = new Map<string, Set<string>>()
  for (const { resourceData, resourceUrl } of bot.received.flatMap(({ body }) => body.value)) {
    if (!resourceUrl.includes('/operations/')) continue
    const known = outcomes.get(resourceData.id) ?? new Set()
    outcomes.set(resourceData.id, known.add(resourceData.status))
  }
  return outcomes
}

/** A call's notifications have numbers without gaps, are all delivered, and were first taken in that order. */
function assertDelivered(newestFirst: readonly AnyJson[], bot: Bot, callId: string): void {
  const deliveries = newestFirst.toSorted((a, b) => a.number - b.number)
  const numbers = deliveries.map(({ number }) => number)
  assert.deepEqual(
    numbers,
    [...numbers.keys()].map((index) => index + 1),
  )
  for (const { state, number } of deliveries) assert.equal(state, 'delivered', `${callId} ${number}`)
  const byId = new Map(deliveries.map(({ id, number }) => [id, number]))
  const arrived = new Set<number>()
  for (const { headers } of bot.received.filter(({ taken }) => taken === true)) {
    const number = byId.get(headers['x-microsoft-skype-message-id'])
    if (number !== undefined) arrived.add(number)
  }
  assert.deepEqual([...arrived], numbers, `the notifications of ${callId} were taken in another order`)
  const deltas = deliveries
    .map(({ body }) => body.value[0].resourceData.sequenceNumber)
    .filter((number) => number !== undefined)
  assert.deepEqual(
    deltas,
    [...deltas.keys()].map((index) => deltas[0] + index),
  )
}
