/** Bodies as the pages of December 2020 and March 2021 have them, written by hand. Ids stand in them by their names. */
import { TENANT } from '../support/world.ts'

export type Json = Record<string, unknown>
export type NewPage = '2020-12' | '2021-03'

const type = (name: string): Json => ({ '@odata.type': `#microsoft.graph.${name}` })

/** Somebody, in the member of the identity set that they stand in. */
export interface Somebody {
  readonly kind: 'user' | 'application' | 'phone'
  readonly id: string
  readonly displayName?: string
  readonly identityProvider?: string
}

/** A participant on a roster, by the name of its id. */
export interface NewRow {
  readonly id: string
  readonly who: Somebody
  readonly sourceId: string
}

/** The bodies of one page. */
export class NewWire {
  readonly page: NewPage

  constructor(page: NewPage) {
    this.page = page
  }

  /** An identity; the page of 2021 shows no tenants. */
  #identity({ kind, ...who }: Somebody): Json {
    return { ...who, ...(kind !== 'phone' && this.page === '2020-12' && { tenantId: TENANT }) }
  }

  identitySet(who: Somebody): Json {
    return { ...type('identitySet'), [who.kind]: { ...type('identity'), ...this.#identity(who) } }
  }

  post(changeType: string, path: string, resourceData: unknown): Json {
    return {
      ...type('commsNotifications'),
      value: [
        {
          ...type('commsNotification'),
          changeType,
          resource: `/app/calls/${path}`,
          resourceUrl: `/communications/calls/${path}`,
          resourceData,
        },
      ],
    }
  }

  /** The one end of a replaced call. */
  replaced(call: string, callChainId: string): Json {
    return this.post('deleted', call, {
      ...type('call'),
      state: 'terminated',
      resultInfo: {
        ...type('resultInfo'),
        code: 200,
        subcode: 7000,
        message: 'An invitation moved its participant into another call. DiagCode: 200#7000.@',
      },
      ...(this.page === '2020-12' && { terminationReason: 'AppInitiated' }),
      callChainId,
      tenantId: TENANT,
      id: call,
    })
  }

  /** One invitee in the answer to an invite: every member of the identity set, null where empty. */
  invitee(who: Somebody, id: string, replacesCallId: string | null = null): Json {
    const phone = who.kind === 'phone'
    return {
      endpointType: null,
      // The page of 2021 has it for phones alone.
      ...((phone || this.page === '2020-12') && { id }),
      replacesCallId,
      identity: {
        user: null,
        ...(phone && { guest: null, encrypted: null, onPremises: null, applicationInstance: null }),
        application: null,
        device: null,
        phone: null,
        [who.kind]: { ...((phone || this.page === '2021-03') && type('identity')), ...this.#identity(who) },
      },
    }
  }

  /** The body of the answer to an invite. */
  running(id: string, participants: readonly Json[], clientContext: string | null): Json {
    return {
      ...type('inviteParticipantsOperation'),
      id,
      status: 'Running',
      clientContext,
      resultInfo: null,
      participants,
    }
  }

  operation(call: string, id: string, invitees: readonly Somebody[], members: Json = {}): Json {
    return this.post('deleted', `${call}/operations/${id}`, {
      ...type('inviteParticipantsOperation'),
      participants: invitees.map((who) => ({ ...type('invitationParticipantInfo'), identity: this.identitySet(who) })),
      status: 'completed',
      ...members,
      id,
    })
  }

  roster(call: string, rows: readonly NewRow[]): Json {
    return this.post(
      'updated',
      `${call}/participants`,
      rows.map(({ id, who, sourceId }) => ({
        ...type('participant'),
        info: { ...type('participantInfo'), identity: this.identitySet(who), endpointType: 'default' },
        mediaStreams: [
          { ...type('mediaStream'), mediaType: 'audio', sourceId, direction: 'sendReceive', serverMuted: false },
        ],
        isMuted: false,
        isInLobby: false,
        id,
      })),
    )
  }
}
