/** Recordings of whole conversations: begun and ended by whoever runs the server, and theirs to fetch; and transcription. */
import { isoTime, readGuid } from '../runtime.ts'
import { find, submit } from './find.ts'
import type { ControlRoutes } from './parts.ts'
import { notFound, pathParameter } from './parts.ts'

export const registerCallRecordings: ControlRoutes = (app, parts) => {
  app.post('/control/calls/:id/recording', async (request, reply) => {
    const conversation = await find(parts, pathParameter(request, 'id'))
    const recordingId = parts.ids.guid()
    await submit(parts, conversation, { type: 'RecordConversation', on: true, recordingId }, request.id)
    return reply.code(204).send()
  })

  app.delete('/control/calls/:id/recording', async (request, reply) => {
    const conversation = await find(parts, pathParameter(request, 'id'))
    await submit(parts, conversation, { type: 'RecordConversation', on: false }, request.id)
    return reply.code(204).send()
  })

  for (const [method, on] of [
    ['POST', true],
    ['DELETE', false],
  ] as const) {
    app.route({
      method,
      url: '/control/calls/:id/transcription',
      handler: async (request, reply) => {
        const conversation = await find(parts, pathParameter(request, 'id'))
        await submit(parts, conversation, { type: 'Transcribe', on }, request.id)
        return reply.code(204).send()
      },
    })
  }

  app.get('/control/calls/:id/recordings', async (request) => {
    const { id, callRecording, endedAt } = await find(parts, pathParameter(request, 'id'))
    const stored = await parts.media.callRecordings.of(id)
    // It ends with the conversation, whose state stays as it was.
    const state = callRecording?.state === 'recording' && endedAt !== undefined ? 'stopped' : callRecording?.state
    return {
      recording: callRecording ? { state, since: isoTime(callRecording.since) } : null,
      value: stored.map(({ id: fileId, at, bytes }) => ({ id: fileId, storedAt: isoTime(at), bytes })),
    }
  })

  app.get('/control/recordings/:fileId', async (request, reply) => {
    const sound = await parts.media.callRecordings.read(readGuid(pathParameter(request, 'fileId')) ?? '')
    if (!sound) {
      throw notFound(
        'There is no recording of a whole conversation with this id, or not any more (options callRecordingRetention, callRecordingSpace, recordingLimit).',
      )
    }
    return reply.type('audio/wav').header('content-disposition', 'attachment; filename="call.wav"').send(sound)
  })
}
