/** Who a page is for: checks the token with which it introduces itself, of the server's own sign-in or an outside issuer. */
import { errors, jwtVerify } from 'jose'
import type { JWTPayload } from 'jose'
import type { Directory, User } from '../../directory/directory.ts'
import type { Clock } from '../../runtime.ts'
import { ownAddresses } from '../addresses.ts'
import type { KeyRing } from '../keys.ts'
import { SIGNING_ALGORITHM } from '../keys.ts'
import { keysOf, memberOf, OUTSIDE_ALGORITHMS } from '../outside-issuers.ts'
import { PHONE_AUDIENCE, SIGN_IN_PATH } from './provider.ts'

/** What the check works with. */
export interface PersonCheckParts {
  readonly keys: KeyRing
  readonly clock: Clock
  readonly directory: () => Directory
  readonly baseUrl: () => string
  /** Whether the server's own sign-in is on. */
  readonly own: boolean
  readonly outside?: {
    readonly issuer: string
    readonly clientId: string
    /** The claim that names the user. */
    readonly claim: string
  }
}

/** Somebody of the directory, or why the token is none of theirs: one sentence. */
export type PersonChecked =
  { readonly ok: true; readonly user: User } | { readonly ok: false; readonly explanation: string }

/** Checks a token. Never rejects for what is wrong with it. */
export type PersonCheck = (token: string) => Promise<PersonChecked>

/** How far clocks may be apart, in seconds. */
const SKEW = 60

/** Makes a check. */
export function createPersonCheck(parts: PersonCheckParts): PersonCheck {
  const { outside, own } = parts
  const outsideKeys = outside && keysOf(outside, parts.clock)
  return async (token) => {
    try {
      if (outside && outsideKeys) {
        const keys = await outsideKeys()
        const { payload } = await jwtVerify(token, keys, {
          issuer: outside.issuer,
          audience: outside.clientId,
          algorithms: [...OUTSIDE_ALGORITHMS],
          ...timesOf(parts),
        })
        return userOf(parts, memberOf(payload, outside.claim), outside.claim)
      }
      if (own) return userOf(parts, (await verifyOwn(token, parts)).sub, 'sub')
      return {
        ok: false,
        explanation: 'Nobody can sign in to this server: set the option phoneIssuer or oneClickSignIn.',
      }
    } catch (error) {
      return { ok: false, explanation: explain(error) }
    }
  }
}

async function verifyOwn(token: string, parts: PersonCheckParts): Promise<JWTPayload> {
  const { payload } = await jwtVerify(
    token,
    async ({ kid = '' }) => {
      const key = await parts.keys.key(kid)
      if (!key) throw new errors.JWKSNoMatchingKey()
      return key
    },
    {
      issuer: ownAddresses(parts.baseUrl()).map((address) => `${address}${SIGN_IN_PATH}`),
      audience: PHONE_AUDIENCE,
      typ: 'at+jwt',
      algorithms: [SIGNING_ALGORITHM],
      ...timesOf(parts),
    },
  )
  return payload
}

function timesOf({ clock }: PersonCheckParts): { currentDate: Date; clockTolerance: number; requiredClaims: string[] } {
  return { currentDate: new Date(clock.now()), clockTolerance: SKEW, requiredClaims: ['exp'] }
}

function userOf({ directory }: PersonCheckParts, named: unknown, claim: string): PersonChecked {
  const user = typeof named === 'string' ? directory().user(named) : undefined
  if (user) return { ok: true, user }
  const whom = typeof named === 'string' ? `${named.slice(0, 128)} is no user of the directory` : 'is missing'
  return { ok: false, explanation: `The sign-in is good, but its claim ${claim} names nobody: ${whom}.` }
}

function explain(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'The sign-in is over: sign in again.'
  if (error instanceof errors.JOSEError) return `The token does not count: ${error.message}.`
  return `The token could not be checked, because the issuer's keys cannot be had: ${String(error)}.`
}
