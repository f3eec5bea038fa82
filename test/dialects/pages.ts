/** The examples of the published pages as data: requests in their spelling, and what they show of answers and notifications. */
import type { AnyJson } from '../support/any-json.ts'
import type { UserName } from '../support/world.ts'
import { APPS, PHONE, TENANT, USERS } from '../support/world.ts'

type Json = Record<string, unknown>

/** What a page shows of one notification. */
export interface Told {
  readonly changeType: 'created' | 'updated' | 'deleted'
  /** Path below the collection of calls. */
  readonly path: string
  /** The members of `resourceData`, or of each of its rows. */
  readonly members: readonly string[]
  /** Values that the page fixes, of the last row where there are several. */
  readonly values: Json
}

/** One request of a page. */
export interface Example {
  readonly name: string
  /** What goes before: `both` is a group call and a peer-to-peer call. */
  readonly stage: 'nothing' | 'group' | 'peerToPeer' | 'both' | 'incoming'
  /** Path below the collection of calls. */
  readonly path: string
  readonly body: Json
  readonly scripts?: Json
  readonly answer: {
    readonly status: number
    /** Below the collection of calls. */
    readonly location?: string
    /** The members of the body; undefined where it has none. */
    readonly members?: readonly string[]
    readonly values?: Json
  }
  readonly told: readonly Told[]
}

/** One published page. */
export interface Page {
  readonly version: string
  /** The collections of calls that it lists. */
  readonly addresses: readonly string[]
  /** What stands beside `value`. */
  readonly envelope: Json
  /** What every item has beside its locators, its data and the kind of change. */
  readonly item: Json
  readonly locators: (path: string) => Json
  /** The members of each participant in the answer to an invite. */
  readonly inviteeMembers: (participant: AnyJson) => readonly string[]
  readonly examples: readonly Example[]
}

const type = (name: string): Json => ({ '@odata.type': `#microsoft.graph.${name}` })
const INVITE = '/{call}/participants/invite'

// 2018 and 2019

const OLD_BODY = ['id', 'status', 'createdDateTime', 'lastActionDateTime', 'clientContext']
const OLD_DATA = ['@odata.type', '@odata.id', '@odata.etag']
const OLD_ROW = [...OLD_DATA, 'info', 'mediaStreams']
const LOCALE = { languageId: 'nb-NO', region: 'northeurope' }
/** What the examples give as `clientContext`. */
export const CONTEXT = '6f0e1a52-3c77-4d1b-9f0a-0b8c2d5e7a13'

/** Somebody invited as the first examples of 2018 and 2019 do. */
const oldInvitee = (name: UserName, more: Json = {}): Json => ({
  endpointType: 'default',
  identity: { user: { id: USERS[name], tenantId: TENANT, displayName: 'Signe Holm' } },
  ...LOCALE,
  ...more,
})

/**
 * The pages show 200 for some examples and say 202 in their text; here it is 202, always with the operation. What they
 * show as `Running` in some answers is `running` in all.
 */
const oldAnswer = (clientContext: string | null): Example['answer'] => ({
  status: 202,
  location: '/{CALL}/operations/{OP}',
  members: OLD_BODY,
  values: { id: '{OP}', status: 'running', clientContext },
})

const oldCompleted = (operationType: string, clientContext?: string): Told => ({
  changeType: 'deleted',
  path: '/{CALL}/operations/{OP}',
  members: [...OLD_DATA, ...(clientContext === undefined ? [] : ['clientContext']), 'status'],
  values: {
    ...type(operationType),
    '@odata.id': '/app/calls/{CALL}/operations/{OP}',
    ...(clientContext !== undefined && { clientContext }),
    status: 'completed',
  },
})

const oldRoster = (row: Json): Told => ({
  changeType: 'updated',
  path: '/{CALL}/participants',
  members: OLD_ROW,
  values: { ...type('participant'), ...row },
})

const oldStreams = (sourceId: string): Json[] => [
  { mediaType: 'audio', label: 'main-audio', sourceId, direction: 'sendReceive', serverMuted: false },
]

