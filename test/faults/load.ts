/** Bots at work against a server that may die at any moment; keeps what they were promised. */
import { setTimeout as pause } from 'node:timers/promises'
import type { AnyJson } from '../support/any-json.ts'
import { APPS, phone, user } from '../support/world.ts'

/** What the server answered with 2xx: it must hold after any crash. */
export interface Promised {
  /** Calls that were created, or came in, by id. */
  readonly calls: Set<string>
  /** Calls that were hung up. */
  readonly ended: Set<string>
  /** Operations by id, with their call. */
  readonly operations: Map<string, string>
  /** Scripts by number. */
  readonly scripts: Map<string, unknown>
  /** Participants that were removed, with their call. */
  readonly removed: Map<string, string>
  /** Online meetings and subscriptions, by id. */
  readonly meetings: Set<string>
  readonly subscriptions: Set<string>
}

/** Of nothing that was promised. */
export function nothingPromised(): Promised {
  return {
    calls: new Set(),
    ended: new Set(),
    operations: new Map(),
    scripts: new Map(),
    removed: new Map(),
    meetings: new Set(),
    subscriptions: new Set(),
  }
}

export interface Workplace {
  readonly url: () => string
  readonly token: string
  readonly callbackUri: string
  /** Where subscriptions are validated. */
  readonly webhook: string
  readonly promised: Promised
  /** Whether to begin another call. */
  readonly goOn: () => boolean
  /** From 0 to 1. */
  readonly chance: () => number
  /** Hears of every answer that is no success. */
  readonly onRefusal?: (asked: Asked) => void
}

/** A fast machine makes no more than this many calls: each is looked at when all is over. */
const MOST_CALLS = 400

const CALLS = '/v1.0/communications/calls'
const PEOPLE = ['ben', 'cleo', 'dov', 'eva']

/** One bot: call after call, as fast as the answers come. What fails has no consequences but for the one call. */
export async function work(place: Workplace, name: number): Promise<void> {
  for (let round = 0; place.goOn(); round++) {
    try {
      if (place.promised.calls.size > MOST_CALLS) await pause(200)
      await (place.chance() < 0.2 ? answerCall(place) : makeCall(place))
      const number = `+1206${name}${String(Math.floor(place.chance() * 1e6)).padStart(6, '0')}`
      const script = { busy: { after: `${round}ms` } }
      const kept = await ask(place, 'PUT', `/control/scripts/${encodeURIComponent(number)}`, script)
      if (kept.ok) place.promised.scripts.set(number, script)
      if (place.chance() < 0.3) await besideCalls(place)
    } catch {
      // The server is down: ask again until it is back or the test is over.
      await pause(10)
    }
  }
}

async function makeCall(place: Workplace): Promise<void> {
  const { promised, chance } = place
  const created = await ask(place, 'POST', CALLS, {
    callbackUri: place.callbackUri,
    targets: [user('ada'), user('fay')].slice(0, chance() < 0.3 ? 1 : 2),
    requestedModalities: ['audio'],
    mediaConfig: {},
    callOptions: { isDeltaRosterEnabled: chance() < 0.5 },
  })
  if (!created.ok) return
  const { id } = created.body
  promised.calls.add(id)
  for (let tries = 0; tries < 40; tries++) {
    const { body } = await ask(place, 'GET', `${CALLS}/${id}`)
    if (body.state === 'established') break
    await pause(10)
  }
  for (let count = 0; count < 2; count++) await invite(place, id)
  if (chance() < 0.4) {
    const hungUp = await ask(place, 'DELETE', `${CALLS}/${id}`)
    if (hungUp.ok) promised.ended.add(id)
  }
}

async function invite(place: Workplace, id: string): Promise<void> {
  const { promised, chance } = place
  const who = chance() < 0.2 ? phone('+12065550150') : user(PEOPLE[Math.floor(chance() * PEOPLE.length)] ?? 'ben')
  const invited = await ask(place, 'POST', `${CALLS}/${id}/participants/invite`, { participants: [who] })
  if (!invited.ok) return
  promised.operations.set(invited.body.id, id)
  if (chance() < 0.3) {
    const participant = invited.body.participants[0].id
    const removed = await ask(place, 'DELETE', `${CALLS}/${id}/participants/${participant}`)
    if (removed.ok) promised.removed.set(participant, id)
  }
}

/** A meeting and a subscription to call records. */
async function besideCalls(place: Workplace): Promise<void> {
  const { promised, webhook } = place
  const meeting = await ask(place, 'POST', '/v1.0/users/ada@contoso.example/onlineMeetings', { subject: 'Weekly' })
  if (meeting.ok) promised.meetings.add(meeting.body.id)
  const subscription = await ask(place, 'POST', '/v1.0/subscriptions', {
    changeType: 'created,updated',
    resource: '/communications/callRecords',
    notificationUrl: webhook,
    expirationDateTime: new Date(Date.now() + 7_200_000).toISOString(),
  })
  if (subscription.ok) promised.subscriptions.add(subscription.body.id)
}

async function answerCall(place: Workplace): Promise<void> {
  const rung = await ask(place, 'POST', '/control/calls', { from: 'ada@contoso.example', to: APPS.alpha })
  if (!rung.ok) return
  place.promised.calls.add(rung.body.callId)
  if (place.chance() < 0.7) await ask(place, 'POST', `${CALLS}/${rung.body.callId}/answer`, { mediaConfig: {} })
}

export interface Asked {
  readonly ok: boolean
  readonly status: number
  /** Method and path. */
  readonly request: string
  readonly body: AnyJson
  readonly explanation?: string
}

/** One request. @throws if the server is down */
export async function ask(
  { url, token, onRefusal }: Pick<Workplace, 'url' | 'token' | 'onRefusal'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<Asked> {
  const response = await fetch(url() + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  })
  const text = await response.text()
  const { ok, status, headers } = response
  const explanation = headers.get('rollcall-explanation')
  const asked = {
    ok,
    status,
    request: `${method} ${path}`,
    body: text === '' ? {} : JSON.parse(text),
    ...(explanation !== null && { explanation }),
  }
  if (!ok) onRefusal?.(asked)
  return asked
}
