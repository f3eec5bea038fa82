/** The log: what it must never hold, and the ids by which a request, a call and a notification are followed. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { Config } from '../../src/config.ts'
import type { AnyJson } from '../support/any-json.ts'
import { APPS, SECRET, TENANT, USERS, callBody, startWorld, user } from '../support/world.ts'

const ADMIN_KEY = 'the-admin-key-of-this-test'
const QUERY = 'code=key-of-a-cloud-function'
/** Stands in bodies that bots and clients send. */
const CONTENT = 'content-of-a-body'

interface Log {
  readonly lines: readonly AnyJson[]
  readonly text: string
  /** Everything that must not stand in it. */
  readonly secrets: readonly string[]
  readonly ids: { readonly requestId: string; readonly chain: string; readonly callId: string }
}

/** A bit of everything, failures above all, and what the log has of it. */
async function live(t: TestContext, logLevel: Config['logLevel']): Promise<Log> {
  const written: string[] = []
  const secrets: string[] = [SECRET, ADMIN_KEY, QUERY, CONTENT]
  let ids: Log['ids'] | undefined
  await t.test('a bit of everything', async (inner) => {
    const log = { write: (line: string): void => void written.push(line) }
    const admin = {
      alpha: { roles: ['Application.ReadWrite.All', 'Calls.Initiate.All', 'Calls.InitiateGroupCall.All'] },
    }
    const world = await startWorld(inner, { logLevel, adminKey: ADMIN_KEY }, admin, {}, log)
    secrets.push(await world.token('alpha'))
    const client = world.client('alpha')
    world.bots.alpha.answer = (_post, index) => (index < 2 ? { status: 500, json: { [CONTENT]: CONTENT } } : 202)
    const callbackUri = `${world.bots.alpha.url}?${QUERY}`
    const body = callBody(world, 'alpha', [user('ada')], { callbackUri, subject: CONTENT })
    const created = await client.post('/communications/calls', body)
    ids = {
      requestId: created.headers.get('request-id') ?? '',
      chain: created.body.callChainId,
      callId: created.body.id,
    }
    await world.advance('30s')
    const notified = world.bots.alpha.received[0]?.headers.authorization ?? ''
    secrets.push(notified.replace('Bearer ', ''))
    const path = `/communications/calls/${created.body.id}`
    await client.post(`${path}/participants/invite`, { participants: [user('ben')], clientContext: CONTENT })
    await client.post(`${path}/playPrompt`, { prompts: [{ mediaInfo: { uri: `http://x.example/?${QUERY}` } }] })
    await client.post('/communications/calls', `{"${CONTENT}`)
    const made = await client.post(`/applications(appId='${APPS.beta}')/addPassword`, {})
    secrets.push(made.body.secretText)
    for (const secret of [`wrong-${CONTENT}`, made.body.secretText]) {
      const form = {
        grant_type: 'client_credentials',
        client_id: APPS.beta,
        client_secret: secret,
        scope: 'x/.default',
      }
      await world.request('POST', `/${TENANT}/oauth2/v2.0/token`, new URLSearchParams(form).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
      })
    }
    await world.request('GET', '/control/calls', undefined, { authorization: `Bearer wrong-${ADMIN_KEY}` })
    await world.control('POST', '/calls', { from: USERS.ben, to: APPS.alpha, [CONTENT]: CONTENT })
    await world.control('PUT', `/scripts/${USERS.ben}`, { answer: { [CONTENT]: CONTENT } })
    await client.delete(path)
    await world.take()
  })
  assert.ok(ids)
  const text = written.join('')
  return { lines: written.map((line) => JSON.parse(line)), text, secrets: secrets.filter(Boolean), ids }
}

test('at level info the log holds no token, no secret, no body and no key of a webhook', async (t) => {
  const { text, lines, secrets } = await live(t, 'info')
  assert.ok(lines.some(({ msg }) => msg === 'notification not taken'))
  assert.ok(secrets.length >= 7)
  for (const secret of secrets) assert.equal(text.includes(secret), false, secret)
  assert.doesNotMatch(text, /eyJ|Bearer/)
})

test('at level debug neither; and the ids lead from a request to its commits and notifications', async (t) => {
  const { text, lines, secrets, ids } = await live(t, 'debug')
  for (const secret of secrets) assert.equal(text.includes(secret), false, secret)
  const request = lines.find(({ requestId, msg }) => msg === 'request' && requestId === ids.requestId)
  assert.deepEqual([request.operation, request.callId, request.status], ['call: create', ids.callId, 201])
  assert.equal(request.callChainId, ids.chain)
  const commit = lines.find(({ requestId, msg }) => msg === 'committed' && requestId === ids.requestId)
  assert.deepEqual([commit.command, commit.callChainId], ['CreateCall', ids.chain])
  const notifications = lines.filter(
    ({ msg, callId }) => String(msg).startsWith('notification') && callId === ids.callId,
  )
  assert.ok(notifications.length >= 3)
  for (const { callChainId } of notifications) assert.equal(callChainId, ids.chain)
  assert.ok(commit.notificationIds.includes(notifications[0].notificationId))
})
