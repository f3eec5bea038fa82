/** The control API sets a scenario: scripts, people who come and go, the clock, a clean slate. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply } from '../support/world.ts'
import { APPS, PHONE, SECRET, SERVICE_NUMBER, STRANGER, TENANT, USERS, startWorld, user } from '../support/world.ts'
import type { Refusal } from './steps.ts'
import { CALLS, assertEmpty, assertRefused, callNotFound, create, groupCall, peerToPeer } from './steps.ts'
import * as wire from './wire.ts'

const invalid = (explanation: string): Refusal => ({
  status: 400,
  code: 'invalidRequest',
  message: 'The request is invalid.',
  explanation,
})
const notFound = (explanation: string): Refusal => ({
  status: 404,
  code: 'itemNotFound',
  message: 'The resource could not be found.',
  explanation,
})

test('a script is set for a user or a number, listed, and taken back', async (t) => {
  const world = await startWorld(t)
  const put = (who: string, script: unknown): Promise<Reply> =>
    world.control('PUT', `/scripts/${encodeURIComponent(who)}`, script)
  assert.deepEqual((await put('ada@contoso.example', { busy: {} })).body, { who: USERS.ada, script: { busy: {} } })
  assert.deepEqual((await put(USERS.ben.toUpperCase(), { answer: { after: '5s' } })).status, 200)
  assert.deepEqual((await put(PHONE, { ignore: {} })).body, { who: PHONE, script: { ignore: {} } })
  assert.deepEqual((await put('+442079460000', { decline: {} })).status, 200)
  assert.deepEqual((await world.control('GET', '/scripts')).body, {
    value: {
      [USERS.ada]: { busy: {} },
      [USERS.ben]: { answer: { after: '5s' } },
      [PHONE]: { ignore: {} },
      '+442079460000': { decline: {} },
    },
  })
  const busy = await create(world, [user('ada')])
  const result = wire.result(486, 8539, 'The user is busy')
  assert.deepEqual(await world.take(), [wire.establishing(busy), wire.terminated(busy, result)])

  assertEmpty(await world.control('DELETE', `/scripts/${USERS.ada}`), 204)
  assertRefused(await world.control('DELETE', `/scripts/${USERS.ada}`), notFound(`No script is set for ${USERS.ada}.`))
  await peerToPeer(world, 'ada')
})

test('a script that is changed while somebody rings goes for the next time', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { answer: { after: '10s' } })
  const call = await create(world, [user('ada')])
  await world.script('ada', { busy: {} })
  await world.advance('10s')
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
})

test('a script with a mistake is refused, and says which', async (t) => {
  const world = await startWorld(t)
  const outcomes = 'answer, voicemail, decline, busy, offline, unreachable, ignore, fail'
  const durations = 'must be a duration such as "250ms", "2s", "5m" or "PT2S", of 30 days at most'
  const rows: [unknown, string | RegExp][] = [
    [{}, `a script must have exactly one of ${outcomes}.`],
    [{ busy: {}, ignore: {} }, `a script must have exactly one of ${outcomes}, not busy and ignore together.`],
    [{ answer: { after: 'soon' } }, `"answer.after" ${durations}.`],
    [
      { ring: {}, busy: { after: 5 } },
      `"busy.after" ${durations}; "ring" is not a known key; the keys allowed here are ${outcomes}, leaveAfter, lobby, say, press, steps.`,
    ],
    [{ busy: {}, leaveAfter: '1m' }, '"leaveAfter" goes with answer or voicemail only; take it away from busy.'],
    [7, `a script must be an object; the keys allowed here are ${outcomes}, leaveAfter, lobby, say, press, steps.`],
    [
      { fail: { reason: 'tired' } },
      /^"fail\.reason" is not a known reason, such as callee-busy or .*codes\.md has them all\.$/,
    ],
  ]
  for (const [script, explanation] of rows) {
    const reply = await world.control('PUT', `/scripts/${USERS.ada}`, script)
    const given = reply.headers.get('rollcall-explanation') ?? ''
    assertRefused(reply, invalid(typeof explanation === 'string' ? explanation : given))
    if (typeof explanation !== 'string') assert.match(given, explanation)
  }
  assertRefused(
    await world.control('PUT', '/scripts/zoe', { busy: {} }),
    notFound('zoe is neither a user of the directory (id or user principal name) nor an E.164 number.'),
  )
  assert.deepEqual((await world.control('GET', '/scripts')).body, { value: {} })
})

test('a person joins a group call of their own accord, and leaves', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const joined = await world.control('POST', `/calls/${call.id}/participants`, { user: 'cleo@contoso.example' })
  const { conversationId, participantId } = joined.body
  assert.deepEqual([joined.status, joined.body], [201, { conversationId, participantId }])
  const cleo = { id: participantId, identity: wire.person('cleo'), sourceId: 4 }
  assert.deepEqual(await world.take(), [wire.roster(call, [...rows, cleo])])

  // The conversation's own id will do as well as a call's.
  const phoned = await world.control('POST', `/calls/${conversationId}/participants`, { user: PHONE, lobby: true })
  const customer = { id: phoned.body.participantId, identity: wire.number(PHONE, { displayName: 'A phone' }) }
  assert.deepEqual(await world.take(), [wire.roster(call, [...rows, cleo, { ...customer, isInLobby: true }])])
  assertEmpty(await world.control('POST', `/calls/${call.id}/participants/${customer.id}/admit`), 204)
  assert.deepEqual(await world.take(), [wire.roster(call, [...rows, cleo, { ...customer, sourceId: 5 }])])

  assertEmpty(await world.control('POST', `/calls/${call.id}/participants/${cleo.id}/leave`), 204)
  assert.deepEqual(await world.take(), [wire.roster(call, [...rows, { ...customer, sourceId: 5 }])])
})

test('who cannot join, leave or be let in', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const alone = await peerToPeer(world, 'dov')
  const join = (id: string, body: unknown): Promise<Reply> => world.control('POST', `/calls/${id}/participants`, body)
  const nobody = '00000000-0000-4000-8000-000000000000'
  assertRefused(
    await join(nobody, { user: USERS.cleo }),
    notFound(`There is no call or conversation with the id ${nobody}.`),
  )
  assertRefused(
    await join(call.id, { user: STRANGER }),
    invalid(`${STRANGER} belongs to another tenant than the call.`),
  )
  assertRefused(
    await join(call.id, { user: 'zoe' }),
    invalid('zoe is neither a user of the directory nor a number such as +12065550150.'),
  )
  assert.equal((await join(call.id, { person: USERS.cleo })).status, 400)
  assert.deepEqual((await join(call.id, { user: USERS.ada })).body.error.code, '8519')
  assert.deepEqual((await join(alone.id, { user: USERS.ada })).body.error.code, '8548')
  assertRefused(
    await world.control('POST', `/calls/${call.id}/participants/${nobody}/leave`),
    notFound(`Nobody with the id ${nobody} is in the call or being rung for it.`),
  )
  assertRefused(
    await world.control('POST', `/calls/${call.id}/participants/${call.myParticipantId}/leave`),
    invalid('This participant is an application: it acts by the calling API alone.'),
  )
  assert.equal((await world.control('POST', `/calls/${call.id}/participants/${rows[0]?.id}/admit`)).status, 400)
})

test('reset: calls, scripts and journal are gone, tokens and the directory stay', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { answer: { after: '0s', leaveAfter: '5m' } })
  const { call } = await groupCall(world)
  await world.script('cleo', { answer: { after: '5s' } })
  const ringing = await create(world, [user('cleo')])
  assert.deepEqual(await world.take(), [wire.establishing(ringing)])

  assertEmpty(await world.control('POST', '/reset'), 204)
  assert.deepEqual((await world.control('GET', '/calls')).body, { value: [] })
  assert.deepEqual((await world.control('GET', '/calls?ended=true')).body, { value: [] })
  assert.deepEqual((await world.control('GET', '/notifications')).body, { value: [] })
  assert.deepEqual((await world.control('GET', '/scripts')).body, { value: {} })
  for (const { id } of [call, ringing]) {
    assertRefused(await world.client('alpha').get(`${CALLS}/${id}`), callNotFound())
  }
  // Nothing of what was under way happens any more.
  await world.advance('2h')
  assert.deepEqual(await world.take(), [])
  await peerToPeer(world, 'cleo')
})

test('reset while a bot is down: what waited for it is not sent any more', async (t) => {
  const world = await startWorld(t)
  world.bots.alpha.answer = () => 503
  const call = await create(world, [user('ada')])
  assert.deepEqual(await world.take(), [wire.establishing(call)])
  assertEmpty(await world.control('POST', '/reset'), 204)
  world.bots.alpha.answer = () => 202
  await world.advance('1h')
})

test('the virtual clock stands still, and is wound on', async (t) => {
  const world = await startWorld(t, { clockStart: Date.UTC(2030, 0, 1) })
  const show = async (): Promise<unknown> => (await world.control('GET', '/clock')).body
  assert.deepEqual(await show(), { kind: 'virtual', now: '2030-01-01T00:00:00.000Z' })
  const advanced = await world.control('POST', '/clock/advance', { by: 'PT1M30S' })
  assert.deepEqual([advanced.status, advanced.body], [200, { kind: 'virtual', now: '2030-01-01T00:01:30.000Z' }])
  await world.control('POST', '/clock/advance', { by: '250ms' })
  assert.deepEqual(await show(), { kind: 'virtual', now: '2030-01-01T00:01:30.250Z' })
  for (const by of ['soon', '-1s', '367d', '']) {
    assertRefused(
      await world.control('POST', '/clock/advance', { by }),
      invalid('by: a duration such as "PT60S", "60s" or "45m" is expected, of at most 366 days.'),
    )
  }
})

test('a real clock cannot be wound on: 409', async (t) => {
  const world = await startWorld(t, { clock: 'real' })
  assert.equal((await world.control('GET', '/clock')).body.kind, 'real')
  assertRefused(await world.control('POST', '/clock/advance', { by: '1s' }), {
    status: 409,
    code: 'notSupported',
    message: 'The clock is real.',
    explanation: 'The clock can be advanced if the server was started with --clock virtual.',
  })
})

test('the directory is shown without secrets, and read again on demand', async (t) => {
  const world = await startWorld(t)
  const { body } = await world.control('GET', '/directory')
  const [contoso] = body.value
  assert.deepEqual([contoso.id, contoso.name, contoso.users.length], [TENANT, 'contoso', 6])
  const [alpha] = contoso.applications
  assert.deepEqual([alpha.appId, alpha.applicationInstances[0].phoneNumber], [APPS.alpha, SERVICE_NUMBER])
  assert.equal(JSON.stringify(body).includes(SECRET), false)
  assert.deepEqual((await world.control('POST', '/directory/reload')).body, { changed: false })
})
