/** `GET /control/explain/{id}` and the timeline's `why`: each failure in a sentence, with the chain that led to it. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import { APPS, startWorld, user } from '../support/world.ts'
import type { World } from '../support/world.ts'
import { CALLS, create, groupCall, invite, peerToPeer } from './steps.ts'
import * as wire from './wire.ts'

const at = (seconds: number): string => new Date(seconds * 1000).toISOString()
const begin = (t: TestContext): Promise<World> => startWorld(t, { clockStart: 0 })

async function explain(world: World, id: string): Promise<AnyJson> {
  const { status, body } = await world.control('GET', `/explain/${encodeURIComponent(id)}`)
  assert.equal(status, 200)
  assert.equal(body.id, id)
  return body
}

/** The chain as lines, without the ids that were minted. */
const chain = ({ causes }: AnyJson): string[] =>
  causes.map(({ what }: AnyJson) => what.replaceAll(/[0-9a-f-]{36}/g, '{id}').replaceAll(/:\d{4,5}\//g, '/'))

/** The sentences of a call's timeline that say why, without repetition. */
async function whys(world: World, callId: string): Promise<string[]> {
  const { body } = await world.control('GET', `/calls/${callId}/timeline`)
  return [...new Set<string>(body.value.flatMap(({ why }: AnyJson) => why ?? []))]
}

const asked = 'asked: POST /v1.0/communications/calls by application {id}'
const invited = 'asked: POST /v1.0/communications/calls/{id}/participants/invite by application {id}'

test('a call that nobody took: whom it rings, then who said no, and what the code means', async (t) => {
  const world = await begin(t)
  await world.script('ada', { busy: { after: '3s' } })
  const call = await create(world, [user('ada')])
  await world.take()
  const ringing = await explain(world, call.id)
  assert.equal(ringing.kind, 'call')
  assert.equal(ringing.sentence, `The call is establishing since ${at(0)}: ada is ringing, until ${at(60)}.`)
  await world.advance('3s')
  await world.take()
  const ended = await explain(world, call.id)
  assert.equal(ended.sentence, `The call ended at ${at(3)}, because the user is busy (486/8539).`)
  assert.deepEqual(chain(ended), [
    asked,
    'Call created',
    'Invitee failed: ada (callee-busy: the user is busy)',
    'Call state changed: establishing to terminated (callee-busy: the user is busy)',
    'The script of ada says so.',
    'resultInfo says 486/8539, which is callee-busy',
  ])
  const { what: _, ...meaning } = ended.causes.at(-1)
  assert.deepEqual(meaning, {
    code: 486,
    subcode: 8539,
    means: 'The user is busy.',
    doNext:
      'Try again later, or call somebody else; for another outcome, change their script (PUT /control/scripts/{who}).',
    see: 'docs/reference/codes.md',
  })
  assert.deepEqual(await whys(world, call.id), [
    'ada did not join, because the user is busy (486/8539); the script of ada says so.',
    'The call ended, because the user is busy (486/8539); the script of ada says so.',
  ])
})

test('why calls end: no keepAlive, the last participant, the bot, the user, no answer', async (t) => {
  const world = await begin(t)
  const kept = await peerToPeer(world, 'ada')
  await world.advance('15m')
  await world.client('alpha').post(`${CALLS}/${kept.id}/keepAlive`)
  await world.advance('45m')
  await world.take()
  const timedOut = await explain(world, kept.id)
  assert.equal(timedOut.sentence, `The call ended at ${at(3600)}, because no keepAlive arrived in time (408/8537).`)
  assert.deepEqual(chain(timedOut).slice(3), [
    `kept alive for the last time, until ${at(3600)}`,
    'Call state changed: established to terminated (keepalive-timeout: no keepAlive arrived in time)',
    'A deadline had come: option keepAliveTimeout.',
    'resultInfo says 408/8537, which is keepalive-timeout',
  ])

  const { call: group, rows } = await groupCall(world)
  const { body } = await world.control('GET', `/calls/${group.id}`)
  for (const index of [0, 2]) await world.control('POST', `/calls/${group.id}/participants/${rows[index]?.id}/leave`)
  await world.take()
  assert.match((await explain(world, group.id)).sentence, /because nobody else was left in the call \(200\/5010\)\.$/)
  const whole = await explain(world, body.id)
  assert.deepEqual(
    [whole.kind, whole.sentence],
    ['conversation', `The conversation (group) ended at ${at(3600)}, when its last call was over.`],
  )

  const own = await peerToPeer(world, 'ben')
  await world.client('alpha').delete(`${CALLS}/${own.id}`)
  await world.take()
  assert.deepEqual(chain(await explain(world, own.id)).slice(-3), [
    'Call state changed: established to terminated (ended-by-bot: the application ended the call)',
    'Decided by a request: DELETE /v1.0/communications/calls/{id} by application {id}.',
    'resultInfo says 200/7000, which is ended-by-bot',
  ])

  const { body: rung } = await world.control('POST', '/calls', { from: 'ada@contoso.example', to: APPS.alpha })
  await world.take()
  assert.equal(
    (await explain(world, rung.callId)).sentence,
    `The call waits since ${at(3600)} for the application to answer it, until ${at(3615)}.`,
  )
  assert.match(
    (await explain(world, rung.participantId)).sentence,
    /^ada calls since .*, and waits for the application/,
  )
  await world.advance('15s')
  await world.take()
  assert.match(
    (await explain(world, rung.callId)).sentence,
    /did not answer the incoming call in time \(408\/8587\)\.$/,
  )
})

test('an incoming call that was never delivered: what the webhook answered at each attempt', async (t) => {
  const world = await begin(t)
  world.bots.alpha.answer = () => 500
  const { body } = await world.control('POST', '/calls', { from: 'ada@contoso.example', to: APPS.alpha })
  await world.advance('15s')
  const { sentence, causes, notifications } = await explain(world, body.callId)
  assert.match(sentence, /could not be delivered to the application: the bot answered 500, at \S+ \(503\/8610\)\.$/)
  const attempts = causes.filter(({ what }: AnyJson) => what.startsWith('Attempt'))
  assert.deepEqual(
    attempts.map(({ when, code }: AnyJson) => [when, code]),
    [0, 1, 3, 7, 15].slice(0, attempts.length).map((seconds) => [at(seconds), 500]),
  )
  assert.ok(attempts.length >= 4)
  assert.match(
    attempts[0].means,
    /^The bot answered 500, at \S+\. Only 2xx counts as delivered: see the log of the bot\.$/,
  )
  // Why was my webhook not called? In one request, for everything that is owed.
  assert.deepEqual(
    notifications.map(({ number, state }: AnyJson) => [number, state]),
    [
      [1, 'pending'],
      [2, 'pending'],
    ],
  )
  assert.match(
    notifications[0].why,
    /^Notification 1 \(created call incoming\) is owed: \d attempts failed, the last because the bot answered 500; the next is due at \S+\.$/,
  )
  assert.match(notifications[1].why, /waits for notification 1 of the same call, which must leave first\.$/)
  world.bots.alpha.answer = () => 202
  await world.advance('1m')
  await world.bots.alpha.take()
})

test('a notification: delivered later, and given up', async (t) => {
  const world = await begin(t)
  const bot = world.bots.alpha
  bot.answer = (_post, index) => (index === 0 ? 500 : 202)
  const call = await create(world, [user('ada')])
  await world.advance('1s')
  await bot.take()
  const [first] = (await explain(world, call.id)).notifications
  const delivered = await explain(world, first.id)
  assert.equal(delivered.kind, 'notification')
  assert.equal(
    delivered.sentence,
    `Notification 1 (updated call establishing) was delivered at ${at(1)}, at attempt 2, because attempt 1 failed: the bot answered 500.`,
  )
  assert.deepEqual(chain(delivered), [
    asked,
    'Call created',
    'Invitee rung: ada',
    'notification 1 of call {id} (updated call establishing) was owed to http://127.0.0.1/api/calls',
    'Attempt 1: the bot answered 500',
    'Attempt 2: the webhook answered 202',
  ])
  bot.answer = () => 410
  await world.client('alpha').delete(`${CALLS}/${call.id}`)
  await world.take()
  const [dead] = (await explain(world, call.id)).notifications
  assert.equal(dead.state, 'dead')
  assert.equal(
    (await explain(world, dead.id)).sentence,
    `Notification 3 (updated call terminating) was given up at ${at(1)} after 1 attempt: the bot answered 410; 410 means that it wants no more.`,
  )
  const said = await whys(world, call.id)
  assert.ok(said.some((why) => why.includes('410 says that the webhook wants no more')))
  assert.ok(said.includes(dead.why))
})

test('invitees and operations: ringing, no answer, removed by a request, nowhere to be reached', async (t) => {
  const world = await begin(t)
  const { call, rows } = await groupCall(world)
  await world.script('cleo', { ignore: {} })
  const { id, ids } = wire.invited(await invite(world, call, [user('cleo')]))
  const cleo = ids[0] ?? ''
  assert.deepEqual(
    [(await explain(world, cleo)).sentence, (await explain(world, id)).sentence],
    [
      `cleo has not joined yet: it rings since ${at(0)}, until ${at(60)}.`,
      `The operation (inviteParticipants) is running since ${at(0)}. cleo has not joined yet: it rings since ${at(0)}, until ${at(60)}.`,
    ],
  )
  await world.advance('60s')
  await world.take()
  const failed = await explain(world, id)
  assert.deepEqual(
    [failed.kind, failed.sentence],
    [
      'operation',
      `The operation (inviteParticipants) failed at ${at(60)}: the user did not answer in time (487/10004).`,
    ],
  )
  assert.deepEqual(chain(failed), [
    invited,
    'Operation started',
    'Invitee rung: cleo',
    'Invitee failed: cleo (callee-no-answer: the user did not answer in time)',
    'A deadline had come: option ringTimeout.',
    'resultInfo says 487/10004, which is callee-no-answer',
    'Operation ended',
  ])

  const again = wire.invited(await invite(world, call, [user('cleo')]))
  await world.client('alpha').delete(`${CALLS}/${call.id}/participants/${again.ids[0]}`)
  await world.take()
  const removed = await explain(world, again.ids[0] ?? '')
  assert.match(
    removed.sentence,
    /cleo did not join, because the caller gave up before it was answered \(487\/8542\)\.$/,
  )
  assert.match(chain(removed).at(-2) ?? '', /^Decided by a request: DELETE \S+ by application \{id\}\.$/)

  const nobody = '22222222-0000-4000-8000-00000000ffff'
  const lost = wire.invited(await invite(world, call, [user(nobody)]))
  await world.take()
  assert.equal(
    chain(await explain(world, lost.ids[0] ?? '')).at(-2),
    'Decided by the directory and the rules of calls, before anybody was rung.',
  )

  assert.equal((await explain(world, rows[0]?.id ?? '')).sentence, `ada is in the call since ${at(0)}.`)
  await world.client('alpha').delete(`${CALLS}/${call.id}/participants/${rows[0]?.id}`)
  await world.take()
  assert.match(
    (await explain(world, rows[0]?.id ?? '')).sentence,
    /ada is out of the call, because another participant removed them \(200\/5300\)\.$/,
  )
})

test('requests: refused, for a call that is over, and carried out', async (t) => {
  const world = await begin(t)
  const refused = await world.client('mute').post(CALLS, {}, { 'client-request-id': 'why-not' })
  const requestId = refused.headers.get('request-id') ?? ''
  const explained = await explain(world, 'why-not')
  assert.deepEqual({ ...(await explain(world, requestId)), id: 'why-not' }, explained)
  assert.equal(explained.kind, 'request')
  assert.match(
    explained.sentence,
    /^POST \/v1\.0\/communications\/calls was refused with 4\d\d\/\d{4}, because .+: .+\.$/,
  )
  assert.equal(explained.causes.length, 2)
  assert.equal(explained.causes[1].subcode, refused.body.error.code)

  const call = await peerToPeer(world)
  const ended = await world.client('alpha').delete(`${CALLS}/${call.id}`)
  await world.take()
  assert.deepEqual(chain(await explain(world, ended.headers.get('request-id') ?? '')), [
    'asked: DELETE /v1.0/communications/calls/{id} by application {id}',
    'Call state changed: established to terminated (ended-by-bot: the application ended the call)',
    'Participant left: Alpha (ended-by-bot: the application ended the call)',
    'Participant left: ada (ended-by-bot: the application ended the call)',
    'Conversation ended',
    'answered: 204',
  ])
  const late = await world.client('alpha').get(`${CALLS}/${call.id}`)
  const why = chain(await explain(world, late.headers.get('request-id') ?? ''))
  assert.equal(why[0], 'asked: GET /v1.0/communications/calls/{id} by application {id}')
  assert.ok(why.includes('Decided by a request: DELETE /v1.0/communications/calls/{id} by application {id}.'))
  assert.equal(why.at(-1), 'answered: 404, error.code 8522')
  assert.ok(
    (await whys(world, call.id)).some((line) =>
      line.startsWith('Refused with 404/8522, because the call was not found'),
    ),
  )
})

test('codes, and what is not known', async (t) => {
  const world = await begin(t)
  assert.equal((await explain(world, '8537')).sentence, '408/8537, keepalive-timeout: no keepAlive arrived in time.')
  assert.equal((await explain(world, 'AADSTS7000215')).kind, 'code')
  const { status, headers } = await world.control('GET', '/explain/22222222-0000-4000-8000-00000000abcd')
  assert.equal(status, 404)
  assert.match(
    headers.get('rollcall-explanation') ?? '',
    /^Nothing with the id .* An id is that of a request .*timelineRetention/,
  )
})

test('after a restart: everything but the requests', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'rollcall-explain-'))
  t.after(() => rmSync(data, { recursive: true, force: true }))
  let ended = ''
  let invitee = ''
  await t.test('before', async (inner) => {
    const world = await startWorld(inner, { clockStart: 0, data })
    const { call } = await groupCall(world)
    await world.script('cleo', { ignore: {} })
    invitee = wire.invited(await invite(world, call, [user('cleo')])).ids[0] ?? ''
    await world.client('alpha').delete(`${CALLS}/${call.id}/participants/${invitee}`)
    await world.client('alpha').delete(`${CALLS}/${call.id}`)
    await world.take()
    ended = call.id
  })
  const world = await startWorld(t, { clockStart: 0, data })
  const { sentence, causes } = await explain(world, ended)
  assert.match(sentence, /because the application ended the call \(200\/7000\)\.$/)
  const forgotten = `Decided by a request: HangUp by application ${APPS.alpha} (request `
  assert.ok(causes.some(({ what }: AnyJson) => what.startsWith(forgotten)))
  assert.match((await explain(world, invitee)).sentence, /cleo did not join/)
})
