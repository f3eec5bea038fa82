/** Operations of the calling API that are published and that this version does not do: refused by name, not as unknown. */
import { HttpError } from '../../http/http-error.ts'
import type { Route } from './route.ts'

const UNBUILT: readonly (readonly [Route['method'], string])[] = [
  ['POST', '/:callId/redirect'],
  ['POST', '/:callId/transfer'],
  ['POST', '/:callId/mute'],
  ['POST', '/:callId/unmute'],
  ['POST', '/:callId/playPrompt'],
  ['POST', '/:callId/record'],
  ['POST', '/:callId/recordResponse'],
  ['POST', '/:callId/cancelMediaProcessing'],
  ['POST', '/:callId/subscribeToTone'],
  ['POST', '/:callId/sendDtmfTones'],
  ['POST', '/:callId/updateRecordingStatus'],
  ['POST', '/:callId/changeScreenSharingRole'],
  ['POST', '/:callId/addLargeGalleryView'],
  ['POST', '/logTeleconferenceDeviceQuality'],
  ['POST', '/:callId/participants/muteAll'],
  ['POST', '/:callId/participants/configureMixer'],
  ['POST', '/:callId/participants/:participantId/mute'],
  ['POST', '/:callId/participants/:participantId/startHoldMusic'],
  ['POST', '/:callId/participants/:participantId/stopHoldMusic'],
  ['GET', '/:callId/audioRoutingGroups'],
  ['POST', '/:callId/audioRoutingGroups'],
  ['GET', '/:callId/contentSharingSessions'],
]

export const unbuiltRoutes: readonly Route[] = UNBUILT.map(([method, path]) => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return {
    operation: name,
    method,
    path,
    handle: () => {
      const explanation = `${name} is not implemented in this version of Rollcall; see docs/reference/api.md for what is.`
      return Promise.reject(new HttpError(501, 'notImplemented', 'The operation is not implemented.', explanation))
    },
  }
})
