/** Meetings as control sees them: who comes in, who waits in the lobby, when they are locked and when they end. */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Person } from '../arrivals/caller.ts'
import { personOf, withTokens } from '../arrivals/caller.ts'
import { entryOf, whereTo } from '../arrivals/visitor.ts'
import type { Conversation } from '../calls/conversation.ts'
import type { Meeting } from '../meetings/meeting.ts'
import { joinUrl } from '../meetings/meeting.ts'
import { placeOf } from '../meetings/place.ts'
import { isoTime, readGuid } from '../runtime.ts'
import { find, submit } from './find.ts'
import type { ControlParts, ControlRoutes } from './parts.ts'
import { invalid, notFound, pathParameter, readAs } from './parts.ts'

const joinBody = z.strictObject({
  meeting: z.string().max(4096),
  user: z.string().max(320).optional(),
  guest: z.string().trim().min(1).max(256).optional(),
  passcode: z.string().max(64).optional(),
  lobby: z.boolean().optional(),
})
const patchBody = z.strictObject({ locked: z.boolean() })

export const registerMeetings: ControlRoutes = (app, parts) => {
  registerLobby(app, parts)

  app.get('/control/meetings', () => ({ value: parts.meetings.list().map((meeting) => show(parts, meeting)) }))

  app.post('/control/meetings/join', async (request, reply) => reply.code(201).send(await join(parts, request)))

  app.get('/control/meetings/:meeting', (request) => show(parts, requireMeeting(parts, request)))

  app.patch('/control/meetings/:meeting', async (request) => {
    const { locked } = readAs(patchBody, request.body)
    return show(parts, await parts.meetings.update({ ...requireMeeting(parts, request), locked }))
  })

  app.post('/control/meetings/:meeting/end', async (request, reply) => {
    const meeting = requireMeeting(parts, request)
    const conversation = await parts.switchboard.read(placeOf(parts.directory.current(), meeting).conversationId)
    if (!conversation) throw notFound('Nobody has joined the meeting yet, so there is nothing to end.')
    await submit(parts, conversation, { type: 'EndForAll' }, request.id)
    return reply.code(204).send()
  })
}

const registerLobby: ControlRoutes = (app, parts) => {
  app.post('/control/calls/:id/end', async (request, reply) => {
    await submit(parts, await find(parts, pathParameter(request, 'id')), { type: 'EndForAll' }, request.id)
    return reply.code(204).send()
  })

  app.post('/control/calls/:id/lobby/admit', async (request, reply) => {
    await submit(parts, await find(parts, pathParameter(request, 'id')), { type: 'AdmitAll' }, request.id)
    return reply.code(204).send()
  })

  for (const [action, type] of [
    ['admit', 'Admit'],
    ['turnAway', 'TurnAway'],
  ] as const) {
    app.post(`/control/calls/:id/participants/:participantId/${action}`, async (request, reply) => {
      const conversation = await find(parts, pathParameter(request, 'id'))
      await submit(parts, conversation, { type, participantId: participantIn(conversation, request) }, request.id)
      return reply.code(204).send()
    })
  }
}

/** Somebody who is in, whether a person or an application. */
function participantIn({ participants }: Conversation, request: FastifyRequest): string {
  const text = pathParameter(request, 'participantId')
  const found = participants.find(({ id }) => id === readGuid(text))
  if (!found) throw notFound(`Nobody with the id ${text.slice(0, 64)} is in the call or waits in its lobby.`)
  return found.id
}

/** Somebody comes into a meeting of their own accord, whether anybody is in it or not. */
async function join(parts: ControlParts, request: FastifyRequest): Promise<Record<string, unknown>> {
  const body = readAs(joinBody, request.body)
  const { place, tenantId, subject } = whereTo(parts, body)
  const { conversationId } = place
  const person = await withTokens(parts, visitor(parts, body, tenantId), { conversationId, tenantId })
  const participantId = parts.ids.guid()
  const entry = entryOf(parts, place.chatInfo, person.identity, body.lobby)
  const { lobby, role } = entry
  const result = await parts.switchboard.submit(
    conversationId,
    {
      type: 'PersonJoins',
      participantId,
      ...person,
      ...entry,
      meeting: { ...place, tenantId, callChainId: parts.ids.guid(), ...(subject !== undefined && { subject }) },
    },
    { requestId: request.id },
  )
  if (!result.ok) throw parts.refused(result.error)
  return { conversationId, participantId, lobby, ...(role && { role }) }
}

/** A user of whatever tenant, a phone, or a guest by any name. */
function visitor(parts: ControlParts, { user, guest }: z.infer<typeof joinBody>, tenantId: string): Person {
  if ((user === undefined) === (guest === undefined)) throw invalid('Write user or guest: who joins.')
  if (guest !== undefined) {
    return {
      identity: { kind: 'guest', id: guest, displayName: guest },
      address: { kind: 'user', id: guest, tenantId },
    }
  }
  const entry = parts.directory.current().find(user ?? '')
  return personOf(parts, user ?? '', entry?.kind === 'user' ? entry.user.tenantId : tenantId)
}

/** The meeting that the address names, by its id or by the digits that people type in. */
function requireMeeting({ meetings }: ControlParts, request: FastifyRequest): Meeting {
  const text = pathParameter(request, 'meeting')
  const meeting = meetings.find(text) ?? meetings.ofJoinMeetingId(text)
  if (!meeting) throw notFound(`There is no meeting with the id ${text.slice(0, 256)}.`)
  return meeting
}

function show({ directory }: ControlParts, meeting: Meeting): Record<string, unknown> {
  const { id, tenantId, organizerId, subject, joinMeetingId, passcode, lobby, allowedPresenters, locked } = meeting
  return {
    id,
    tenantId,
    organizer: directory.current().user(organizerId)?.userPrincipalName ?? organizerId,
    ...(subject !== undefined && { subject }),
    startsAt: isoTime(meeting.startsAt),
    endsAt: isoTime(meeting.endsAt),
    conversationId: placeOf(directory.current(), meeting).conversationId,
    joinWebUrl: joinUrl(meeting),
    joinMeetingId,
    ...(passcode !== undefined && { passcode }),
    lobby,
    allowedPresenters,
    locked,
  }
}
