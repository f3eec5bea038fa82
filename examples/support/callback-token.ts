/** The check of the token that each notification carries: that it comes from the calling service, and is for this bot. */
import { createRemoteJWKSet, jwtVerify } from 'jose'

/** Whether the value of an `Authorization` header is good. */
export type TokenCheck = (authorization: string | undefined) => Promise<boolean>

/**
 * Reads where the keys are, and makes a check out of that: signature, `iss`, `aud`, life time, and that there is a tenant.
 *
 * @param configuration the address of the OpenID configuration, which for Microsoft's service is
 * https://api.aps.skype.com/v1/.well-known/OpenIdConfiguration
 */
export async function tokenCheck(configuration: string, clientId: string): Promise<TokenCheck> {
  const response = await fetch(configuration)
  if (!response.ok) throw new Error(`${configuration} was answered ${response.status}`)
  const { issuer, jwks_uri: keys } = (await response.json()) as { issuer: string; jwks_uri: string }
  // Fetches the keys when they are first needed, and again for a key that it has not met.
  const jwks = createRemoteJWKSet(new URL(keys))
  return async (authorization) => {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
    if (token === undefined) return false
    const options = { issuer, audience: clientId, clockTolerance: '5 minutes', requiredClaims: ['exp', 'tid'] }
    const verified = await jwtVerify(token, jwks, options).catch(() => undefined)
    return typeof verified?.payload['tid'] === 'string' && verified.payload['tid'] !== ''
  }
}
