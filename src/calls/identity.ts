/** Who somebody is, and how they are reached. */

/** The form of a phone number (ITU-T E.164): a plus sign and at most fifteen digits. */
export const E164 = /^\+[1-9]\d{1,14}$/

/** The kinds of identity that a Graph identity set can hold and that Rollcall knows. */
export type IdentityKind = 'user' | 'application' | 'applicationInstance' | 'phone' | 'guest' | 'encrypted'

/** One identity: Graph's `identity`, with the member of the identity set that it stood in. */
export interface Identity {
  readonly kind: IdentityKind
  /** Directory object id, app id, E.164 number or free text, by kind. */
  readonly id: string
  readonly displayName?: string
  readonly tenantId?: string
  /** As the application sent it, such as `AAD`; echoed. */
  readonly identityProvider?: string
  /** What kind of thing of the service's own an application is, such as `LargeGallery-V2`. */
  readonly applicationType?: string
}

/** Who does what whoever runs the server asks for. */
export const SERVER_ITSELF: Identity = {
  kind: 'application',
  id: 'ca11ca11-0000-4000-8000-000000000001',
  displayName: 'Rollcall',
}

/** A person's or a phone's address: what an endpoint needs in order to ring it. */
export interface Address {
  readonly kind: 'user' | 'phone'
  readonly id: string
  readonly tenantId: string
  /** At which place of theirs they are or ring, if their endpoint has told: its own name for it, and nobody else's business. */
  readonly device?: string
}

/** Where somebody is and what they speak, as an application said when it invited them: echoed on the roster of old versions. */
export interface Locale {
  readonly region?: string
  readonly languageId?: string
}

/** The locale in something that carries one; undefined if it says nothing. */
export function localeOf({ region, languageId }: Locale): Locale | undefined {
  if (region === undefined && languageId === undefined) return undefined
  return { ...(region !== undefined && { region }), ...(languageId !== undefined && { languageId }) }
}

/** Whether two identities name the same one: same kind, same id, letter case aside. */
export function sameIdentity(a: Identity, b: Identity): boolean {
  return a.kind === b.kind && a.id.toLowerCase() === b.id.toLowerCase()
}

/** The name that messages use for an identity: `8:orgid:` user, `28:` application, `4:` phone (contract: invite, rule 11). */
export function internalName(identity: Identity): string {
  switch (identity.kind) {
    case 'user':
      return `8:orgid:${identity.id}`
    case 'application':
    case 'applicationInstance':
      return `28:${identity.id}`
    case 'phone':
      return `4:${identity.id}`
    case 'guest':
      return `8:teamsvisitor:${identity.id}`
    case 'encrypted':
      return identity.id.startsWith('29:') ? identity.id : `29:${identity.id}`
  }
}
