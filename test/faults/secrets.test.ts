/** What lies on disk: no secret in clear text, and nothing that others than the owner can read. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { stringify } from 'yaml'
import { defaultConfig } from '../../src/config.ts'
import { startServer } from '../../src/server.ts'
import { APPS, SECRET, TENANT, testDirectory } from '../support/world.ts'

const ADMIN_KEY = 'the-admin-key'

test('secrets are kept as hashes, and files are for their owner alone', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-secrets-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const directory = join(folder, 'directory.yaml')
  const data = join(folder, 'data')
  writeFileSync(directory, stringify(testDirectory(() => 'http://127.0.0.1:1/')))
  const config = defaultConfig({ port: 0, data, directory, https: false, adminKey: ADMIN_KEY, logLevel: 'silent' })
  const server = await startServer(config)
  const ask = (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const application = `/v1.0/applications(appId='${APPS.alpha}')`
  const added = (await (await ask('POST', `${application}/addPassword`, {})).json()) as { secretText: string }
  const answer = await ask('GET', '/control/directory/export')
  const exported = await answer.text()
  // What came before the change is still good, from its hash.
  for (const secret of [SECRET, added.secretText]) {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: APPS.alpha,
      client_secret: secret,
      scope: 'https://graph.microsoft.com/.default',
    })
    assert.equal((await fetch(`${server.url}/${TENANT}/oauth2/v2.0/token`, { method: 'POST', body: form })).status, 200)
  }
  const seen = (): string[] => readdirSync(data, { recursive: true, encoding: 'utf8' })
  for (const name of seen()) assert.equal(statSync(join(data, name)).mode & 0o077, 0, name)
  await server.close()
  const kept = seen().map((name) => readFileSync(join(data, name), 'latin1'))
  for (const text of [exported, ...kept]) {
    for (const secret of [SECRET, added.secretText, ADMIN_KEY]) assert.equal(text.includes(secret), false, secret)
  }
  assert.ok(kept.some((text) => text.includes('hashedSecrets')))
})
