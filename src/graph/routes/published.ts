/** What the published pages say of an operation beside its path: in which versions it is, and who may ask for it. */
import type { WireVersion } from '../dialects/dialect.ts'

/**
 * Which application permissions an operation needs: one of a list; `none`; `atCreation`, which today's pages mean when an
 * action in a call repeats what its creation needed (contract: operations, section 0); or `byBody`, which its handler checks.
 */
export type Needed = readonly string[] | 'none' | 'atCreation' | 'byBody'

/** The permissions of an operation, as today's pages have them and as those until 2021 had. */
export interface Permissions {
  /** For `v1.0` and `beta`. */
  readonly today: Needed
  /** For the versions of 2018 to 2021. */
  readonly until2021: Needed
}

export const INITIATE = 'Calls.Initiate.All'
export const INITIATE_GROUP = 'Calls.InitiateGroupCall.All'
export const JOIN = 'Calls.JoinGroupCall.All'
export const JOIN_AS_GUEST = 'Calls.JoinGroupCallAsGuest.All'
export const ACCESS_MEDIA = 'Calls.AccessMedia.All'

/** Nothing is needed at the time of the request in any version. */
export const NO_PERMISSION: Permissions = { today: 'none', until2021: 'none' }
/** Needed when the call was created, by today's pages; nothing by those before. */
export const AT_CREATION: Permissions = { today: 'atCreation', until2021: 'none' }
/** The handler knows, from what is asked for. */
export const BY_BODY: Permissions = { today: 'byBody', until2021: 'byBody' }

/** The same permissions in every version. */
export function always(...roles: readonly string[]): Permissions {
  return { today: roles, until2021: roles }
}

/** Permissions that only today's pages ask for. */
export function todayOnly(...roles: readonly string[]): Permissions {
  return { today: roles, until2021: 'none' }
}

/** Every version. */
export const EVER: readonly WireVersion[] = ['v1.0', 'beta', '2021-03', '2020-12', '2019-09', '2018-12']
/** Since v1.0 exists. */
export const SINCE_2020: readonly WireVersion[] = ['v1.0', 'beta', '2021-03', '2020-12']
/** Today's versions. */
export const TODAY: readonly WireVersion[] = ['v1.0', 'beta']
