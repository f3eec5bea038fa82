/** What a route of the meetings' API is: a row of data and a function from a decoded request to an answer. */
import type { Config } from '../../config.ts'
import type { Directory } from '../../directory/directory.ts'
import type { Meetings } from '../../meetings/meetings.ts'
import type { Caller } from '../../oauth/bearer.ts'
import type { Clock, Ids } from '../../runtime.ts'
import type { Meeting } from '../../meetings/meeting.ts'

/** What the handlers work with. */
export interface MeetingParts {
  readonly directory: () => Directory
  readonly meetings: Meetings
  readonly clock: Clock
  readonly ids: Ids
  readonly config: Pick<Config, 'mode'>
  /** The server's public address, without a slash at the end. */
  readonly baseUrl: () => string
}

/** A `$filter`: one property, in lower case, and the value that it must have. */
export interface Filter {
  readonly property: string
  readonly value: string
}

/** One request, authenticated and addressed. */
export interface MeetingRequest {
  readonly caller: Caller
  readonly params: Readonly<Record<string, string>>
  readonly filter: Filter | undefined
  readonly body: unknown
}

/** A meeting, a list of meetings, or nothing. */
export type MeetingAnswer =
  | { readonly status: 204 }
  | { readonly status: 200 | 201; readonly meeting: Meeting; readonly context: string }
  | { readonly status: 200; readonly meetings: readonly Meeting[]; readonly context: string }

/** A row of the route table. */
export interface MeetingRoute {
  readonly operation: string
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Path below the version. */
  readonly path: string
  /** The application permissions of which one is needed. */
  readonly roles: readonly string[]
  /** The only version that has it, if one has. */
  readonly only?: 'beta'
  readonly handle: (request: MeetingRequest, parts: MeetingParts) => MeetingAnswer | Promise<MeetingAnswer>
}
