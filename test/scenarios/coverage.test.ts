/** The coverage table against the server: what is registered is in it, what is in it is registered, what is refused says so. */
import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { coverage } from '../../src/graph/coverage.ts'
import { collections } from '../../src/graph/routes/graph.ts'
import { startWorld } from '../support/world.ts'
import { assertRefused, peerToPeer } from './steps.ts'

const ROOT = /^\/(v1\.0|beta)(?=\/)/

/** Addresses of the coverage table's form, `METHOD /path/{name}`, that a server registers for one method each. */
async function registered(start: () => Promise<unknown>): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  const listen = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance }
    fastify.addHook('onRoute', ({ method, url }) => {
      // What has several methods is a refusal of all that a path does not take.
      if (typeof method !== 'string' || method === 'HEAD' || !ROOT.test(url)) return
      const path = collections.reduce(
        (address, collection) =>
          address === collection.path || address.startsWith(`${collection.path}/`)
            ? `/v1.0/communications/calls${address.slice(collection.path.length)}`
            : address,
        url,
      )
      found.add(`${method} ${path.replace(ROOT, '').replaceAll(/:(\w+)/g, '{$1}')}`)
    })
  }
  subscribe('fastify.initialization', listen)
  try {
    await start()
  } finally {
    unsubscribe('fastify.initialization', listen)
  }
  return found
}

test('every route of Graph that the server has is in the table, and every row is a route', async (t) => {
  const routes = await registered(() => startWorld(t))
  const rows = new Set(coverage().map(({ method, path }) => `${method} ${path}`))
  assert.deepEqual([...routes].toSorted(), [...rows].toSorted())
})

test('no operation is in the table twice, and what is not done says why', () => {
  const rows = coverage()
  assert.equal(new Set(rows.map(({ method, path }) => `${method} ${path}`)).size, rows.length)
  for (const { state, note, operation } of rows) {
    assert.notEqual(operation, '')
    assert.equal(note === undefined, state === 'done', operation)
  }
})

test('control tells the table, and each refused row answers 501 by its name', async (t) => {
  const world = await startWorld(t)
  const { body } = await world.control('GET', '/coverage')
  assert.deepEqual(body.value, coverage())
  const call = await peerToPeer(world)
  for (const { state, method, path, operation, note } of coverage()) {
    if (state !== 'refused') continue
    const address = path.replace('{callId}', call.id).replace('{participantId}', call.myParticipantId)
    const authorization = `Bearer ${await world.token('alpha')}`
    const given = method === 'GET' ? undefined : {}
    assertRefused(await world.request(method, `/v1.0${address}`, given, { authorization }), {
      status: 501,
      code: 'notImplemented',
      message: 'The operation is not implemented.',
      explanation: `${operation} is refused: ${note}; docs/reference/coverage.md says what is there.`,
    })
  }
})