const oldCall = (changeType: Told['changeType'], call: string, values: Json = {}): Told => ({
  changeType,
  path: `/${call}`,
  members: [...OLD_DATA, ...Object.keys(values)],
  values: { ...type('call'), '@odata.id': `/app/calls/${call}`, ...values },
})

/** The two steps in which a replaced call ends. */
const oldEnd = [
  oldCall('updated', '{OLD}', { state: 'terminated', terminationReason: 'AppInitiated' }),
  oldCall('deleted', '{OLD}'),
]

/** The roster is the group call's; the pages print it on the call that is replaced. */
const oldReplacing: Example = {
  name: 'invite, replacing a peer-to-peer call',
  stage: 'both',
  path: INVITE,
  body: {
    participants: [
      {
        ...type('invitationParticipantInfo'),
        identity: { user: { id: USERS.cleo.toUpperCase() } },
        replacesCallId: '/app/calls/{OLD}',
      },
    ],
  },
  answer: oldAnswer(null),
  told: [
    oldCompleted('inviteParticipantsOperation'),
    oldRoster({ info: { identity: { user: { id: USERS.cleo, displayName: 'cleo' } } }, mediaStreams: oldStreams('4') }),
    ...oldEnd,
  ],
}

/** The first example, with all that a participant can carry. */
const oldFirst: Example = {
  name: 'invite, with everything in the request',
  stage: 'both',
  path: INVITE,
  body: { participants: [oldInvitee('cleo', { replacesCallId: '{OLD}' })], clientContext: CONTEXT },
  answer: oldAnswer(CONTEXT),
  told: [
    oldCompleted('inviteParticipantsOperation', CONTEXT),
    oldRoster({ info: { identity: { user: { id: USERS.cleo, displayName: 'Signe Holm' } }, ...LOCALE } }),
    ...oldEnd,
  ],
}

const oldInvite = (stage: 'group' | 'peerToPeer', operationType: string): Example => ({
  name: `invite into a ${stage} call`,
  stage,
  path: INVITE,
  body: { participants: [oldInvitee('dov')], clientContext: CONTEXT },
  answer: oldAnswer(CONTEXT),
  told: [
    oldCompleted(operationType, CONTEXT),
    oldRoster({
      info: { identity: { user: { id: USERS.dov, displayName: 'Signe Holm' } }, ...LOCALE },
      mediaStreams: oldStreams(stage === 'group' ? '4' : '3'),
    }),
  ],
})

const answering: Example = {
  name: 'answer, with media fetched beforehand',
  stage: 'incoming',
  path: '/{CALL}/answer',
  body: {
    callback: '{bot}',
    acceptModalities: ['audio', 'video'],
    mediaConfig: {
      ...type('serviceHostedMediaConfig'),
      preFetchMedia: [
        { url: 'https://sound.pier.example/gong.wav', resourceId: '77B1D0E4-0C35-4E0A-8B7D-2A9C4F5E6D01' },
        { url: 'https://sound.pier.example/horn.wav', resourceId: '77B1D0E4-0C35-4E0A-8B7D-2A9C4F5E6D02' },
      ],
    },
  },
  answer: { status: 200, members: OLD_BODY, values: { id: '{OP}', status: 'running' } },
  told: [
    oldCall('updated', '{CALL}', { state: 'establishing' }),
    oldCall('updated', '{CALL}', {
      state: 'established',
      activeModalities: ['audio', 'video'],
      requestedModalities: [],
    }),
  ],
}

/** The page does not print the roster that the application then gets, of itself alone. */
const joining: Example = {
  name: 'join a channel meeting without media',
  stage: 'nothing',
  path: '',
  body: {
    subject: 'Tide tables',
    callback: '{bot}',
    source: { ...type('participantInfo'), identity: { application: { id: APPS.alpha.toUpperCase() } } },
    targetDisposition: 'default',
    requestedModalities: [],
    chatInfo: {
      threadId: '0F2C7D1A-95B4-4E6C-9C0B-7A3E1D4F8B20',
      messageId: '1544012096113',
      replyChainMessageId: '1544012096113',
    },
    meetingInfo: {
      ...type('organizerMeetingInfo'),
      organizer: { user: { id: USERS.eva.toUpperCase(), tenantId: TENANT.toUpperCase() } },
    },
  },
  answer: { status: 201, location: '/{CALL}' },
  told: [
    oldCall('updated', '{CALL}', { state: 'establishing', direction: 'outgoing' }),
    oldCall('updated', '{CALL}', { state: 'established', activeModalities: [] }),
    oldRoster({ info: { identity: { application: { id: APPS.alpha } } }, mediaStreams: [] }),
  ],
}

