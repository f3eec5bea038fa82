import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { Agent } from 'undici'
import { Exchange } from './exchange.ts'

/** Bytes of an answer. */
const LIMIT = 65_536

async function place(t: TestContext, listener: RequestListener): Promise<{ agent: Agent; url: URL }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const agent = new Agent()
  t.after(async () => {
    await agent.destroy()
    server.closeAllConnections()
    server.close()
  })
  return { agent, url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a?b=c`) }
}

test('the whole address, the headers and the body arrive, and the answer comes back', async (t) => {
  const { agent, url } = await place(t, (request, response) => {
    request.on('data', (chunk) => response.writeHead(202, { location: '/x' }).end(`${request.url} ${chunk}`))
  })
  const { reply } = new Exchange(agent, url, { 'content-type': 'text/plain' }, 'body', LIMIT)
  assert.deepEqual(await reply, { status: 202, location: '/x', text: '/a?b=c body' })
})

test('given up while it waits for a connection: whoever waits hears of it at once', async (t) => {
  const agent = new Agent({ connect: () => undefined })
  t.after(() => agent.destroy())
  const exchange = new Exchange(agent, new URL('http://127.0.0.1:9'), {}, '', LIMIT)
  exchange.abort(new Error('too late'))
  await assert.rejects(exchange.reply, /too late/)
})

test('given up while the answer is on its way', async (t) => {
  let begun = (): void => undefined
  const beginning = new Promise<void>((resolve) => {
    begun = resolve
  })
  const { agent, url } = await place(t, (_request, response) => response.writeHead(200).write('beginning', begun))
  const exchange = new Exchange(agent, url, {}, '', LIMIT)
  await beginning
  exchange.abort(new Error('too late'))
  await assert.rejects(exchange.reply, /too late/)
})

test('of an answer without end the beginning is read', async (t) => {
  const { agent, url } = await place(t, (_request, response) => {
    response.on('error', () => undefined)
    const more = (fault?: Error | null): void => void (fault ?? response.write('x'.repeat(10_000), more))
    more()
  })
  const { text } = await new Exchange(agent, url, {}, '', LIMIT).reply
  assert.ok(text.length > 65_536 && text.length < 500_000, String(text.length))
})

test('nobody there', async (t) => {
  const agent = new Agent()
  t.after(() => agent.destroy())
  await assert.rejects(new Exchange(agent, new URL('http://127.0.0.1:1'), {}, '', LIMIT).reply, {
    code: 'ECONNREFUSED',
  })
})
