/**
 * The keys that sign access tokens and notifications, and the set in which they are published (RFC 7517).
 *
 * A key's life, for verifiers that cache the published set for up to `overlap`:
 *
 *     made ──overlap──► signs ──rotateEvery──► its successor signs ──tokenLifetime + overlap──► forgotten
 *     └──────────────────────────────── published all the while ────────────────────────────────┘
 *
 * The very first key signs at once: nobody can have cached a set without it. Nothing here sets a timer; each use looks
 * at the clock first.
 */
import { calculateJwkThumbprint, CompactSign, exportJWK, generateKeyPair, importJWK } from 'jose'
import type { CryptoKey, JWK } from 'jose'
import type { Clock } from '../runtime.ts'

/** The only algorithm that is used and accepted (RFC 7518, section 3.3). */
export const SIGNING_ALGORITHM = 'RS256'

/** A signing key as it is kept. Who reads it can sign in the server's name. */
export interface StoredKey {
  readonly kid: string
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number
  readonly privateJwk: Readonly<Record<string, unknown>>
}

/** Where keys are kept between runs. */
export interface KeyStore {
  loadKeys(): Promise<StoredKey[]>
  /** Keeps exactly these keys, in the place of those kept before. */
  saveKeys(keys: readonly StoredKey[]): Promise<void>
}

/** How a key ring works. All durations in milliseconds. */
export interface KeyRingOptions {
  readonly store: KeyStore
  readonly clock: Clock
  /** How long a key signs. */
  readonly rotateEvery: number
  /** How long verifiers may go on with a set that they fetched. */
  readonly overlap: number
  /** The longest lifetime of anything that is signed. */
  readonly tokenLifetime: number
}

/** A published key set (RFC 7517, section 5). */
export interface JsonWebKeySet {
  readonly keys: readonly JWK[]
}

interface LiveKey extends StoredKey {
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly publicJwk: JWK
}

/** The signing keys, which renew themselves as time passes. */
export class KeyRing {
  readonly #options: KeyRingOptions
  /** Oldest first; never empty once opened. */
  #keys: readonly LiveKey[] = []
  #rotating: Promise<void> | undefined

  private constructor(options: KeyRingOptions) {
    this.#options = options
  }

  /** Loads the keys, and makes the first one if there is none. */
  static async open(options: KeyRingOptions): Promise<KeyRing> {
    const ring = new KeyRing(options)
    const stored = await options.store.loadKeys()
    ring.#keys = (await Promise.all(stored.map(revive))).toSorted((a, b) => a.createdAt - b.createdAt)
    await ring.refresh()
    return ring
  }

  /** Signs claims as a JWT (RFC 7519) in compact form, naming the key. */
  async sign(claims: Readonly<Record<string, unknown>>): Promise<string> {
    await this.refresh()
    const { kid, privateKey } = this.#signingKey()
    return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ typ: 'JWT', alg: SIGNING_ALGORITHM, kid })
      .sign(privateKey)
  }

  /** The public keys: those that sign, will sign, or signed what may still be valid. */
  async jwks(): Promise<JsonWebKeySet> {
    await this.refresh()
    return { keys: this.#keys.map((key) => key.publicJwk) }
  }

  /** The private keys, that which signs now first: for who signs by themselves, as an OpenID provider does. */
  async privateKeys(): Promise<readonly JWK[]> {
    await this.refresh()
    const first = this.#signingKey()
    const others = this.#keys.filter((key) => key !== first)
    return [first, ...others].map(({ privateJwk, publicJwk }) => ({ ...privateJwk, ...publicJwk }))
  }

  /** The public key of this name, for verifying; undefined if there is none, or no more. */
  async key(kid: string): Promise<CryptoKey | undefined> {
    await this.refresh()
    return this.#keys.find((key) => key.kid === kid)?.publicKey
  }

  /** Makes and forgets keys as the clock demands. Every use does this first; calling it more often is harmless. */
  async refresh(): Promise<void> {
    if (this.#rotating) return this.#rotating
    if (!this.#successorDue() && this.#unexpired().length === this.#keys.length) return
    this.#rotating = this.#rotate()
    try {
      await this.#rotating
    } finally {
      this.#rotating = undefined
    }
  }

  async #rotate(): Promise<void> {
    const kept = this.#unexpired()
    const keys = this.#successorDue() ? [...kept, await makeKey(this.#options.clock.now())] : kept
    // Kept before used: a key that signed something and was then lost would make that worthless.
    await this.#options.store.saveKeys(
      keys.map(({ kid, createdAt, privateJwk }): StoredKey => ({ kid, createdAt, privateJwk })),
    )
    this.#keys = keys
  }

  #successorDue(): boolean {
    const newest = this.#keys.at(-1)
    return newest === undefined || newest.createdAt + this.#options.rotateEvery <= this.#options.clock.now()
  }

  /** The newest key that has been published for long enough; until there is one, the oldest. */
  #signingKey(): LiveKey {
    const { clock, overlap } = this.#options
    const key = this.#keys.findLast((each) => each.createdAt + overlap <= clock.now()) ?? this.#keys[0]
    if (!key) throw new Error('A key ring signs only after it was opened.')
    return key
  }

  #unexpired(): readonly LiveKey[] {
    const { clock, overlap, tokenLifetime } = this.#options
    return this.#keys.filter((_, index) => {
      const successor = this.#keys[index + 1]
      return !successor || clock.now() < successor.createdAt + overlap + tokenLifetime + overlap
    })
  }
}

async function makeKey(createdAt: number): Promise<LiveKey> {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { modulusLength: 2048, extractable: true })
  const privateJwk = { ...(await exportJWK(privateKey)) }
  // The thumbprint (RFC 7638) depends on the public members alone.
  return revive({ kid: await calculateJwkThumbprint(privateJwk), createdAt, privateJwk })
}

async function revive(stored: StoredKey): Promise<LiveKey> {
  const { kty, n, e } = stored.privateJwk as JWK
  if (kty !== 'RSA' || n === undefined || e === undefined) {
    throw new Error(`The stored signing key ${stored.kid} is not an RSA key; delete it, and a new one will be made.`)
  }
  const publicJwk: JWK = { kty, use: 'sig', alg: SIGNING_ALGORITHM, kid: stored.kid, n, e }
  const privateKey = await importKey(stored.privateJwk)
  return { ...stored, publicJwk, privateKey, publicKey: await importKey(publicJwk) }
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, SIGNING_ALGORITHM)
  // Only symmetric keys import as bytes, and `revive` lets none through.
  return key as CryptoKey
}