const failing: Example = {
  name: 'invite, which fails',
  stage: 'group',
  path: INVITE,
  body: { participants: [oldInvitee('dov')], clientContext: CONTEXT },
  scripts: { dov: { fail: { reason: 'trunk-error' } } },
  answer: oldAnswer(CONTEXT),
  told: [
    {
      changeType: 'deleted',
      path: '/{CALL}/operations/{OP}',
      members: [...OLD_DATA, 'clientContext', 'status', 'resultInfo'],
      values: {
        ...type('inviteParticipantsOperation'),
        '@odata.id': '/app/calls/{CALL}/operations/{OP}',
        clientContext: CONTEXT,
        status: 'failed',
        resultInfo: { ...type('resultInfo'), code: 500, subCode: 560_500 },
      },
    },
  ],
}

// 2020 and 2021

const NEW_BODY = ['@odata.context', '@odata.type', 'id', 'status', 'clientContext', 'resultInfo', 'participants']

interface Spelling {
  /** Further members of a user in a request. */
  readonly more: Json
  /** Further members of a user in what the server writes. */
  readonly shown: Json
  readonly terminationReason: boolean
}

const newUser = (name: UserName, { more }: Spelling, participant: Json = {}): Json => ({
  ...type('invitationParticipantInfo'),
  ...participant,
  identity: { ...type('identitySet'), user: { ...type('identity'), id: USERS[name], ...more } },
})

const newAnswer = (participants: readonly Json[]): Example['answer'] => ({
  status: 200,
  location: '/{call}/operations/{op}',
  members: NEW_BODY.filter((name) => name !== '@odata.context'),
  values: {
    ...type('inviteParticipantsOperation'),
    id: '{op}',
    status: 'Running',
    clientContext: CONTEXT,
    resultInfo: null,
    participants,
  },
})

const answeredUser = (name: UserName, { more }: Spelling, replacesCallId: string | null = null): Json => ({
  endpointType: null,
  replacesCallId,
  identity: { user: { id: USERS[name], ...more }, application: null, device: null, phone: null },
})

const newCompleted = (identities: readonly Json[]): Told => ({
  changeType: 'deleted',
  path: '/{call}/operations/{op}',
  members: ['@odata.type', 'participants', 'status', 'clientContext', 'id'],
  values: {
    ...type('inviteParticipantsOperation'),
    participants: identities.map((identity) => ({
      ...type('invitationParticipantInfo'),
      identity: { ...type('identitySet'), ...identity },
    })),
    status: 'completed',
    clientContext: CONTEXT,
    id: '{op}',
  },
})

const newRoster = (identity: Json, sourceId: string): Told => ({
  changeType: 'updated',
  path: '/{call}/participants',
  members: ['@odata.type', 'info', 'mediaStreams', 'isMuted', 'isInLobby', 'id'],
  values: {
    ...type('participant'),
    info: {
      ...type('participantInfo'),
      identity: { ...type('identitySet'), ...identity },
      endpointType: 'default',
    },
    mediaStreams: [
      { ...type('mediaStream'), mediaType: 'audio', sourceId, direction: 'sendReceive', serverMuted: false },
    ],
    isMuted: false,
    isInLobby: false,
  },
})

/** Of the end of a replaced call these pages say only that it is told. */
const newEnd = ({ terminationReason }: Spelling): Told => ({
  changeType: 'deleted',
  path: '/{old}',
  members: [
    '@odata.type',
    'state',
    'resultInfo',
    ...(terminationReason ? ['terminationReason'] : []),
    'callChainId',
    'tenantId',
    'id',
  ],
  values: { ...type('call'), state: 'terminated', id: '{old}' },
})

