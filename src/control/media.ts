/** What people do with sound, and what is to be heard: for tests, which play the people. */
import { z } from 'zod'
import type { Conversation } from '../calls/conversation.ts'
import { hearingOf } from '../calls/hearing.ts'
import { everybodySeen } from '../calls/seeing.ts'
import { isConnected } from '../calls/participant.ts'
import { sayingSchema, tonesOf } from '../endpoints/scripted/steps.ts'
import { HttpError } from '../http/http-error.ts'
import { soundProblem } from '../media/media.ts'
import { isoTime } from '../runtime.ts'
import { find, findParticipant, submit } from './find.ts'
import type { ControlRoutes } from './parts.ts'
import { invalid, pathParameter, readAs } from './parts.ts'

const pressBody = z.strictObject({ keys: z.string().max(64) })
const sayBody = z.strictObject({ say: sayingSchema })

export const registerMedia: ControlRoutes = (app, parts) => {
  app.post('/control/calls/:id/participants/:participantId/press', async (request, reply) => {
    const { keys } = readAs(pressBody, request.body)
    const tones = tonesOf(keys)
    if (!tones) throw invalid('keys: keys such as "1", "12#" or "*" are expected: digits, *, # and a to d, 64 at most.')
    const { conversation, participantId } = await findParticipant(parts, request.params as Record<string, string>)
    checkConnected(conversation, participantId)
    for (const tone of tones) {
      await submit(parts, conversation, { type: 'TonePressed', participantId, tone }, request.id)
    }
    return reply.code(204).send()
  })

  app.post('/control/calls/:id/participants/:participantId/say', async (request, reply) => {
    const { say } = readAs(sayBody, request.body)
    const { conversation, participantId } = await findParticipant(parts, request.params as Record<string, string>)
    checkConnected(conversation, participantId)
    const problem = say.type === 'say' ? soundProblem(say.file, parts.directory.file, parts.config) : undefined
    if (problem !== undefined) throw invalid(`${problem}.`)
    parts.people.say({ conversationId: conversation.id, participantId }, say)
    return reply.code(204).send()
  })

  app.get('/control/media', () => parts.media.sound.health())

  app.get('/control/calls/:id/media', async (request) => {
    const conversation = await find(parts, pathParameter(request, 'id'))
    const { tasks, speaking, tones } = parts.media.service.view(conversation.id)
    return {
      tasks: tasks.map((task) => ({ ...task, since: isoTime(task.since) })),
      speaking: speaking.map(({ speaker, since, until }) => ({
        speaker,
        since: isoTime(since),
        until: isoTime(until),
      })),
      onHold: conversation.calls.flatMap(({ hold }) => (hold ? [hold.participantId] : [])),
      hearing: hearingOf(conversation),
      seeing: everybodySeen(conversation),
      tones: tones.map(({ at, ...tone }) => ({ at: isoTime(at), ...tone })),
    }
  })
}

function checkConnected({ participants }: Conversation, participantId: string): void {
  const participant = participants.find(({ id }) => id === participantId)
  if (participant && isConnected(participant)) return
  const explanation = 'Whoever is still rung, calling or in the lobby has no sound in the call; wait until they are in.'
  throw new HttpError(409, 'conflict', 'The participant is not connected.', explanation)
}
