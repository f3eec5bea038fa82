/** The dialects that this server speaks, newest first. */
import { writeCall } from '../wire/call.ts'
import type { LegacyShape } from '../wire/legacy.ts'
import { legacyId, writeLegacyAnswer, writeLegacyCall, writeLegacyNotifications } from '../wire/legacy.ts'
import { writeLegacyContentSharing, writeLegacyOperation, writeLegacyParticipant } from '../wire/legacy.ts'
import { writeNotifications } from '../wire/notification.ts'
import { writeOperation } from '../wire/operation.ts'
import { writeParticipant } from '../wire/participant.ts'
import type { Shape } from '../wire/shape.ts'
import { writeAudioRoutingGroup, writeContentSharing } from '../wire/sharing.ts'
import type { Dialect } from './dialect.ts'

type Encoders = Pick<
  Dialect,
  'id' | 'call' | 'participant' | 'operation' | 'notifications' | 'audioRoutingGroup' | 'contentSharing'
>

/** The encoders that all versions since 2020 share; `shape` is what differs among them. */
function encoders(shape: Shape): Encoders {
  return {
    id: (guid) => guid,
    call: (view) => writeCall(view, shape),
    participant: (participant) => writeParticipant(participant, shape),
    audioRoutingGroup: (group) => writeAudioRoutingGroup(group, (id) => id),
    contentSharing: (session) => writeContentSharing(session, shape),
    operation: (operation, baseUrl) => writeOperation(operation, shape, baseUrl),
    notifications: (notifications, baseUrl) => writeNotifications(notifications, shape, baseUrl),
  }
}

/** The encoders of 2018 and 2019. */
function legacyEncoders(shape: LegacyShape): Encoders {
  return {
    id: legacyId,
    call: (view) => writeLegacyCall(view, shape),
    participant: writeLegacyParticipant,
    audioRoutingGroup: (group) => writeAudioRoutingGroup(group, legacyId),
    contentSharing: writeLegacyContentSharing,
    operation: (operation, baseUrl) => writeLegacyOperation(operation, shape, baseUrl),
    notifications: (notifications, baseUrl) => writeLegacyNotifications(notifications, shape, baseUrl),
  }
}

const BETA_CONTEXT = { created: 'app/calls/$entity', read: 'app/calls/$entity' } as const

/** Today's v1.0: the page of 2021-03 and what v1.0 added since. */
export const v1: Dialect = {
  version: 'v1.0',
  root: 'v1.0',
  permissionsOf: 'today',
  createdBody: true,
  inviteStatus: 200,
  escalation: 'one',
  transfersOut: true,
  end: 'terminating',
  ringing: false,
  ringTimeout: false,
  asksRecorders: true,
  transcription: true,
  callOptions: true,
  context: { created: 'app/calls/$entity', read: 'communications/calls/$entity' },
  ...encoders({
    betaMembers: false,
    inviteeId: 'all',
    typedInvitees: true,
    tenantIds: true,
    since2021: true,
  }),
}

/** Today's beta: the page of 2020-12 and what beta added since. */
export const beta: Dialect = {
  version: 'beta',
  root: 'beta',
  permissionsOf: 'today',
  createdBody: true,
  inviteStatus: 200,
  escalation: 'one',
  transfersOut: true,
  end: 'terminating',
  ringing: true,
  ringTimeout: true,
  asksRecorders: true,
  transcription: true,
  callOptions: true,
  context: BETA_CONTEXT,
  ...encoders({
    betaMembers: true,
    inviteeId: 'all',
    typedInvitees: true,
    tenantIds: true,
    since2021: true,
  }),
}

/** The v1.0 page of March 2021. */
const march2021: Dialect = {
  ...v1,
  version: '2021-03',
  permissionsOf: 'until2021',
  escalation: 'never',
  asksRecorders: false,
  callOptions: false,
  transfersOut: false,
  ...encoders({
    betaMembers: false,
    inviteeId: 'phones',
    typedInvitees: true,
    tenantIds: false,
    since2021: false,
  }),
}

/** The beta page of December 2020. */
const december2020: Dialect = {
  ...beta,
  version: '2020-12',
  permissionsOf: 'until2021',
  escalation: 'never',
  transfersOut: false,
  ringing: false,
  asksRecorders: false,
  callOptions: false,
  ...encoders({
    betaMembers: true,
    inviteeId: 'all',
    typedInvitees: false,
    tenantIds: true,
    since2021: false,
  }),
}

/** The beta page of September 2019. */
const september2019: Dialect = {
  version: '2019-09',
  permissionsOf: 'until2021',
  root: 'beta',
  createdBody: true,
  inviteStatus: 202,
  escalation: 'never',
  transfersOut: false,
  end: 'terminated',
  ringing: false,
  ringTimeout: true,
  asksRecorders: false,
  transcription: false,
  callOptions: false,
  context: BETA_CONTEXT,
  ...legacyEncoders({
    envelope: { whole: 'microsoft.graph.commsNotifications', item: 'microsoft.graph.commsNotification' },
    operationType: 'inviteParticipantsOperation',
    mediaState: true,
    repeatsParameters: false,
    ringTimeoutName: 'ringingTimeoutInSeconds',
  }),
}

/** The beta pages of December 2018 and April 2019, which are one contract. */
const december2018: Dialect = {
  version: '2018-12',
  permissionsOf: 'until2021',
  root: 'beta',
  createdBody: false,
  inviteStatus: 202,
  escalation: 'any',
  transfersOut: false,
  end: 'terminated',
  ringing: false,
  ringTimeout: true,
  asksRecorders: false,
  transcription: false,
  callOptions: false,
  context: BETA_CONTEXT,
  answered: writeLegacyAnswer,
  ...legacyEncoders({
    envelope: undefined,
    operationType: 'commsOperation',
    mediaState: false,
    repeatsParameters: true,
    ringTimeoutName: 'ringningTimeoutInSeconds',
  }),
}

/** Every dialect. */
export const dialects: readonly Dialect[] = [v1, beta, march2021, december2020, september2019, december2018]

const BY_VERSION: ReadonlyMap<string, Dialect> = new Map(dialects.map((dialect) => [dialect.version, dialect]))

/** The values that `wireVersion` can take. */
export const wireVersions: readonly string[] = [...BY_VERSION.keys()]

/** The dialect of a wire version; v1.0 for one that this server does not (or no longer) speak. */
export function dialectOf(version: string | undefined): Dialect {
  return BY_VERSION.get(version ?? '') ?? v1
}
