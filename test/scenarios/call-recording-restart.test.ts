/** A recording of a whole call outlives the server: what was recorded is stored, and the rest goes into another file. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaultConfig } from '../../src/config.ts'
import { meanSquare } from '../../src/media/sound.ts'
import { readWav } from '../../src/media/wav.ts'
import { startServer } from '../../src/server.ts'
import type { AnyJson } from '../support/any-json.ts'

const TENANT = '7c0b5f3e-2d7a-4c55-9a0e-5b1f6d2c8e01'
const BOT = '5d2e9b74-6c1f-4f0b-b3a8-9e4c7d1f2001'
const ADELE = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1001'

/** A bot of the demo directory, which does not listen to notifications, calls somebody. @returns the call's id */
async function callTo(url: string, userId: string): Promise<string> {
  const form = { grant_type: 'client_credentials', client_id: BOT, client_secret: 'change-me' }
  const scope = 'https://graph.microsoft.com/.default'
  const token = await fetch(`${url}/${TENANT}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({ ...form, scope }),
  })
  const { access_token } = (await token.json()) as AnyJson
  const created = await fetch(`${url}/v1.0/communications/calls`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      callbackUri: 'http://127.0.0.1:9/',
      targets: [{ identity: { user: { id: userId } } }],
      requestedModalities: ['audio'],
      mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
    }),
  })
  assert.equal(created.status, 201)
  return ((await created.json()) as AnyJson).id
}

test('stored as far as it is when the server stops, and gone on with after the start', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'rollcall-recording-'))
  t.after(() => rmSync(data, { recursive: true, force: true }))
  const config = defaultConfig({ port: 0, data, clock: 'virtual', logLevel: 'silent' })
  let server = await startServer(config)
  t.after(() => server.close())
  const control = async (method: string, path: string, body?: unknown): Promise<AnyJson> => {
    const response = await fetch(`${server.url}/control${path}`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const text = await response.text()
    assert.ok(response.ok, `${method} ${path}: ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
  const call = `/calls/${await callTo(server.url, ADELE)}`
  await control('POST', '/clock/advance', { by: '10s' })
  const { participants } = await control('GET', call)
  const participantId = participants.find(({ identity }: AnyJson) => identity.id === ADELE).id
  await control('POST', `${call}/recording`)
  await control('POST', `${call}/participants/${participantId}/say`, { say: '10s' })
  await control('POST', '/clock/advance', { by: '4s' })
  await server.close()

  server = await startServer(config)
  await control('POST', '/clock/advance', { by: '2s' })
  await control('POST', `${call}/participants/${participantId}/say`, { say: '3s' })
  await control('POST', '/clock/advance', { by: '5s' })
  await control('DELETE', `${call}/recording`)
  await control('POST', '/clock/advance', { by: '0s' })
  const { value } = await control('GET', `${call}/recordings`)
  const heard = await Promise.all(
    value.map(async ({ id }: { id: string }) => {
      const response = await fetch(`${server.url}/control/recordings/${id}`)
      const wav = readWav(Buffer.from(await response.arrayBuffer()))
      assert.ok(wav.ok)
      const seconds = Array.from({ length: Math.floor(wav.samples.length / 16_000) }, (_, second) => second)
      return seconds.filter((at) => meanSquare(wav.samples.subarray(at * 16_000, (at + 1) * 16_000)) > 10_000)
    }),
  )
  // A virtual clock begins anew, so that the second file can be the older one.
  assert.deepEqual(new Set(heard.map((seconds) => seconds.join())), new Set(['0,1,2,3', '2,3,4']))
})
