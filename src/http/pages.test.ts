/** Pages: their policy, their caches, nothing beside them, and what is said where they were never built. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { fastify, type FastifyInstance } from 'fastify'
import { registerPage } from './pages.ts'

let built: string
before(() => {
  built = mkdtempSync(join(tmpdir(), 'rollcall-pages-'))
  mkdirSync(join(built, 'phone/assets'), { recursive: true })
  writeFileSync(join(built, 'phone/index.html'), '<p>page')
  writeFileSync(join(built, 'phone/assets/index-1.js'), 'plain')
  writeFileSync(join(built, 'phone/assets/index-1.js.br'), 'small')
  writeFileSync(join(built, 'secret'), 'secret')
})
after(() => rmSync(built, { recursive: true }))

function serve(t: TestContext, folder = built, devices = true): FastifyInstance {
  const app = fastify({ routerOptions: { ignoreTrailingSlash: true } })
  registerPage(app, { name: 'phone', title: 'A phone', connects: ['https://login.example'], devices }, folder)
  t.after(() => app.close())
  return app
}

test('the document is asked for anew each time, under a policy without anything inline', async (t) => {
  const { statusCode, headers, body } = await serve(t).inject('/phone/?code=1')
  assert.equal(statusCode, 200)
  assert.equal(body, '<p>page')
  assert.equal(headers['cache-control'], 'no-cache')
  const policy = String(headers['content-security-policy'])
  assert.match(policy, /^default-src 'none'; script-src 'self'; /)
  assert.match(policy, /connect-src 'self' https:\/\/login\.example;/)
  assert.doesNotMatch(policy, /unsafe/)
  assert.match(String(headers['permissions-policy']), /microphone=\(self\)/)
})

test('a page that needs no devices gets none', async (t) => {
  const { headers } = await serve(t, built, false).inject('/phone/')
  const none = 'microphone=(), camera=(), display-capture=(), geolocation=()'
  assert.equal(headers['permissions-policy'], none)
})

test('without its slash it leads to itself, whatever a proxy has put before it', async (t) => {
  const { statusCode, headers } = await serve(t).inject('/phone?code=1')
  assert.equal(statusCode, 308)
  assert.equal(headers.location, 'phone/?code=1')
})

test('files are kept for good, and come compressed', async (t) => {
  const app = serve(t)
  const url = '/phone/assets/index-1.js'
  const plain = await app.inject(url)
  assert.deepEqual([plain.statusCode, plain.body], [200, 'plain'])
  assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable')
  const small = await app.inject({ url, headers: { 'accept-encoding': 'br' } })
  assert.deepEqual([small.body, small.headers['content-encoding']], ['small', 'br'])
})

test('nothing else is handed out', async (t) => {
  const app = serve(t)
  for (const path of ['', 'none.js', '../index.html', '%2e%2e/index.html', '..%2f..%2fsecret', '..%5c..%5csecret']) {
    const { statusCode, body } = await app.inject(`/phone/assets/${path}`)
    assert.ok(statusCode >= 400, `${path}: ${statusCode} ${body}`)
  }
})

test('where the pages are not built, it is said what builds them', async (t) => {
  const { statusCode, body, headers } = await serve(t, join(built, 'nothing')).inject('/phone/')
  assert.equal(statusCode, 503)
  assert.match(body, /npm run pages/)
  assert.match(String(headers['content-type']), /^text\/html/)
})
