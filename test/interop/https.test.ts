/** https as users meet it: the ready line, the authority's file, and clients that are told to trust it. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { startWorld, type World } from '../support/world.ts'
import { startHttpsWorld } from './https.ts'

/** Starts the product as `npm start` does, and gives what it prints until it is ready. */
async function startProcess(t: TestContext, args: readonly string[]): Promise<{ ready: string; hint: string }> {
  const child = spawn(process.execPath, ['src/main.ts', '--port', '0', '--log-level', 'silent', ...args])
  t.after(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    assert.equal(await ended, 0)
  })
  const lines: string[] = []
  for await (const line of createInterface(child.stdout)) if (lines.push(line) === 2) break
  return { ready: lines[0] ?? '', hint: lines[1] ?? '' }
}

/** What a Node.js of its own gets from `url`. */
function fetchElsewhere(url: string, env: Record<string, string>): Promise<string> {
  const script = `fetch(${JSON.stringify(url)}).then((r) => r.text()).then(console.log, (e) => console.log(e.cause.code))`
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['-e', script], { env: { ...process.env, ...env } }, (error, out) =>
      error ? reject(error) : resolve(out.trim()),
    )
  })
}

test('the file that the ready hint names lets other programs connect, and nothing else does', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'rollcall-https-'))
  t.after(() => rmSync(data, { recursive: true }))
  const { ready, hint } = await startProcess(t, ['--https', '--data', data])
  const url = /^Rollcall ready at (https:\/\/127\.0\.0\.1:\d+)$/.exec(ready)?.[1]
  assert.ok(url, ready)
  const path = /^Clients must trust (.+), which is new: NODE_EXTRA_CA_CERTS=\1 /.exec(hint)?.[1]
  assert.equal(path, join(data, 'ca.pem'))
  const trusting = await fetchElsewhere(`${url}/healthz`, { NODE_EXTRA_CA_CERTS: path })
  assert.match(trusting, /"status":"ok"/)
  const exported = await fetchElsewhere(`${url}/control/ca.pem`, { NODE_EXTRA_CA_CERTS: path })
  assert.equal(exported, readFileSync(path, 'utf8').trim())
  assert.equal(await fetchElsewhere(`${url}/healthz`, {}), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
})

test('without a folder the ready hint names the address of the certificate', async (t) => {
  const { ready, hint } = await startProcess(t, ['--https', '--data', 'memory'])
  assert.match(hint, new RegExp(`^Clients must trust the certificate at ${ready.split(' ').at(-1)}/control/ca\\.pem,`))
})

test('everything is served, and every address that the server tells is https', async (t) => {
  const world = await startHttpsWorld(t)
  for (const name of ['localhost', '127.0.0.1']) {
    const url = world.url.replace('127.0.0.1', name)
    assert.equal((await fetch(`${url}/healthz`)).status, 200)
  }
  const { body } = await world.request('GET', '/contoso/v2.0/.well-known/openid-configuration')
  assert.match(body.token_endpoint, /^https:/)
  assert.equal((await world.client('alpha').get('/communications/calls/nothing')).status, 404)
})

test('the certificate of the authority is a matter of control', async (t) => {
  const certificateOf = (world: World) => world.request('GET', '/control/ca.pem')
  const open = await startHttpsWorld(t)
  const { status, headers, body } = await certificateOf(open)
  assert.equal(status, 200)
  assert.equal(headers.get('content-type'), 'application/x-pem-file')
  assert.equal(body, open.server.authority?.certificate)
  const closed = await startHttpsWorld(t, { mode: 'production', adminKey: 'key' })
  assert.equal((await certificateOf(closed)).status, 401)
  assert.equal((await closed.control('GET', '/ca.pem')).body, closed.server.authority?.certificate)
  const plain = await certificateOf(await startWorld(t))
  assert.equal(plain.status, 404)
  assert.match(plain.headers.get('rollcall-explanation') ?? '', /speaks plain http/)
})
