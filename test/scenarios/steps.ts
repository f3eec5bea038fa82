/** Steps that many scenarios begin with, and checks that they share. */
import assert from 'node:assert/strict'
import { line } from '../support/bot.ts'
import type { AppName, Reply, UserName, World } from '../support/world.ts'
import { callBody, user } from '../support/world.ts'
import type { Json, Known, Row, Version } from './wire.ts'
import { bot, established, establishing, known, person, refused, roster, self } from './wire.ts'

export const CALLS = '/communications/calls'

/** A GUID in the one spelling of the wire. */
export const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

interface Options {
  readonly version?: Version
  readonly app?: AppName
  /** More members of the body that creates the call. */
  readonly more?: object
}

/** Creates a call and returns what is known of it; its notifications are left to be taken. */
export async function create(world: World, targets: readonly unknown[], options: Options = {}): Promise<Known> {
  const { app = 'alpha', version = 'v1.0', more } = options
  const created = await world.client(app, version).post(CALLS, callBody(world, app, targets, more))
  assert.equal(created.status, 201, created.headers.get('rollcall-explanation') ?? '')
  return known(created, version)
}

/** A peer-to-peer call with a user who has answered; its notifications are taken. */
export async function peerToPeer(world: World, name: UserName = 'ada', options: Options = {}): Promise<Known> {
  const call = await create(world, [user(name)], options)
  assert.deepEqual(await world.take(options.app), [establishing(call), established(call)])
  return call
}

/** Somebody calls; the application's incoming notification is taken and returned, with the id of the conversation and the caller's in it. */
export async function ring(
  world: World,
  from: string,
  to: string,
  app: AppName = 'alpha',
): Promise<{ call: Known; data: Json; conversationId: string; callerId: string }> {
  const rung = await world.control('POST', '/calls', { from, to })
  assert.equal(rung.status, 201, JSON.stringify(rung.body))
  const [notification, ...others] = await world.take(app)
  assert.deepEqual(others, [])
  assert.equal(notification?.changeType, 'created')
  assert.equal(notification.resourceData.id, rung.body.callId)
  const { conversationId, participantId: callerId } = rung.body
  return { call: known({ body: notification.resourceData }), data: notification.resourceData, conversationId, callerId }
}

/** A group call. */
export interface Group {
  readonly call: Known
  /** Everybody in it, in the order of the roster. */
  readonly rows: readonly Row[]
}

/** A group call whose targets have all answered, one after the other; its notifications are taken. */
export async function groupCall(
  world: World,
  names: readonly UserName[] = ['ada', 'ben'],
  options: Options = {},
): Promise<Group> {
  const { app = 'alpha' } = options
  const call = await create(world, names.map(user), options)
  const taken = await world.take(app)
  const last = taken.at(-1)?.resourceData
  assert.ok(Array.isArray(last), `the last notification should be a roster: ${taken.map(line).join(', ')}`)
  const ids: string[] = last.map(({ id }) => id)
  const [first, ...others] = names.map((name, index): Row => {
    const place = index === 0 ? 0 : index + 1
    return { id: ids[place] ?? '', identity: person(name), sourceId: place + 1 }
  })
  assert.ok(first)
  const rows = [first, self(call, 2, bot(app)), ...others]
  assert.deepEqual(taken, [
    establishing(call),
    established(call),
    ...others.map((_, index) => roster(call, rows.slice(0, index + 2))),
    roster(call, rows),
  ])
  return { call, rows }
}

/** Invites into a call. */
export function invite(world: World, call: Known, participants: readonly unknown[], more: Json = {}): Promise<Reply> {
  return world.client('alpha', call.version).post(`${CALLS}/${call.id}/participants/invite`, { participants, ...more })
}

/** A refusal as it must be, to the last member. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  /** What the header `rollcall-explanation` says. */
  readonly explanation: string
  /** Further members of `innerError`. */
  readonly inner?: Json
}

/** Asserts a refusal: status, whole body, and headers. */
export function assertRefused(reply: Reply, refusal: Refusal): void {
  const { status, code, message, explanation, inner } = refusal
  assert.deepEqual(
    { status: reply.status, explanation: reply.headers.get('rollcall-explanation'), body: reply.body },
    { status, explanation, body: refused(code, message, reply, inner) },
  )
  assert.match(reply.body.error.innerError.date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
  assert.match(reply.headers.get('request-id') ?? '', GUID)
  assert.equal(reply.headers.get('content-type'), 'application/json; charset=utf-8')
}

/** Asserts an answer without a body. */
export function assertEmpty(reply: Reply, status: number): void {
  assert.deepEqual({ status: reply.status, body: reply.body }, { status, body: '' })
  assert.equal(reply.headers.get('content-length'), status === 204 ? null : '0')
}

/** 400/8523 with an explanation. */
export const invalidArgument = (explanation: string): Refusal => ({
  status: 400,
  code: '8523',
  message: 'Invalid argument.',
  explanation,
})

/** 404/8522: what an application hears of every call that is not, or no longer, its own. */
export const callNotFound = (
  explanation = 'No call with this id belongs to the application in the token.',
): Refusal => ({ status: 404, code: '8522', message: 'Call not found.', explanation })
