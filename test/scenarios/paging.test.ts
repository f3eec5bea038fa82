/** Lists in pages: `$top`, `$count`, and links that lead through all of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PageIterator } from '@microsoft/microsoft-graph-client'
import { graphClient } from '../interop/graph-client.ts'
import type { AnyJson } from '../support/any-json.ts'
import { startWorld, user } from '../support/world.ts'
import { CALLS, assertRefused, groupCall, invalidArgument, invite } from './steps.ts'

test('participants come in pages, each with a link to the next', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world, ['ada', 'ben', 'cleo', 'dov'])
  const client = world.client('alpha')
  const path = `${CALLS}/${call.id}/participants`
  const whole = (await client.get(path)).body
  assert.deepEqual(Object.keys(whole), ['@odata.context', 'value'])
  const ids: string[] = []
  let next: string | undefined = `${world.url}/v1.0${path}?$top=2&$count=true&$select=id,isMuted`
  const sizes: number[] = []
  while (next !== undefined) {
    const { body } = await client.get(next.replace(`${world.url}/v1.0`, ''))
    assert.equal(body['@odata.context'], whole['@odata.context'])
    assert.equal(body['@odata.count'], 5)
    for (const item of body.value) assert.deepEqual(Object.keys(item), ['@odata.type', 'isMuted', 'id'])
    sizes.push(body.value.length)
    ids.push(...body.value.map(({ id }: AnyJson) => id))
    next = body['@odata.nextLink']
    if (next !== undefined) assert.match(next, /\?\$top=2&\$count=true&\$select=id%2CisMuted&\$skiptoken=[\w-]+$/)
  }
  assert.deepEqual(sizes, [2, 2, 1])
  assert.deepEqual(
    ids,
    rows.map(({ id }) => id),
  )
  const exact = (await client.get(`${path}?$top=5`)).body
  assert.deepEqual(exact, whole)
})

test('who leaves between two pages makes nobody else be left out', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world, ['ada', 'ben', 'cleo', 'dov'])
  const client = world.client('alpha')
  const first = (await client.get(`${CALLS}/${call.id}/participants?$top=3`)).body
  const next = first['@odata.nextLink'].replace(`${world.url}/v1.0`, '')
  await client.delete(`${CALLS}/${call.id}/participants/${rows[0]?.id}`)
  assert.deepEqual(
    (await client.get(next)).body.value.map(({ id }: AnyJson) => id),
    rows.slice(3).map(({ id }) => id),
  )
  assert.deepEqual(await world.lines(), ['updated roster of 4'])
})

test("operations come in pages too, and Microsoft's page iterator goes through them", async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  for (const name of ['cleo', 'dov', 'eva']) await invite(world, call, [user(name)])
  await world.take()
  const client = graphClient(world, 'v1.0')
  const first = await client.api(`${CALLS}/${call.id}/operations`).top(1).count(true).get()
  assert.equal(first['@odata.count'], 3)
  const seen: string[] = []
  const iterator = new PageIterator(client, first, (item) => {
    seen.push(item.id)
    return true
  })
  await iterator.iterate()
  assert.equal(new Set(seen).size, 3)
})

test('options that are wrong, or not for this, are refused', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const path = `${CALLS}/${call.id}`
  const wrong: readonly (readonly [string, string])[] = [
    ['/participants?$top=0', '$top must be a whole number from 1 to 999.'],
    ['/participants?$top=1000', '$top must be a whole number from 1 to 999.'],
    ['/participants?$count=yes', '$count must be true or false.'],
    ['/participants?$skiptoken=x', '$skiptoken is not one that this server gave; follow @odata.nextLink as it is.'],
    [
      '/participants?$skip=1',
      'The query option $skip is not supported here; $select is, and on lists $top and $count.',
    ],
    ['?$top=1', 'The query option $top is for lists.'],
  ]
  for (const [query, explanation] of wrong) {
    assertRefused(await world.client('alpha').get(path + query), invalidArgument(explanation))
  }
})
