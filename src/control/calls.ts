/** Calls as control sees them: all of them, with their conversation; and what people do in them. */
import { z } from 'zod'
import { personCalls, personOf, withTokens } from '../arrivals/caller.ts'
import { entryOf } from '../arrivals/visitor.ts'
import { isLive } from '../calls/call.ts'
import type { Call } from '../calls/call.ts'
import type { Command } from '../calls/commands.ts'
import type { Conversation, Transcription } from '../calls/conversation.ts'
import type { Operation, OperationInvitee } from '../calls/operation.ts'
import { isInvite } from '../calls/operation.ts'
import type { Participant } from '../calls/participant.ts'
import { resultInfo } from '../calls/reasons.ts'
import type { Recording } from '../calls/recorder.ts'
import { isoTime } from '../runtime.ts'
import { find, findParticipant, submit } from './find.ts'
import type { ControlParts, ControlRoutes } from './parts.ts'
import { pathParameter, readAs } from './parts.ts'
import { timelineOf } from './timeline.ts'

const personCallsBody = z.strictObject({ from: z.string().max(320), to: z.string().max(320) })
const personJoinsBody = z.strictObject({ user: z.string().max(320), lobby: z.boolean().optional() })
const listQuery = z.object({
  ended: z.enum(['true', 'false']).default('false'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})

export const registerCalls: ControlRoutes = (app, parts) => {
  app.get('/control/calls', async (request) => {
    const { ended, limit } = readAs(listQuery, request.query)
    const conversations = await parts.store.list({ ended: ended === 'true', limit })
    return { value: conversations.map(showConversation) }
  })

  app.post('/control/calls', async (request, reply) => {
    const { from, to } = readAs(personCallsBody, request.body)
    const command = await personCalls(parts, from, to)
    const result = await parts.switchboard.submit(command.conversationId, command, { requestId: request.id })
    if (!result.ok) throw parts.refused(result.error)
    request.note.callId = command.target.callId
    return reply.code(201).send({
      conversationId: command.conversationId,
      callId: command.target.callId,
      participantId: command.caller.participantId,
    })
  })

  app.get('/control/calls/:id', async (request) => showConversation(await find(parts, pathParameter(request, 'id'))))

  app.get('/control/calls/:id/timeline', async (request) => ({
    value: await timelineOf(parts, await find(parts, pathParameter(request, 'id'))),
  }))

  app.post('/control/calls/:id/participants', async (request, reply) => {
    const { user, lobby } = readAs(personJoinsBody, request.body)
    const conversation = await find(parts, pathParameter(request, 'id'))
    const participantId = parts.ids.guid()
    const { id: conversationId, tenantId } = conversation
    const person = await withTokens(parts, personOf(parts, user, tenantId), { conversationId, tenantId })
    const entry = entryOf(parts, conversation.chatInfo, person.identity, lobby)
    await submit(parts, conversation, { type: 'PersonJoins', participantId, ...person, ...entry }, request.id)
    return reply.code(201).send({ conversationId: conversation.id, participantId })
  })

  app.post('/control/calls/:id/participants/:participantId/leave', async (request, reply) => {
    const { conversation, participantId } = await findParticipant(parts, request.params as Record<string, string>)
    await submit(parts, conversation, { type: 'LegLeft', participantId }, request.id)
    parts.people.left({ conversationId: conversation.id, participantId })
    return reply.code(204).send()
  })

  for (const [act, commandOf] of Object.entries(ACTS)) {
    app.post(`/control/calls/:id/participants/:participantId/${act}`, async (request, reply) => {
      const { conversation, participantId } = await findParticipant(parts, request.params as Record<string, string>)
      await submit(parts, conversation, commandOf(participantId, parts), request.id)
      return reply.code(204).send()
    })
  }
}

/** What people do in a call of their own accord, by the last segment of its address. */
const ACTS = {
  mute: (participantId: string): Command => ({ type: 'PersonMutes', participantId, muted: true }),
  unmute: (participantId: string): Command => ({ type: 'PersonMutes', participantId, muted: false }),
  showCamera: (participantId: string): Command => ({ type: 'PersonShowsCamera', participantId, shown: true }),
  hideCamera: (participantId: string): Command => ({ type: 'PersonShowsCamera', participantId, shown: false }),
  present: (participantId: string, { ids }: ControlParts): Command => ({
    type: 'PersonShares',
    participantId,
    sessionId: `${ids.guid()}${ids.guid()}`.replaceAll('-', ''),
  }),
  startTranscription: (participantId: string): Command => ({ type: 'Transcribe', on: true, participantId }),
  stopTranscription: (participantId: string): Command => ({ type: 'Transcribe', on: false, participantId }),
  stopPresenting: (participantId: string): Command => ({ type: 'PersonStopsSharing', participantId }),
} as const

/** A conversation for people to read: what is in it, in plain names. */
function showConversation(conversation: Conversation): Record<string, unknown> {
  return {
    id: conversation.id,
    tenantId: conversation.tenantId,
    mode: conversation.mode,
    callChainId: conversation.callChainId,
    ...(conversation.subject !== undefined && { subject: conversation.subject }),
    createdAt: isoTime(conversation.createdAt),
    ...(conversation.endedAt !== undefined && { endedAt: isoTime(conversation.endedAt) }),
    calls: conversation.calls.map(showCall),
    participants: conversation.participants.map(showParticipant),
    invitations: conversation.invitations.map(({ id, identity, state }) => ({ id, identity, state: state.name })),
    ...(conversation.transcription && { transcription: showTranscription(conversation.transcription) }),
    ...(conversation.recordings.length > 0 && { recordings: conversation.recordings.map(showRecording) }),
    operations: conversation.operations.map(showOperation),
  }
}

function showTranscription({ state, since, by }: Transcription): Record<string, unknown> {
  return { state, since: isoTime(since), by }
}

function showRecording({ participantId, duty, state }: Recording): Record<string, unknown> {
  return {
    participantId,
    policy: duty.policy,
    appId: duty.leg.appId,
    state: state.name,
    ...('callId' in state && { callId: state.callId }),
  }
}

function showOperation(operation: Operation): Record<string, unknown> {
  const { id, callId, type, clientContext, state } = operation
  return {
    id,
    callId,
    type,
    clientContext,
    status: state.name,
    ...(isInvite(operation) && { invitees: operation.invitees.map(showInvitee) }),
  }
}

function showInvitee({ participantId, identity, outcome }: OperationInvitee): Record<string, unknown> {
  return {
    participantId,
    identity,
    outcome: outcome.name,
    ...(outcome.name === 'failed' && { reason: outcome.reason.name, resultInfo: resultInfo(outcome.reason) }),
  }
}

function showCall(call: Call): Record<string, unknown> {
  const { state } = call
  return {
    id: call.id,
    appId: call.appId,
    direction: call.direction,
    state: state.name,
    live: isLive(call),
    callbackUri: call.callbackUri,
    wireVersion: call.manners.wireVersion,
    participantId: call.participantId,
    createdAt: isoTime(call.createdAt),
    ...('keepAliveBy' in state && { keepAliveBy: isoTime(state.keepAliveBy) }),
    ...('answerBy' in state && { answerBy: isoTime(state.answerBy) }),
    ...(state.name === 'terminated' && {
      endedAt: isoTime(state.at),
      reason: state.reason.name,
      resultInfo: resultInfo(state.reason),
    }),
  }
}

function showParticipant({ id, identity, party, state, hidden, role }: Participant): Record<string, unknown> {
  const since = isoTime(state.since)
  return { id, identity, type: party.type, state: state.name, since, hidden, ...(role && { role }) }
}
