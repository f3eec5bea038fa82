/** Operations of the calling API that are published and that this version does not do: refused by name, not as unknown. */
import { HttpError } from '../../http/http-error.ts'
import type { WireVersion } from '../dialects/dialect.ts'
import type { Permissions } from './published.ts'
import { ACCESS_MEDIA, JOIN, JOIN_AS_GUEST, NO_PERMISSION, always } from './published.ts'
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
const UNKNOWN = 'its name is published, its parameters are not'
const BY_OPERATOR = 'whole calls are recorded when whoever runs the server says so, by control or by an option'
const WITHDRAWN = 'it was withdrawn in 2019'
const BETA: readonly WireVersion[] = ['beta']
const BEFORE_2019: readonly WireVersion[] = ['2018-12']
/** Who may take part in a group call, say the lists of permissions. */
const PARTY = always(JOIN_AS_GUEST, JOIN)
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
  refused('GET', '', [], NO_PERMISSION, 'the metadata declares it, and no page or permission gives it to applications'),
  refused('POST', '/:callId/raiseHand', BETA, PARTY, UNKNOWN),
  refused('POST', '/:callId/lowerHand', BETA, PARTY, UNKNOWN),
  refused('POST', '/:callId/startRecording', BETA, always(JOIN), BY_OPERATOR),
  refused('POST', '/:callId/stopRecording', BETA, always(JOIN), BY_OPERATOR),
  refused('POST', '/:callId/joinContentSharingAudioGroup', BETA, always(ACCESS_MEDIA), UNKNOWN),
  refused('POST', '/:callId/leaveContentSharingAudioGroup', BETA, always(ACCESS_MEDIA), UNKNOWN),
  refused('POST', '/:callId/participants/lowerAllHands', BETA, PARTY, UNKNOWN),
  refused('POST', '/:callId/participants/admitAllFromLobby', BETA, PARTY, UNKNOWN),
  refused('POST', '/:callId/participants/:participantId/lowerHand', BETA, PARTY, UNKNOWN),
  refused('POST', '/:callId/participants/:participantId/admitFromLobby', BETA, PARTY, UNKNOWN),
  refused('POST', '/:callId/participants/:participantId/removeFromLobby', BETA, PARTY, UNKNOWN),
  refused(
    'POST',
    '/:callId/participants/:participantId/reportSyntheticMedia',
    BETA,
    always('Calls.ReportSyntheticMedia.All'),
    UNKNOWN,
  ),
  refused('POST', '/:callId/recognize', BEFORE_2019, NO_PERMISSION, WITHDRAWN),
  refused('POST', '/:callId/subscribeVideo', BEFORE_2019, NO_PERMISSION, WITHDRAWN),
  refused('POST', '/:callId/updateMetadata', BEFORE_2019, NO_PERMISSION, 'it was withdrawn in 2021'),
]

/** What an operation is called that is refused. */
export function nameOf(path: string): string {
  return path === '' ? 'call: list' : path.slice(path.lastIndexOf('/') + 1)
}

/** The rows of the route table that refuse them, to whomever asks. */
export const unbuiltRoutes: readonly Route[] = refusedOperations.map(({ method, path, published, why }) => {
  const name = nameOf(path)
  return {
    operation: name,
    method,
    path,
    published,
    permissions: { today: 'none', until2021: 'none' },
    handle: () => {
      const explanation = `${name} is refused: ${why}; docs/reference/coverage.md says what is there.`
      return Promise.reject(new HttpError(501, 'notImplemented', 'The operation is not implemented.', explanation))
    },
  }
})
