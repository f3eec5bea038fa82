/** The token by which a bot knows that a notification comes from this server. */
import type { KeyRing } from '../oauth/keys.ts'
import type { Clock, Ids } from '../runtime.ts'

/** Lifetime of a notification's token, in seconds (contract: notifications). */
const LIFETIME = 3600
/** A token is not used any more this long before it ends, in seconds. */
const MARGIN = 600
/** Tokens kept, one per application and tenant. */
const MOST_KEPT = 10_000

/** Makes the `Authorization` header of notifications to an application about calls of a tenant. */
export type Signer = (appId: string, tenantId: string) => Promise<string>

/** A signer that makes one token per application and tenant and uses it for most of its life. */
export function createSigner(parts: {
  readonly keys: KeyRing
  readonly clock: Clock
  readonly ids: Ids
  readonly issuer: () => string
}): Signer {
  const { keys, clock, ids, issuer } = parts
  const kept = new Map<string, { readonly header: string; readonly until: number }>()
  return async (appId, tenantId) => {
    const now = Math.floor(clock.now() / 1000)
    const key = `${appId} ${tenantId}`
    const known = kept.get(key)
    if (known && now < known.until) return known.header
    const exp = now + LIFETIME
    const token = await keys.sign({
      iss: issuer(),
      aud: appId,
      tid: tenantId,
      iat: now,
      nbf: now,
      exp,
      jti: ids.guid(),
    })
    const header = `Bearer ${token}`
    if (kept.size >= MOST_KEPT) kept.clear()
    kept.set(key, { header, until: exp - MARGIN })
    return header
  }
}
