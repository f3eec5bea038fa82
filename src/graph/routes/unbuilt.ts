/** Operations of the calling API that are published and that this version does not do: refused by name, not as unknown. */
import { HttpError } from '../../http/http-error.ts'
import type { WireVersion } from '../dialects/dialect.ts'
import type { Permissions } from './published.ts'
import { ACCESS_MEDIA, AT_CREATION, EVER, INITIATE, JOIN, JOIN_AS_GUEST } from './published.ts'
import { SINCE_2020, TODAY, always } from './published.ts'
import type { Route } from './route.ts'

/** A published operation that is refused, and why. */
export interface Refused {
  readonly method: Route['method']
  readonly path: string
  readonly published: readonly WireVersion[]
  readonly permissions: Permissions
  readonly why: string
}

const NOT_YET = 'not in this version of Rollcall'
function refused(
  method: Route['method'],
  path: string,
  published: readonly WireVersion[],
  permissions: Permissions,
  why = NOT_YET,
): Refused {
  return { method, path, published, permissions, why }
}

/** Every operation that is refused by its name. */
export const refusedOperations: readonly Refused[] = [
  refused('POST', '/:callId/redirect', EVER, always(INITIATE)),
  refused('POST', '/:callId/transfer', EVER, always(INITIATE)),
  refused('POST', '/:callId/playPrompt', EVER, AT_CREATION),
  refused('POST', '/:callId/record', ['2020-12', '2019-09', '2018-12'], always(ACCESS_MEDIA)),
  refused('POST', '/:callId/recordResponse', SINCE_2020, always(ACCESS_MEDIA)),
  refused('POST', '/:callId/cancelMediaProcessing', EVER, AT_CREATION),
  refused('POST', '/:callId/subscribeToTone', EVER, always(ACCESS_MEDIA)),
  refused('POST', '/:callId/sendDtmfTones', TODAY, always(ACCESS_MEDIA)),
  refused('POST', '/:callId/updateRecordingStatus', SINCE_2020, always(ACCESS_MEDIA, JOIN)),
  refused('POST', '/:callId/participants/:participantId/startHoldMusic', TODAY, always(JOIN_AS_GUEST, JOIN)),
  refused('POST', '/:callId/participants/:participantId/stopHoldMusic', TODAY, always(JOIN_AS_GUEST, JOIN)),
]

/** The rows of the route table that refuse them, to whomever asks. */
export const unbuiltRoutes: readonly Route[] = refusedOperations.map(({ method, path, published, why }) => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return {
    operation: name,
    method,
    path,
    published,
    permissions: { today: 'none', until2021: 'none' },
    handle: () => {
      const explanation = `${name} is refused: ${why}; docs/reference/api.md says what is there.`
      return Promise.reject(new HttpError(501, 'notImplemented', 'The operation is not implemented.', explanation))
    },
  }
})