function newExamples(spelling: Spelling): readonly Example[] {
  const shown = (name: UserName): Json => ({ user: { ...type('identity'), id: USERS[name], ...spelling.shown } })
  const phone = { phone: { ...type('identity'), id: PHONE } }
  const example = (
    name: string,
    stage: 'group' | 'both',
    participants: readonly Json[],
  ): Omit<Example, 'answer' | 'told'> => ({
    name,
    stage,
    path: INVITE,
    body: { participants, clientContext: CONTEXT },
  })
  const replaced = (name: string, participants: readonly Json[]): Example => ({
    ...example(name, 'both', participants),
    answer: newAnswer([answeredUser('cleo', spelling, '{old}')]),
    told: [newCompleted([shown('cleo')]), newRoster(shown('cleo'), '4'), newEnd(spelling)],
  })
  const cleo = newUser('cleo', spelling, { replacesCallId: '{old}' })
  return [
    replaced('invite one participant', [cleo]),
    {
      // The page's request names a call to be replaced, of which its answer then knows nothing.
      ...example('invite several participants', 'group', [newUser('dov', spelling), newUser('eva', spelling)]),
      answer: newAnswer([answeredUser('dov', spelling), answeredUser('eva', spelling)]),
      told: [newRoster(shown('dov'), '4'), newCompleted([shown('dov'), shown('eva')]), newRoster(shown('eva'), '5')],
    },
    replaced('replace a peer-to-peer call; the second participant is ignored', [cleo, newUser('dov', spelling)]),
    {
      ...example('invite a phone', 'group', [
        { ...type('invitationParticipantInfo'), identity: { ...type('identitySet'), ...phone } },
      ]),
      answer: newAnswer([
        {
          endpointType: null,
          replacesCallId: null,
          identity: {
            user: null,
            guest: null,
            encrypted: null,
            onPremises: null,
            applicationInstance: null,
            application: null,
            device: null,
            ...phone,
          },
        },
      ]),
      told: [newCompleted([phone]), newRoster(phone, '4')],
    },
  ]
}

const newEnvelope = {
  envelope: type('commsNotifications'),
  item: type('commsNotification'),
  locators: (path: string): Json => ({ resource: `/app/calls${path}`, resourceUrl: `/communications/calls${path}` }),
}
const oldLocators = (path: string): Json => ({ resource: `/app/calls${path}` })
const INVITEE = ['endpointType', 'replacesCallId', 'identity']

export const pages: readonly Page[] = [
  {
    version: '2018-12',
    addresses: ['/beta/app/calls', `/beta/applications/${APPS.alpha}/calls`],
    envelope: {},
    item: {},
    locators: oldLocators,
    inviteeMembers: () => [],
    examples: [oldFirst, oldInvite('peerToPeer', 'commsOperation'), answering, joining, oldReplacing],
  },
  {
    version: '2019-09',
    addresses: ['/beta/app/calls'],
    envelope: { '@odata.type': 'microsoft.graph.commsNotifications' },
    item: { '@odata.type': 'microsoft.graph.commsNotification' },
    locators: oldLocators,
    inviteeMembers: () => [],
    examples: [oldFirst, oldInvite('group', 'inviteParticipantsOperation'), oldReplacing, failing],
  },
  {
    version: '2020-12',
    addresses: ['/beta/app/calls', '/beta/communications/calls'],
    ...newEnvelope,
    inviteeMembers: () => [...INVITEE, 'id'],
    examples: newExamples({
      more: { identityProvider: 'AAD' },
      shown: { identityProvider: 'AAD', tenantId: TENANT },
      terminationReason: true,
    }),
  },
  {
    version: '2021-03',
    addresses: ['/v1.0/communications/calls'],
    ...newEnvelope,
    // Of its four answers only the one about a phone has ids.
    inviteeMembers: ({ identity }) => (identity.phone === null ? INVITEE : [...INVITEE, 'id']),
    examples: newExamples({
      more: { displayName: 'Pier Seven' },
      shown: { displayName: 'Pier Seven' },
      terminationReason: false,
    }),
  },
]
