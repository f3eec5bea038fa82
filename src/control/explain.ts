/** `GET /control/explain/{id}`: why anything that has an id is as it is, from what was asked to what decided. */
import { errorCode, findCodes } from '../codes/codes.ts'
import type { Code } from '../codes/codes.ts'
import type { JournalEntry } from '../http/journal.ts'
import { isoTime, readGuid } from '../runtime.ts'
import type { Delivery, TimelineEntry } from '../store/store.ts'
import { explainCall, explainConversation } from './explain-call.ts'
import { explainOperation, explainParticipant } from './explain-party.ts'
import type { Cause, Explanation } from './explanation.ts'
import { askedCause, attemptCauses, bounded, codeMeaning, eventCause, refusalCause } from './explanation.ts'
import type { History } from './history.ts'
import { historyOf } from './history.ts'
import type { ControlParts, ControlRoutes } from './parts.ts'
import { notFound, pathParameter } from './parts.ts'
import { aboutOf, sentence, whyDelivery } from './why.ts'

export const registerExplain: ControlRoutes = (app, parts) => {
  app.get('/control/explain/:id', async (request) => explain(parts, pathParameter(request, 'id')))
}

async function explain(parts: ControlParts, text: string): Promise<Explanation> {
  const id = readGuid(text) ?? text
  const explanation =
    (await explainSubject(parts, id)) ??
    (await explainNotification(parts, id)) ??
    (await explainRequest(parts, text, id))
  const code = explanation ? undefined : findCodes(text)[0]
  const found = explanation ?? (code && explainCode(text, code))
  if (found) return { ...found, causes: bounded(found.causes) }
  throw notFound(
    `Nothing with the id ${text.slice(0, 64)} is remembered. An id is that of a request (request-id, client-request-id), call, ` +
      'participant, operation, notification (X-Microsoft-Skype-Message-ID) or conversation. Requests are remembered until ' +
      'a restart (option journalSize), calls and what is in them for timelineRetention, notifications for deliveryRetention.',
  )
}

/** A call, participant, invitee, operation or conversation. */
async function explainSubject(parts: ControlParts, id: string): Promise<Explanation | undefined> {
  const { store } = parts
  const conversationId = (await store.findSubject(id)) ?? (await store.findCall(id))?.conversationId ?? id
  const history = await historyOf(parts, conversationId)
  if (!history) return undefined
  return (
    explainCall(id, history, parts) ??
    explainOperation(id, history) ??
    explainParticipant(id, history) ??
    (history.id === id ? explainConversation(history, parts) : undefined)
  )
}

async function explainNotification(parts: ControlParts, id: string): Promise<Explanation | undefined> {
  const delivery = await parts.store.delivery(id)
  if (!delivery) return undefined
  const history = await historyOf(parts, delivery.conversationId)
  if (!history) return undefined
  const { notification, createdAt } = delivery
  const origin = originOf(delivery, history)
  const owed: Cause = {
    what: `notification ${notification.number} of call ${notification.callId} (${aboutOf(delivery)}) was owed to ${notification.callbackUri}`,
    when: isoTime(createdAt),
    see: `/control/explain/${notification.callId}`,
  }
  return {
    id,
    kind: 'notification',
    sentence: whyDelivery(delivery, history, parts.config),
    causes: [
      ...(origin ? [askedCause(origin, history), ...origin.events.map((event) => eventCause(origin, event))] : []),
      owed,
      ...attemptCauses(history.attempts.get(id) ?? []),
    ],
  }
}

/** The decision with which a notification was committed. */
function originOf({ order }: Delivery, { entries }: History): TimelineEntry | undefined {
  return entries.findLast((entry) => entry.order < order)
}

/** A request, by its own id or the client's; of several the newest. */
async function explainRequest(parts: ControlParts, text: string, id: string): Promise<Explanation | undefined> {
  const isIt = (one: JournalEntry): boolean =>
    one.requestId === id || one.clientRequestId === text || (one.clientRequestId ?? '').toLowerCase() === id
  const entry = parts.journal.list(isIt, 1)[0]
  if (!entry) return undefined
  const { method, url, appId, at, status, code, explanation, callId } = entry
  const who = appId === undefined ? '' : ` by application ${appId}`
  const row = code === undefined ? undefined : errorCode(code)
  const refused = `was refused with ${status}${code === undefined ? '' : `/${code}`}`
  const because = row ? `, because ${row.text}` : ''
  return {
    id: text,
    kind: 'request',
    sentence:
      status < 400
        ? `${method} ${url} was answered ${status}.`
        : `${method} ${url} ${refused}${because}${explanation === undefined ? '.' : `: ${explanation}`}`,
    causes: [
      { what: `asked: ${method} ${url}${who}`, when: isoTime(at), ...callLink(callId) },
      ...(status < 400 ? await consequences(parts, entry) : [...(await endOfCall(parts, entry)), refusalCause(entry)]),
    ],
  }
}

function callLink(callId: string | undefined): Pick<Cause, 'see'> {
  return callId === undefined ? {} : { see: `/control/explain/${callId}` }
}

/** What a request that was carried out led to. */
async function consequences(parts: ControlParts, { callId, requestId, status }: JournalEntry): Promise<Cause[]> {
  const history = await historyOfCall(parts, callId)
  const entries = history?.entries.filter((one) => one.requestId === requestId) ?? []
  return [
    ...entries.flatMap((entry) => entry.events.map((event) => eventCause(entry, event))),
    { what: `answered: ${status}`, code: status },
  ]
}

/** Why the call that a refused request names is over, if it is. */
async function endOfCall(parts: ControlParts, { callId, code }: JournalEntry): Promise<readonly Cause[]> {
  if (code !== '8522') return []
  const history = await historyOfCall(parts, callId)
  const ended = history && callId !== undefined ? explainCall(callId, history, parts) : undefined
  return ended?.causes ?? []
}

async function historyOfCall(parts: ControlParts, callId: string | undefined): Promise<History | undefined> {
  if (callId === undefined) return undefined
  const conversationId = (await parts.store.findSubject(callId)) ?? (await parts.store.findCall(callId))?.conversationId
  return conversationId === undefined ? undefined : historyOf(parts, conversationId)
}

function explainCode(id: string, code: Code): Explanation {
  const { label, name, text, when } = code
  const what = label.endsWith(name) ? label : `${label}, ${name}`
  return {
    id,
    kind: 'code',
    sentence: `${what}: ${text}.`,
    causes: [
      { what, ...(when !== undefined && { rule: sentence(when) }), subcode: code.subcode, ...codeMeaning(code) },
    ],
  }
}
