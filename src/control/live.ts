/** What goes on right now, in one answer that is cheap to ask for again and again: the console's live view follows it. */
import { z } from 'zod'
import type { Call } from '../calls/call.ts'
import { isLive } from '../calls/call.ts'
import type { Conversation } from '../calls/conversation.ts'
import { liveCalls } from '../calls/conversation.ts'
import type { Identity } from '../calls/identity.ts'
import { ownCallId, waitsInside } from '../calls/invitation.ts'
import { isConnected, isPerson } from '../calls/participant.ts'
import { isoTime } from '../runtime.ts'
import type { LiveCall, LiveConversation, LiveFilter, LivePeople, LiveState, LiveView } from './live-view.ts'
import type { ControlParts, ControlRoutes } from './parts.ts'
import { readAs } from './parts.ts'

/** From the least far to the furthest. */
const STATES = ['incoming', 'establishing', 'redirecting', 'established', 'transferring'] as const
const FILTERS = [...STATES, 'ringing', 'lobby', 'onHold'] as const

const liveQuery = z.object({
  text: z.string().max(256).default(''),
  state: z.enum(FILTERS).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
})

/** Parties and conversations that are looked at before others have a turn. */
const AT_ONCE = 2000
const MOST_CALLS = 10
const MOST_NAMES = 6

export const registerLive: ControlRoutes = (app, parts) => {
  app.get('/control/live', async (request): Promise<LiveView> => {
    const asked = readAs(liveQuery, request.query)
    // A page asks every few seconds, and nobody will want to know why it was answered.
    request.note.routine = true
    const { clock, media } = parts
    const { all, found, counts } = await look(parts, asked)
    const newest = found.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1)).slice(0, asked.limit)
    return {
      clock: { kind: clock.kind, now: isoTime(clock.now()) },
      sound: media.sound.health(),
      live: all,
      counts,
      matching: found.length,
      value: newest.map((conversation) => show(parts, conversation)),
    }
  })
}

interface Look {
  readonly all: number
  readonly found: readonly Conversation[]
  readonly counts: Record<LiveFilter, number>
}

/** Goes through everything that is live, a part at a time, so that calls need not wait for it. */
async function look(parts: ControlParts, { text, state }: z.infer<typeof liveQuery>): Promise<Look> {
  const sought = text.trim().toLowerCase()
  const counts = Object.fromEntries(FILTERS.map((filter) => [filter, 0])) as Record<LiveFilter, number>
  const found: Conversation[] = []
  let all = 0
  let work = 0
  for (const conversation of parts.switchboard.live()) {
    all++
    const filters = filtersOf(conversation)
    for (const filter of filters) counts[filter]++
    if ((state === undefined || filters.includes(state)) && mentions(parts, conversation, sought)) {
      found.push(conversation)
    }
    work += 1 + conversation.participants.length + conversation.invitations.length
    if (work < AT_ONCE) continue
    work = 0
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { all, found, counts }
}

function filtersOf(conversation: Conversation): readonly LiveFilter[] {
  const people = peopleOf(conversation)
  const present = (['ringing', 'lobby', 'onHold'] as const).filter((name) => people[name] > 0)
  return [stateOf(conversation), ...present]
}

/** As the application's call that is furthest; where there is none, by whether anybody is in. */
function stateOf(conversation: Conversation): LiveState {
  let furthest = -1
  for (const call of conversation.calls) if (isLive(call)) furthest = Math.max(furthest, rankOf(call))
  return STATES[furthest] ?? (conversation.participants.some(isConnected) ? 'established' : 'establishing')
}

function rankOf({ state: { name } }: Call): number {
  return name === 'terminated' ? -1 : STATES.indexOf(name === 'transferAccepted' ? 'transferring' : name)
}

function peopleOf(conversation: Conversation): LivePeople {
  const { calls, participants, invitations } = conversation
  const people = { ringing: 0, calling: 0, lobby: 0, held: 0, connected: 0, onHold: 0 }
  const onHold = new Set(calls.flatMap((call) => (call.hold && isLive(call) ? [call.hold.participantId] : [])))
  for (const person of participants) {
    if (!isPerson(person)) continue
    people[person.state.name]++
    if (isConnected(person) && (person.away === true || onHold.has(person.id))) people.onHold++
  }
  for (const invitation of invitations) {
    if (!waitsInside(invitation) && ownCallId(invitation) === undefined) people.ringing++
  }
  return people
}

/** Whether a text is in an id or a name of anybody or anything in a conversation. @param sought in small letters */
function mentions({ directory }: ControlParts, conversation: Conversation, sought: string): boolean {
  if (sought === '') return true
  const has = (text: string | undefined): boolean => text?.toLowerCase().includes(sought) === true
  const isNamed = ({ id, displayName }: Identity): boolean => has(id) || has(displayName)
  const { id, tenantId, subject, calls, participants, invitations } = conversation
  const current = directory.current()
  if (has(id) || has(subject) || has(tenantId) || has(current.tenant(tenantId)?.name)) return true
  if (calls.some((one) => has(one.id) || has(one.appId) || has(current.application(one.appId)?.displayName)))
    return true
  return [participants, invitations].some((all) => all.some((one) => has(one.id) || isNamed(one.identity)))
}

function show({ directory }: ControlParts, conversation: Conversation): LiveConversation {
  const { id, tenantId, mode, subject, createdAt } = conversation
  const current = directory.current()
  const tenant = current.tenant(tenantId)
  const calls = liveCalls(conversation)
  return {
    id,
    tenant: { id: tenantId, ...(tenant && { name: tenant.name }) },
    mode,
    ...(subject !== undefined && { subject }),
    createdAt: isoTime(createdAt),
    state: stateOf(conversation),
    calls: calls.slice(0, MOST_CALLS).map((call): LiveCall => {
      const displayName = current.application(call.appId)?.displayName
      const { appId, direction, state } = call
      return { id: call.id, appId, ...(displayName !== undefined && { displayName }), direction, state: state.name }
    }),
    moreCalls: Math.max(0, calls.length - MOST_CALLS),
    people: peopleOf(conversation),
    names: namesOf(conversation),
    modalities: modalitiesOf(conversation),
    recording: isRecorded(conversation),
  }
}

/** Of those who are in, then of those who are on the way. */
function namesOf({ participants, invitations }: Conversation): readonly string[] {
  const people = participants.filter(isPerson)
  const others = invitations.filter((one) => !waitsInside(one) && ownCallId(one) === undefined)
  return [...people, ...others].slice(0, MOST_NAMES).map(({ identity }) => identity.displayName ?? identity.id)
}

function modalitiesOf(conversation: Conversation): readonly string[] {
  const inside = conversation.participants.filter(isConnected)
  if (inside.length === 0) return [...new Set(liveCalls(conversation).flatMap((call) => call.requestedModalities))]
  return [
    ...(inside.some(({ audio }) => audio) ? ['audio'] : []),
    ...(inside.some(({ camera }) => camera) ? ['video'] : []),
    ...(inside.some(({ screen }) => screen) ? ['videoBasedScreenSharing'] : []),
  ]
}

function isRecorded({ callRecording, participants }: Conversation): boolean {
  return callRecording?.state === 'recording' || participants.some(({ recording }) => recording?.status === 'recording')
}
