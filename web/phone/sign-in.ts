/** Who the page is for: somebody signed in by OpenID Connect (authorization code with PKCE), or a guest with a name. */
import { UserManager, WebStorageStateStore } from 'oidc-client-ts'
import type { PhoneConfig } from '../../src/endpoints/browser/protocol.ts'

/** Somebody who may use the phone. */
export type Session =
  | { readonly kind: 'person'; readonly token: () => Promise<string> }
  | { readonly kind: 'guest'; readonly displayName: string }

/** What the page was opened for, from its address: kept through signing in. */
export interface Purpose {
  /** A meeting to join: its link or id. */
  readonly meeting?: string
  /** Somebody to call. */
  readonly call?: string
}

const GUEST = 'rollcall.guest'
/** A token is renewed when it is good for no longer than this, in seconds. */
const RENEW_BEFORE = 60

/** Where people sign in and out; everything is kept in `sessionStorage`, so it ends with the tab. */
export class SignIn {
  /** Absent if only guests come in. */
  readonly #manager: UserManager | undefined
  readonly #token: 'access' | 'id'
  #purpose: Purpose
  /** Why the last try to sign in came to nothing. */
  problem: string | undefined

  /** @param address the page's own, to which the provider leads back */
  constructor({ signIn, redirectUri }: PhoneConfig, address: URL) {
    this.#purpose = purposeOf(address.searchParams)
    this.#token = signIn?.token ?? 'access'
    this.#manager = signIn && managerOf(signIn, redirectUri)
  }

  /** Whether people can sign in here. */
  get takesPeople(): boolean {
    return this.#manager !== undefined
  }

  get purpose(): Purpose {
    return this.#purpose
  }

  /** Whoever is signed in: since before, or by the answer of the provider that the page was just led back with. */
  async resume(address: URL): Promise<Session | undefined> {
    const { searchParams } = address
    if (searchParams.has('state') && (searchParams.has('code') || searchParams.has('error'))) {
      try {
        const user = await this.#manager?.signinRedirectCallback(address.href)
        this.#purpose = (user?.state as Purpose | undefined) ?? {}
      } catch (error) {
        this.problem = error instanceof Error ? error.message : String(error)
      }
      history.replaceState(null, '', new URL('.', address))
    }
    const user = await this.#manager?.getUser()
    if (this.#manager && user && (!user.expired || user.refresh_token !== undefined)) return this.#person(this.#manager)
    const displayName = sessionStorage.getItem(GUEST)
    return displayName === null ? undefined : { kind: 'guest', displayName }
  }

  /** Leaves the page for the provider's. */
  async person(): Promise<void> {
    await this.#manager?.signinRedirect({ state: this.#purpose })
  }

  /** Goes on as a guest who wants to join a meeting. */
  guest(displayName: string, meeting: string): Session {
    sessionStorage.setItem(GUEST, displayName)
    this.#purpose = { meeting }
    return { kind: 'guest', displayName }
  }

  async signOut(): Promise<void> {
    sessionStorage.removeItem(GUEST)
    await this.#manager?.removeUser()
  }

  #person(manager: UserManager): Session {
    return {
      kind: 'person',
      token: async () => {
        let user = await manager.getUser()
        if (user?.refresh_token !== undefined && (user.expires_in ?? 0) < RENEW_BEFORE) {
          user = await manager.signinSilent()
        }
        const token = this.#token === 'id' ? user?.id_token : user?.access_token
        if (!user || user.expired || token === undefined) throw new Error('nobody is signed in')
        return token
      },
    }
  }
}

function managerOf({ issuer, clientId, scope }: NonNullable<PhoneConfig['signIn']>, redirectUri: string): UserManager {
  return new UserManager({
    authority: issuer,
    client_id: clientId,
    scope,
    redirect_uri: redirectUri,
    response_type: 'code',
    automaticSilentRenew: false,
    userStore: new WebStorageStateStore({ store: sessionStorage }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
  })
}

function purposeOf(query: URLSearchParams): Purpose {
  const meeting = query.get('meeting')
  const call = query.get('call')
  return { ...(meeting !== null && { meeting }), ...(call !== null && { call }) }
}
