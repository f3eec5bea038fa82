import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { Agent, request } from 'undici'
import type { Lookup } from './connector.ts'
import { createConnector } from './connector.ts'
import { publicAddresses } from './networks.ts'

interface Stage {
  readonly get: (host: string, scheme?: string) => Promise<number>
  /** The names that the name service was asked for. */
  readonly asked: readonly string[]
  /** How many requests arrived. */
  readonly served: () => number
}

/** A client for which 127.0.0.1 stands for a public address, and a name service that gives one answer after the other. */
async function stage(t: TestContext, ...answers: readonly (readonly string[])[]): Promise<Stage> {
  let served = 0
  const server = createServer((_request, response) => {
    served++
    response.setHeader('connection', 'close')
    response.end('here')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const asked: string[] = []
  const lookup: Lookup = (hostname, _options, done) => {
    const found = answers[Math.min(asked.length, answers.length - 1)] ?? []
    asked.push(hostname)
    queueMicrotask(() => done(null, found.map(entry)))
  }
  const agent = new Agent({ connect: createConnector(publicAddresses(['127.0.0.1/32']), lookup) })
  t.after(async () => {
    await agent.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const get = async (host: string, scheme = 'http'): Promise<number> =>
    (await request(`${scheme}://${host}:${port}/`, { dispatcher: agent })).statusCode
  return { get, asked, served: () => served }
}

function entry(address: string): LookupAddress {
  return { address, family: address.includes(':') ? 6 : 4 }
}

const refused = { code: 'ERR_ADDRESS_NOT_PUBLIC' }

test('a name that leads to an allowed address is connected to', async (t) => {
  const { get, asked } = await stage(t, ['127.0.0.1'])
  assert.equal(await get('bot.example'), 200)
  assert.deepEqual(asked, ['bot.example'])
})

test('rebinding: each connection asks again, and checks what it is told', async (t) => {
  const { get, asked, served } = await stage(t, ['127.0.0.1'], ['10.0.0.1'], ['127.0.0.2'], ['::1'])
  assert.equal(await get('bot.example'), 200)
  for (let round = 0; round < 3; round++) await assert.rejects(get('bot.example'), refused)
  assert.equal(asked.length, 4)
  assert.equal(served(), 1)
})

test('of several addresses only the allowed ones are tried', async (t) => {
  const { get } = await stage(t, ['10.0.0.1', 'fd00::1', '127.0.0.1', '169.254.169.254'])
  assert.equal(await get('bot.example'), 200)
})

test('over https no less', async (t) => {
  const { get, served } = await stage(t, ['10.0.0.1'])
  await assert.rejects(get('bot.example', 'https'), refused)
  await assert.rejects(get('[::1]', 'https'), refused)
  assert.equal(served(), 0)
})

test('a name that leads nowhere', async (t) => {
  await assert.rejects((await stage(t, [])).get('bot.example'), refused)
})

const LITERALS = ['127.0.0.2', '2130706434', '0x7f000002', '0177.0.0.2', '127.2', '0', '10.0.0.1', '169.254.169.254']
const LITERALS_6 = [
  '[::1]',
  '[::]',
  '[fe80::1]',
  '[fd00::1]',
  '[::ffff:127.0.0.2]',
  '[::ffff:7f00:2]',
  '[64:ff9b::7f00:1]',
]

test('addresses are checked though no name service is asked', async (t) => {
  const { get, asked, served } = await stage(t, ['127.0.0.1'])
  for (const host of [...LITERALS, ...LITERALS_6]) await assert.rejects(get(host), refused, host)
  assert.deepEqual(asked, [])
  assert.equal(await get('127.0.0.1'), 200)
  assert.equal(served(), 1)
})
