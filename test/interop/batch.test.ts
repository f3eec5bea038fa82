/** Batches that Microsoft's graph client makes, and what it reads from the answers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BatchRequestContent, BatchResponseContent } from '@microsoft/microsoft-graph-client'
import { callBody, startWorld, user } from '../support/world.ts'
import { graphClient } from './graph-client.ts'

const JSON_TYPE = { 'Content-Type': 'application/json' }

test('a batch of the client: a call is made, a missing one is not found, what depends on it is not tried', async (t) => {
  const world = await startWorld(t)
  const client = graphClient(world, 'v1.0')
  const calls = `${world.url}/communications/calls`
  const body = JSON.stringify(callBody(world, 'alpha', [user('ada'), user('ben')]))
  const content = new BatchRequestContent([
    { id: 'create', request: new Request(calls, { method: 'POST', headers: JSON_TYPE, body }) },
    { id: 'missing', request: new Request(`${calls}/00000000-0000-4000-8000-000000000000`) },
  ])
  const answers = new BatchResponseContent(await client.api('/$batch').post(await content.getContent()))
  const created = answers.getResponseById('create')
  assert.equal(created.status, 201)
  const call = (await created.json()) as { readonly id: string }
  assert.equal(
    created.headers.get('location'),
    `${world.url.replace('http:', 'https:')}/v1.0/communications/calls/${call.id}`,
  )
  assert.equal(answers.getResponseById('missing').status, 404)
  await world.take()

  const serial = new BatchRequestContent()
  serial.addRequest({ id: '1', request: new Request(`${calls}/${call.id}`, { method: 'DELETE' }) })
  serial.addRequest({ id: '2', request: new Request(`${calls}/${call.id}`), dependsOn: ['1'] })
  serial.addRequest({ id: '3', request: new Request(`${calls}/${call.id}`), dependsOn: ['2'] })
  const ended = new BatchResponseContent(await client.api('/$batch').post(await serial.getContent()))
  assert.deepEqual(
    [...ended.getResponses()].map(([id, { status }]) => [id, status]),
    [
      ['1', 204],
      ['2', 404],
      ['3', 424],
    ],
  )
  await world.take()
})
