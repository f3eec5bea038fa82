/** Microsoft's graph client, as bots use it, against the server: its own chain of handlers, down to the transport. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client, GraphError } from '@microsoft/microsoft-graph-client'
import type { AnyJson } from '../support/any-json.ts'
import { callBody, startWorld, user } from '../support/world.ts'
import { PlainHttp, graphClient } from './graph-client.ts'

const VERSIONS = ['v1.0', 'beta'] as const
const NOBODY = '00000000-0000-4000-8000-000000000000'

/** What the client makes of a refusal. */
async function graphError(work: Promise<unknown>): Promise<GraphError> {
  try {
    await work
  } catch (error) {
    assert.ok(error instanceof GraphError, String(error))
    return error
  }
  assert.fail('the request was not refused')
}

for (const version of VERSIONS) {
  test(`${version}: create, get, invite, participants, operations, delete`, async (t) => {
    const world = await startWorld(t)
    const client = graphClient(world, version)
    const created: AnyJson = await client
      .api('/communications/calls')
      .post(callBody(world, 'alpha', [user('ada'), user('ben')]))
    assert.equal(created.state, 'establishing')
    await world.take()
    const call = `/communications/calls/${created.id}`
    assert.equal((await client.api(call).get()).state, 'established')
    assert.deepEqual(Object.keys(await client.api(call).select(['state', 'id']).get()), [
      '@odata.context',
      '@odata.type',
      'state',
      'id',
    ])

    const operation: AnyJson = await client
      .api(`${call}/participants/invite`)
      .post({ participants: [user('cleo')], clientContext: 'c' })
    assert.equal(operation.status, 'Running')
    await world.take()
    assert.equal((await client.api(`${call}/operations/${operation.id}`).get()).status, 'Completed')
    assert.equal((await client.api(`${call}/operations`).get()).value.length, 1)
    const { value } = await client.api(`${call}/participants`).get()
    assert.equal(value.length, 4)
    const last = value.at(-1)
    assert.deepEqual((await client.api(`${call}/participants/${last.id}`).get()).info, last.info)
    await client.api(`${call}/participants/${last.id}`).delete()
    assert.equal((await client.api(`${call}/participants`).get()).value.length, 3)
    await client.api(`${call}/keepAlive`).post({})
    await client.api(call).delete()
    await world.take()
    assert.equal((await graphError(client.api(call).get())).code, '8522')
  })

  test(`${version}: an incoming call is answered, another rejected`, async (t) => {
    const world = await startWorld(t)
    const client = graphClient(world, version)
    for (const [action, body] of [
      ['answer', { callbackUri: world.bots.alpha.url, acceptedModalities: ['audio'], mediaConfig: {} }],
      ['reject', { reason: 'busy' }],
    ] as const) {
      const rung = await world.control('POST', '/calls', { from: 'ada@contoso.example', to: world.bots.alpha.appId })
      await world.take()
      await client.api(`/communications/calls/${rung.body.callId}/${action}`).post(body)
      await world.take()
      const { state } = (await world.control('GET', `/calls/${rung.body.callId}`)).body.calls[0]
      assert.equal(state, action === 'answer' ? 'established' : 'terminated')
    }
  })

  test(`${version}: refusals become a GraphError with code, request id and date`, async (t) => {
    const world = await startWorld(t)
    const client = graphClient(world, version)
    const calls = client.api('/communications/calls')
    const refusals: [() => Promise<unknown>, number, string][] = [
      [() => client.api(`/communications/calls/${NOBODY}`).get(), 404, '8522'],
      [() => calls.post({}), 400, '8523'],
      [() => client.api(`/communications/calls/${NOBODY}/raiseHand`).post({}), 501, 'notImplemented'],
      [() => client.api('/communications/nothing').get(), 404, 'itemNotFound'],
      [() => client.api(`/communications/calls/${NOBODY}`).put({}), 405, 'notAllowed'],
      [
        () =>
          graphClient(world, version, 'mute')
            .api('/communications/calls')
            .post(callBody(world, 'mute', [user('ada')])),
        403,
        '7504',
      ],
    ]
    for (const [work, status, code] of refusals) {
      const error = await graphError(work())
      assert.deepEqual({ status: error.statusCode, code: error.code }, { status, code })
      assert.match(error.requestId ?? '', /^[0-9a-f-]{36}$/)
      assert.ok(!Number.isNaN(error.date.getTime()))
      assert.notEqual(error.message, '')
      assert.ok(new Headers(error.headers).get('rollcall-explanation'))
    }
  })
}

test('without a token the client hears InvalidAuthenticationToken', async (t) => {
  const world = await startWorld(t)
  const client = Client.initWithMiddleware({
    middleware: [new PlainHttp()],
    baseUrl: world.url,
    defaultVersion: 'v1.0',
  })
  const error = await graphError(client.api(`/communications/calls/${NOBODY}`).get())
  assert.deepEqual({ status: error.statusCode, code: error.code }, { status: 401, code: 'InvalidAuthenticationToken' })
})
