/** An outside issuer for tests: an OpenID configuration, keys that can be changed, and tokens. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { calculateJwkThumbprint, CompactSign, exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose'

/** A running issuer. */
export interface OutsideIssuer {
  /** Its address, which is its `iss` as well unless a test has it otherwise. */
  readonly url: string
  /** The paths that were fetched, in order. */
  readonly fetched: string[]
  /** What its configuration says beside what it must. */
  configuration: Record<string, unknown>
  /** Whether it answers at all. */
  up: boolean
  /** Makes a new key in the place of those before. */
  rotate(): Promise<void>
  /** Signs a token that expires in an hour, unless `claims` says otherwise; a claim of undefined is left out. */
  sign(claims: Record<string, unknown>): Promise<string>
}

/** Starts an issuer on loopback; it ends with the test. */
export async function startIssuer(t: TestContext, now: number, alg = 'RS256'): Promise<OutsideIssuer> {
  let key: { readonly privateKey: CryptoKey; readonly jwk: JWK } | undefined
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    issuer.fetched.push(path)
    const body = path.endsWith('/.well-known/openid-configuration')
      ? { issuer: issuer.url, jwks_uri: `${issuer.url}/keys`, ...issuer.configuration }
      : { keys: key ? [key.jwk] : [] }
    response.writeHead(issuer.up ? 200 : 503, { 'content-type': 'application/json', connection: 'close' })
    response.end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => new Promise((resolve) => server.close(resolve)))
  const issuer: OutsideIssuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/realms/bots`,
    fetched: [],
    configuration: {},
    up: true,
    async rotate() {
      const { privateKey, publicKey } = await generateKeyPair(alg)
      const jwk = await exportJWK(publicKey)
      key = { privateKey, jwk: { ...jwk, kid: await calculateJwkThumbprint(jwk), use: 'sig', alg } }
    },
    sign(claims) {
      if (!key) throw new Error('rotate() comes first')
      const payload = { iss: issuer.url, exp: now / 1000 + 3600, ...claims }
      return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
        .setProtectedHeader({ alg, kid: key.jwk.kid ?? '' })
        .sign(key.privateKey)
    },
  }
  await issuer.rotate()
  return issuer
}
