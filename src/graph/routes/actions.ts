/** What an application does in its group call beside inviting: mute, share its screen, ask for a gallery or a mix. */
import type { Mute } from '../../calls/commands.ts'
import { fromCallError, refusal } from '../errors.ts'
import type { PlainActionRequest } from '../wire/action-requests.ts'
import {
  readDeviceQuality,
  readMixer,
  readMuteAll,
  readPlainAction,
  readRecordingStatus,
  readScreenSharingRole,
  readTranscription,
} from '../wire/action-requests.ts'
import { ACCESS_MEDIA, AT_CREATION, EVER, INITIATE_GROUP, JOIN, JOIN_AS_GUEST, SINCE_2020, TODAY } from './published.ts'
import { always, todayOnly } from './published.ts'
import type { Answer, GraphParts, GraphRequest, Route } from './route.ts'
import { beginOperation, carryOut, participantIdOf, requireCall } from './route.ts'

/** Who may take part in a group call may act on others in it. */
const PARTY = todayOnly(JOIN, JOIN_AS_GUEST)

export const actionRoutes: readonly Route[] = [
  ...(['mute', 'unmute'] as const).map((action): Route => ({
    operation: `call: ${action}`,
    method: 'POST',
    path: `/:callId/${action}`,
    published: EVER,
    permissions: AT_CREATION,
    handle: (request, parts) =>
      mute(request, parts, action === 'mute', readPlainAction(request.body), { type: 'self' }),
  })),
  {
    operation: 'participant: mute',
    method: 'POST',
    path: '/:callId/participants/:participantId/mute',
    published: EVER,
    permissions: PARTY,
    handle: (request, parts) => {
      const whom = { type: 'one', participantId: participantIdOf(request) } as const
      return mute(request, parts, true, readPlainAction(request.body), whom)
    },
  },
  {
    operation: 'participant: unmute',
    method: 'POST',
    path: '/:callId/participants/:participantId/unmute',
    published: ['2018-12'],
    permissions: PARTY,
    handle(request, parts) {
      checkUnmute(request)
      const whom = { type: 'one', participantId: participantIdOf(request) } as const
      return mute(request, parts, false, readPlainAction(request.body), whom)
    },
  },
  {
    operation: 'participant: muteAll',
    method: 'POST',
    path: '/:callId/participants/muteAll',
    published: ['beta', '2020-12', '2019-09', '2018-12'],
    permissions: PARTY,
    handle: (request, parts) => muteSeveral(request, parts, true),
  },
  {
    operation: 'participant: unmuteAll',
    method: 'POST',
    path: '/:callId/participants/unmuteAll',
    published: ['2018-12'],
    permissions: PARTY,
    handle(request, parts) {
      checkUnmute(request)
      return muteSeveral(request, parts, false)
    },
  },
  {
    operation: 'participant: configureMixer',
    method: 'POST',
    path: '/:callId/participants/configureMixer',
    published: ['beta', '2018-12'],
    permissions: always(INITIATE_GROUP, JOIN, JOIN_AS_GUEST),
    handle: (request, parts) =>
      beginOperation(request, parts, 200, (start) => ({
        type: 'ConfigureMixer',
        ...start,
        ...readMixer(request.body),
      })),
  },
  {
    operation: 'call: updateRecordingStatus',
    method: 'POST',
    path: '/:callId/updateRecordingStatus',
    published: SINCE_2020,
    permissions: always(ACCESS_MEDIA, JOIN),
    handle: (request, parts) =>
      beginOperation(request, parts, 200, (start) => ({
        type: 'UpdateRecordingStatus',
        ...start,
        ...readRecordingStatus(request.body),
      })),
  },
  ...(['startTranscription', 'stopTranscription'] as const).map((action): Route => ({
    operation: `call: ${action}`,
    method: 'POST',
    path: `/:callId/${action}`,
    published: ['beta'],
    permissions: always(JOIN),
    partial: 'Everybody is told that the call is transcribed; Rollcall turns no speech into text.',
    handle: (request, parts) =>
      beginOperation(request, parts, 202, (start) => ({
        type: 'ControlTranscription',
        ...start,
        ...readTranscription(request.body),
        on: action === 'startTranscription',
      })),
  })),
  {
    operation: 'call: changeScreenSharingRole',
    method: 'POST',
    path: '/:callId/changeScreenSharingRole',
    published: EVER,
    permissions: always(ACCESS_MEDIA),
    partial:
      'The roster tells who shares; the media of an application is sound alone, so nothing of its screen is carried.',
    async handle(request, parts) {
      const { conversation, call } = await requireCall(request, parts)
      const role = readScreenSharingRole(request.body)
      const command = { type: 'ChangeScreenSharingRole', callId: call.id, appId: call.appId, role } as const
      return carryOut(request, parts, conversation.id, command, ({ callChainId: chainId }) => ({
        status: 202,
        chainId,
      }))
    },
  },
  {
    operation: 'call: logTeleconferenceDeviceQuality',
    method: 'POST',
    path: '/logTeleconferenceDeviceQuality',
    published: SINCE_2020,
    permissions: always(ACCESS_MEDIA),
    async handle(request, parts) {
      const quality = readDeviceQuality(request.body)
      const conversationId = await parts.findSubject(quality.participantId)
      if (conversationId === undefined) throw fromCallError({ name: 'callNotFound' })
      const command = { type: 'ReportQuality', appId: request.caller.appId, ...quality } as const
      return carryOut(request, parts, conversationId, command, ({ callChainId: chainId }) => ({ status: 200, chainId }))
    },
  },
  {
    operation: 'call: addLargeGalleryView',
    method: 'POST',
    path: '/:callId/addLargeGalleryView',
    published: TODAY,
    permissions: always(JOIN_AS_GUEST, INITIATE_GROUP, JOIN),
    partial: 'The gallery joins as a participant; pictures are forwarded and never put together, so it shows nothing.',
    handle: (request, parts) =>
      beginOperation(request, parts, 202, (start) => ({
        type: 'AddLargeGalleryView',
        ...start,
        ...readPlainAction(request.body),
      })),
  },
]

/** Only the pages of 2018 let an application unmute others. */
function checkUnmute({ dialect }: GraphRequest): void {
  if (dialect.version === '2018-12') return
  throw refusal(
    400,
    '8566',
    'An application may mute others and unmute itself only; whoever was muted can unmute themselves.',
  )
}

function muteSeveral(request: GraphRequest, parts: GraphParts, muted: boolean): Promise<Answer> {
  const { participantIds, ...read } = readMuteAll(request.body)
  return mute(request, parts, muted, read, { type: 'several', ...(participantIds && { participantIds }) })
}

function mute(
  request: GraphRequest,
  parts: GraphParts,
  muted: boolean,
  read: PlainActionRequest,
  whom: Mute['whom'],
): Promise<Answer> {
  const withContext = (answer: Answer): Answer => {
    const type = answer.body?.['@odata.type']
    // The metadata of v1.0 has no type for muting several, which was never published there.
    const unnamed = whom.type === 'several' && request.dialect.root === 'v1.0'
    if (typeof type !== 'string' || unnamed) return answer
    const context = `${parts.baseUrl()}/${request.dialect.root}/$metadata#${type.split('.').at(-1) ?? ''}`
    return { ...answer, body: { '@odata.context': context, ...answer.body } }
  }
  return beginOperation(request, parts, 200, (start) => ({ type: 'Mute', ...start, ...read, muted, whom }), withContext)
}
