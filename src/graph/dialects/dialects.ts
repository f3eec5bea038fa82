/** The dialects that this server speaks. */
import { writeCall } from '../wire/call.ts'
import { writeNotifications } from '../wire/notification.ts'
import { writeOperation } from '../wire/operation.ts'
import { writeParticipant } from '../wire/participant.ts'
import type { Shape } from '../wire/shape.ts'
import type { Dialect } from './dialect.ts'

/** The encoders that all versions since 2020 share; `shape` is what differs among them. */
function encoders(shape: Shape): Pick<Dialect, 'id' | 'call' | 'participant' | 'operation' | 'notifications'> {
  return {
    id: (guid) => guid,
    call: (view) => writeCall(view, shape),
    participant: (participant) => writeParticipant(participant, shape),
    operation: (operation) => writeOperation(operation, shape),
    notifications: (notifications) => writeNotifications(notifications, shape),
  }
}

/** Today's v1.0: the page of 2021-03 and what v1.0 added since. */
export const v1: Dialect = {
  version: 'v1.0',
  root: 'v1.0',
  inviteStatus: 200,
  escalation: 'one',
  end: 'terminating',
  context: { created: 'app/calls/$entity', read: 'communications/calls/$entity' },
  ...encoders({ betaMembers: false, inviteeId: true }),
}

/** Today's beta: the page of 2020-12 and what beta added since. */
export const beta: Dialect = {
  version: 'beta',
  root: 'beta',
  inviteStatus: 200,
  escalation: 'one',
  end: 'terminating',
  context: { created: 'app/calls/$entity', read: 'app/calls/$entity' },
  ...encoders({ betaMembers: true, inviteeId: true }),
}

const DIALECTS: ReadonlyMap<string, Dialect> = new Map([v1, beta].map((dialect) => [dialect.version, dialect]))

/** The values that `wireVersion` can take. */
export const wireVersions: readonly string[] = [...DIALECTS.keys()]

/** The dialect of a wire version; v1.0 for one that this server does not (or no longer) speak. */
export function dialectOf(version: string | undefined): Dialect {
  return DIALECTS.get(version ?? '') ?? v1
}
