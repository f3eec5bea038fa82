/** A bot that signs in elsewhere, and calls with the token that it got there. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { stringify } from 'yaml'
import { defaultConfig } from '../../src/config.ts'
import { startIssuer } from '../../src/oauth/outside-issuer.suite.ts'
import { startServer } from '../../src/server.ts'
import { APPS, callBody, startWorld, user } from '../support/world.ts'

function issuersFile(t: TestContext, content: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-issuers-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'issuers.yaml')
  writeFileSync(file, stringify(content))
  return file
}

test('a token of a trusted issuer makes a call, with the permissions that it carries', async (t) => {
  const issuer = await startIssuer(t, Date.now())
  const issuers = issuersFile(t, { issuers: [{ issuer: issuer.url, audiences: ['rollcall'], tenant: 'contoso' }] })
  const world = await startWorld(t, { issuers })
  for (const [roles, status] of [
    [['Calls.Initiate.All'], 201],
    [[], 403],
  ] as const) {
    const token = await issuer.sign({ aud: 'rollcall', azp: APPS.alpha, roles })
    const body = callBody(world, 'alpha', [user('ada')])
    const authorization = `Bearer ${token}`
    const created = await world.request('POST', '/v1.0/communications/calls', body, { authorization })
    assert.equal(created.status, status, JSON.stringify(created.body))
  }
  await world.take()
})

test('a file that cannot be used keeps the server from starting', async (t) => {
  const file = issuersFile(t, { issuers: [{ issuer: 'nowhere', audiences: ['rollcall'] }] })
  const start = (issuers: string) =>
    startServer(defaultConfig({ port: 0, data: 'memory', logLevel: 'silent', issuers }))
  await assert.rejects(start(file), /The outside issuers cannot be used:\n.*issuers\.yaml:2:\d+: issuers\[0\]/)
  await assert.rejects(start(`${file}.absent`), /The file of issuers cannot be read: .*ENOENT/)
})
