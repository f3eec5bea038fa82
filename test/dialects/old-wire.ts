/** Notifications as the pages of 2018 and 2019 have them, written by hand. Ids stand in them by the names of a `Scene`. */
import type { AppName, UserName } from '../support/world.ts'
import { APPS, USERS } from '../support/world.ts'

export type Json = Record<string, unknown>
export type OldPage = '2018-12' | '2019-09'

const type = (name: string): Json => ({ '@odata.type': `#microsoft.graph.${name}` })

/** A user, as the directory or the application names them. */
export const person = (name: UserName, displayName: string = name): Json => ({
  user: { id: USERS[name], displayName },
})

export const phone = (id: string): Json => ({ phone: { id } })

export const application = (name: AppName): Json => ({
  application: { id: APPS[name], displayName: name[0]?.toUpperCase() + name.slice(1) },
})

/** Where somebody is and what they speak, as the invite said. */
export const LOCALE = { region: 'westeurope', languageId: 'da-DK' }

export const info = (identity: Json, locale: Json = {}): Json => ({ ...type('participantInfo'), identity, ...locale })

/** `resultInfo` with the sub code in the spelling of these pages. */
export const result = (code: number, subCode: number, text: string): Json => ({
  ...type('resultInfo'),
  code,
  subCode,
  message: `${text}. DiagCode: ${code}#${subCode}.@`,
})

/** A participant on a roster, by the name of its id. */
export interface OldRow {
  readonly id: string
  readonly identity: Json
  readonly locale?: Json
  /** None for an application without media. */
  readonly sourceId?: string
}

const stream = (sourceId: string): Json => ({
  mediaType: 'audio',
  label: 'main-audio',
  sourceId,
  direction: 'sendReceive',
  serverMuted: false,
})

/** The bodies of one page; in the names of ids capitals are meant. */
export class OldWire {
  readonly page: OldPage

  constructor(page: OldPage) {
    this.page = page
  }

  /** One notification in its envelope. */
  post(changeType: string, path: string, resourceData: unknown): Json {
    const item = { changeType, resource: `/app/calls/${path}`, resourceData }
    if (this.page === '2018-12') return { value: [item] }
    return {
      '@odata.type': 'microsoft.graph.commsNotifications',
      value: [{ '@odata.type': 'microsoft.graph.commsNotification', ...item }],
    }
  }

  call(changeType: string, call: string, members: Json = {}): Json {
    return this.post(changeType, call, {
      ...type('call'),
      '@odata.id': `/app/calls/${call}`,
      '@odata.etag': '{etag}',
      ...members,
    })
  }

  establishing(call: string, direction: 'incoming' | 'outgoing'): Json {
    return this.call('updated', call, { state: 'establishing', ...(direction === 'outgoing' && { direction }) })
  }

  established(call: string, direction: 'incoming' | 'outgoing', activeModalities: readonly string[]): Json {
    return this.call('updated', call, {
      state: 'established',
      activeModalities,
      ...(direction === 'incoming' && { requestedModalities: [] }),
      ...(this.page === '2019-09' &&
        activeModalities.length > 0 && { mediaState: { ...type('callMediaState'), audio: 'active' } }),
    })
  }

  /** The two steps of a call's end; what is the application's own doing needs no codes. */
  end(call: string, resultInfo?: Json): Json[] {
    return [
      this.call('updated', call, {
        state: 'terminated',
        terminationReason: resultInfo ? 'CallTerminated' : 'AppInitiated',
        ...(resultInfo && { resultInfo }),
      }),
      this.call('deleted', call),
    ]
  }

  operation(call: string, id: string, members: Json, replaced = false): Json {
    const path = `${call}/operations/${id}`
    const old = this.page === '2018-12' && !replaced
    return this.post('deleted', path, {
      ...type(old ? 'commsOperation' : 'inviteParticipantsOperation'),
      '@odata.id': `/app/calls/${path}`,
      '@odata.etag': '{etag}',
      ...members,
    })
  }

  roster(call: string, rows: readonly OldRow[]): Json {
    return this.post(
      'updated',
      `${call}/participants`,
      rows.map(({ id, identity, locale, sourceId }) => ({
        ...type('participant'),
        '@odata.id': `/app/calls/${call}/participants/${id}`,
        '@odata.etag': '{etag}',
        info: info(identity, locale),
        mediaStreams: sourceId === undefined ? [] : [stream(sourceId)],
      })),
    )
  }
}

/** The operation in the answer to an invite, and how `GET` shows it while it runs. */
export const running = (id: string, clientContext: string | null): Json => ({
  id,
  status: 'running',
  createdDateTime: '{time}',
  lastActionDateTime: '{time}',
  clientContext,
})
