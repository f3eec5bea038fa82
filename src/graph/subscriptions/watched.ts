/** What a subscription's `resource` names. */
import type { Directory } from '../../directory/directory.ts'
import type { Meetings } from '../../meetings/meetings.ts'
import { readGuid } from '../../runtime.ts'
import type { Watched } from '../../subscriptions/subscription.ts'
import { badRequest, notFound } from '../errors.ts'

/** What names are looked up in. */
export interface WatchedParts {
  readonly directory: () => Directory
  readonly meetings: Pick<Meetings, 'find'>
}

const KEY_IN_BRACKETS = /\('([^'/]*)'\)/g
const RECORDINGS =
  /^(?:communications|users\/(?<user>[^/]+))\/(?<kind>onlineMeetings|adhocCalls)\/(?:getAllRecordings|(?<id>[^/]+)\/recordings)$/i

/** Reads `resource`, of a request for a tenant. @throws HttpError */
export function readWatched(resource: string, tenantId: string, parts: WatchedParts): Watched {
  const path = resource.replaceAll(/^\/|\/$/g, '').replaceAll(KEY_IN_BRACKETS, '/$1')
  if (/^communications\/callRecords$/i.test(path)) return { type: 'callRecords' }
  const { user, kind, id } = RECORDINGS.exec(path)?.groups ?? {}
  if (kind === undefined || (user !== undefined && id !== undefined)) {
    throw badRequest(
      `resource: ${resource.slice(0, 128)} cannot be subscribed to; /communications/callRecords can, and the recordings of /communications/onlineMeetings and /communications/adhocCalls.`,
    )
  }
  const userId = user === undefined ? undefined : userOf(user, tenantId, parts)
  if (kind.toLowerCase() === 'adhoccalls') {
    const callChainId = id === undefined ? undefined : (readGuid(id) ?? id)
    return {
      type: 'callRecordings',
      ...(callChainId !== undefined && { callChainId }),
      ...(userId !== undefined && { userId }),
    }
  }
  const meetingId = id === undefined ? undefined : meetingOf(id, tenantId, parts)
  return {
    type: 'meetingRecordings',
    ...(meetingId !== undefined && { meetingId }),
    ...(userId !== undefined && { organizerId: userId }),
  }
}

function userOf(text: string, tenantId: string, { directory }: WatchedParts): string {
  const user = directory().user(text)
  if (user?.tenantId === tenantId) return user.id
  throw notFound(`resource: the tenant of the token has no user ${text.slice(0, 128)}.`)
}

function meetingOf(id: string, tenantId: string, { meetings }: WatchedParts): string {
  const meeting = meetings.find(id)
  if (meeting?.tenantId === tenantId) return meeting.id
  throw notFound(`resource: no online meeting of the tenant of the token has the id ${id.slice(0, 256)}.`)
}
