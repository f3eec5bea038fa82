/** Prompts, recordings, tones and hold music. */
import type { MediaCommand } from '../../calls/commands.ts'
import type { MediaInfo } from '../../calls/media.ts'
import { readPlainAction } from '../wire/action-requests.ts'
import { readCancel, readHoldMusic, readPlayPrompt, readRecord, readSendTones } from '../wire/media-requests.ts'
import { checkPrompts } from './addresses.ts'
import { ACCESS_MEDIA, AT_CREATION, EVER, JOIN, JOIN_AS_GUEST, SINCE_2020, TODAY, always } from './published.ts'
import type { Answer, GraphParts, GraphRequest, OperationStart, Route } from './route.ts'
import { beginOperation, participantIdOf } from './route.ts'

/** Random bytes in the secret of a recording. */
const SECRET_BYTES = 32

/** The two names of one action: the second one since 2019-12. */
const RECORD = { record: ['2020-12', '2019-09', '2018-12'], recordResponse: SINCE_2020 } as const

export const mediaRoutes: readonly Route[] = [
  {
    operation: 'call: playPrompt',
    method: 'POST',
    path: '/:callId/playPrompt',
    published: EVER,
    permissions: AT_CREATION,
    handle: (request, parts) =>
      begin(request, parts, 200, (start) => ({ type: 'PlayPrompt', ...start, ...readPlayPrompt(request.body) })),
  },
  ...(['record', 'recordResponse'] as const).map((name): Route => ({
    operation: `call: ${name}`,
    method: 'POST',
    path: `/:callId/${name}`,
    published: RECORD[name],
    permissions: always(ACCESS_MEDIA),
    partial: 'streamWhileRecording has no effect.',
    handle: (request, parts) => begin(request, parts, 200, (start) => record(request, parts, start)),
  })),
  {
    operation: 'call: cancelMediaProcessing',
    method: 'POST',
    path: '/:callId/cancelMediaProcessing',
    published: EVER,
    permissions: AT_CREATION,
    handle: (request, parts) =>
      begin(request, parts, 200, (start) => ({
        type: 'CancelMediaProcessing',
        ...start,
        ...readCancel(request.body),
      })),
  },
  {
    operation: 'call: subscribeToTone',
    method: 'POST',
    path: '/:callId/subscribeToTone',
    published: EVER,
    permissions: always(ACCESS_MEDIA),
    handle: (request, parts) =>
      begin(request, parts, 200, (start) => ({
        type: 'SubscribeToTone',
        ...start,
        ...readPlainAction(request.body),
      })),
  },
  {
    operation: 'call: sendDtmfTones',
    method: 'POST',
    path: '/:callId/sendDtmfTones',
    published: TODAY,
    permissions: always(ACCESS_MEDIA),
    handle: (request, parts) =>
      begin(request, parts, 200, (start) => ({ type: 'SendDtmfTones', ...start, ...readSendTones(request.body) })),
  },
  {
    operation: 'participant: startHoldMusic',
    method: 'POST',
    path: '/:callId/participants/:participantId/startHoldMusic',
    published: TODAY,
    permissions: always(JOIN_AS_GUEST, JOIN),
    handle: (request, parts) =>
      begin(request, parts, 202, (start) => {
        const participantId = participantIdOf(request)
        return { type: 'HoldParticipant', ...start, participantId, ...readHoldMusic(request.body) }
      }),
  },
  {
    operation: 'participant: stopHoldMusic',
    method: 'POST',
    path: '/:callId/participants/:participantId/stopHoldMusic',
    published: TODAY,
    permissions: always(JOIN_AS_GUEST, JOIN),
    handle: (request, parts) =>
      begin(request, parts, 202, (start) => {
        const participantId = participantIdOf(request)
        return { type: 'UnholdParticipant', ...start, participantId, ...readPlainAction(request.body) }
      }),
  },
]

type Request = Exclude<MediaCommand, { type: 'MediaEnded' }>

/** Has an operation begun whose prompts are at addresses that the application may name. */
function begin(
  request: GraphRequest,
  parts: GraphParts,
  status: 200 | 202,
  commandOf: (start: OperationStart) => Request,
): Promise<Answer> {
  return beginOperation(request, parts, status, (start) => {
    const command = commandOf(start)
    checkPrompts(promptsOf(command), request, parts)
    return command
  })
}

function promptsOf(command: Request): readonly MediaInfo[] {
  if ('task' in command && 'prompts' in command.task) return command.task.prompts
  return 'prompt' in command && command.prompt ? [command.prompt] : []
}

/** A recording's id and secret are minted here, so that whatever ends it can tell where it is. */
function record(request: GraphRequest, { ids }: GraphParts, start: OperationStart): Request {
  const { task, ...read } = readRecord(request.body)
  const recording = { id: ids.guid(), accessToken: ids.secret(SECRET_BYTES) }
  return { type: 'RecordResponse', ...start, ...read, task: { ...task, recording } }
}
