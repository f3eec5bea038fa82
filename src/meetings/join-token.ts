/**
 * Join tokens: what `tokenMeetingInfo.token` holds. Whoever is rung for a group call or meeting gets one, and can come
 * (back) in with it alone. It is a JWT signed by the server's own keys; only this server reads it.
 */
import { jwtVerify } from 'jose'
import type { CryptoKey, JWTPayload } from 'jose'
import type { RecordingDuty } from '../calls/reach.ts'
import type { KeyRing } from '../oauth/keys.ts'
import { SIGNING_ALGORITHM } from '../oauth/keys.ts'
import type { Clock, Ids } from '../runtime.ts'

/** Where a join token leads. */
export interface JoinTarget {
  readonly conversationId: string
  readonly tenantId: string
}

/** What a join token says, or what is wrong with it, as a clause. */
export type ReadToken =
  { readonly ok: true; readonly target: JoinTarget } | { readonly ok: false; readonly problem: string }

/** Makes and reads join tokens. */
export interface JoinTokens {
  mint(target: JoinTarget): Promise<string>
  read(token: string): Promise<ReadToken>
}

/** Nothing else that these keys sign has this audience, so that no other token is taken for a join token. */
const AUDIENCE = 'urn:rollcall:join'

/**
 * @param parts `clock` is the one that calls live on; `lifetime` is in milliseconds, and the key ring must keep its keys
 * for as long
 */
export function createJoinTokens(parts: {
  readonly keys: Pick<KeyRing, 'sign' | 'key'>
  readonly clock: Clock
  readonly ids: Ids
  readonly lifetime: number
}): JoinTokens {
  const { keys, clock, ids, lifetime } = parts
  return {
    mint({ conversationId, tenantId }) {
      const now = Math.floor(clock.now() / 1000)
      const exp = Math.floor((clock.now() + lifetime) / 1000)
      return keys.sign({
        aud: AUDIENCE,
        sub: conversationId,
        tid: tenantId,
        iat: now,
        nbf: now,
        exp,
        jti: ids.guid(),
      })
    },
    async read(token) {
      try {
        const { payload } = await jwtVerify(token, ({ kid }) => requireKey(keys, kid), {
          algorithms: [SIGNING_ALGORITHM],
          audience: AUDIENCE,
          currentDate: new Date(clock.now()),
        })
        return targetOf(payload)
      } catch (error) {
        return { ok: false, problem: problemOf(error) }
      }
    },
  }
}

/** What recording policies ask for, with a token for each application by which it can come in again. */
export async function tokensForRecorders(
  duties: readonly RecordingDuty[],
  { mint }: Pick<JoinTokens, 'mint'>,
  target: JoinTarget,
): Promise<readonly RecordingDuty[]> {
  return Promise.all(duties.map(async (duty) => ({ ...duty, leg: { ...duty.leg, joinToken: await mint(target) } })))
}

async function requireKey(keys: Pick<KeyRing, 'key'>, kid = ''): Promise<CryptoKey> {
  const found = await keys.key(kid)
  if (!found) throw new Error(`there is no key ${kid}`)
  return found
}

function targetOf({ sub, tid }: JWTPayload): ReadToken {
  if (sub === undefined || typeof tid !== 'string') return { ok: false, problem: 'it names no call' }
  return { ok: true, target: { conversationId: sub, tenantId: tid } }
}

/** jose's errors say what is wrong by their codes. */
function problemOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'ERR_JWT_EXPIRED':
      return 'it has expired'
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
      return 'its signature is wrong'
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED':
      return 'it is another kind of token'
    case 'ERR_JWS_INVALID':
    case 'ERR_JWT_INVALID':
    case 'ERR_JOSE_ALG_NOT_ALLOWED':
      return 'it is no token of this server'
    default:
      return 'it is not signed by a key of this server'
  }
}
