/** Access tokens that must not be accepted, among them some that the server's own key signed. */
import { createHmac } from 'node:crypto'
import { CompactSign, SignJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose'
import { openSqlite } from '../../src/store/sqlite.ts'
import { APPS, TENANT } from '../support/world.ts'

/** A signing key that a test shares with the server. */
export interface SharedKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

/** Puts a signing key where a server that is started on this folder finds it. */
export async function serverKey(folder: string): Promise<SharedKey> {
  const pair = await generateKeyPair('RS256', { extractable: true })
  const privateJwk = { ...(await exportJWK(pair.privateKey)) }
  const store = await openSqlite(folder)
  await store.saveKeys([{ kid: 'shared', createdAt: Date.now() - 1000, privateJwk }])
  await store.close()
  return { kid: 'shared', ...pair }
}

type Named = readonly [name: string, authorization: string]

/** `Authorization` headers, each wrong in the way that its name says. */
export async function badTokens(key: SharedKey, url: string): Promise<readonly Named[]> {
  const now = Math.floor(Date.now() / 1000)
  const good = {
    aud: 'https://graph.microsoft.com',
    iss: `${url}/${TENANT}/`,
    iat: now,
    nbf: now,
    exp: now + 3600,
    appid: APPS.alpha,
    tid: TENANT,
    roles: ['Calls.Initiate.All'],
  }
  const { kid, privateKey } = key
  const signed = (claims: object): Promise<string> =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid }).sign(privateKey)
  const payloads: readonly (readonly [string, object])[] = [
    ['a notification of the server', { iss: url, aud: APPS.alpha, tid: TENANT, iat: now, nbf: now, exp: now + 3600 }],
    ['a join token of the server', { aud: 'urn:rollcall:join', sub: APPS.alpha, tid: TENANT, exp: now + 3600 }],
    ['expired', { ...good, exp: now - 1 }],
    ['expired before the epoch', { ...good, exp: -1e308 }],
    ['expires in a list', { ...good, exp: [now + 3600] }],
    ['expires never', { ...good, exp: undefined }],
    ['expires as text', { ...good, exp: String(now + 3600) }],
    ['not valid yet', { ...good, nbf: now + 3600 }],
    ['valid from a text', { ...good, nbf: 'now' }],
    ['for somebody else', { ...good, aud: 'https://vault.azure.net' }],
    ['for nobody', { ...good, aud: undefined }],
    ['for a list', { ...good, aud: ['https://graph.microsoft.com', 1] }],
    ['from another issuer', { ...good, iss: 'https://sts.windows.net/x/' }],
    ['from a number', { ...good, iss: 1 }],
    ['from an issuer that begins alike', { ...good, iss: `${good.iss}.evil.example/` }],
    ['from the issuer of another tenant', { ...good, iss: `${url}/11111111-0000-4000-8000-000000000002/` }],
    ['of another tenant, as its issuer says', otherTenant(good, url)],
    ['for an audience that begins alike', { ...good, aud: 'https://graph.microsoft.com.evil.example' }],
    ['for the first of a list', { ...good, aud: ['https://graph.microsoft.com'] }],
    ['for a huge audience', { ...good, aud: 'a'.repeat(8000) }],
    ['of a huge application', { ...good, appid: '3'.repeat(8000) }],
    ['with claims as deep as they go', { ...good, tid: deep(2000) }],
    ['with a prototype', JSON.parse(`{"__proto__":${JSON.stringify(good)}}`) as object],
    ['of another tenant', { ...good, tid: '11111111-0000-4000-8000-000000000002' }],
    ['of a tenant that is an object', { ...good, tid: {} }],
    ['of no application', { ...good, appid: undefined }],
    ['of an unknown application', { ...good, appid: '00000000-0000-4000-8000-000000000000' }],
    ['of an inherited application', { ...good, appid: '__proto__' }],
    ['of a signed-in user', { ...good, scp: 'Calls.All' }],
    ['without roles', { ...good, roles: undefined }],
    ['with roles that are an object', { ...good, roles: { 0: 'Calls.Initiate.All', length: 1 } }],
    ['with roles that are numbers', { ...good, roles: [1, null, {}, ['Calls.Initiate.All']] }],
  ]
  const own = await Promise.all(payloads.map(async ([name, claims]): Promise<Named> => [name, await signed(claims)]))
  return [...own, ...(await forged(key, good, await signed(good))), ...garbled(await signed(good))].map(
    ([name, token]) => [name, /^\w+ |^$/.test(token) ? token : `Bearer ${token}`],
  )
}

/** All of it fits together, but the application is not of that tenant. */
function otherTenant(good: object, url: string): object {
  const tid = '11111111-0000-4000-8000-000000000002'
  return { ...good, tid, iss: `${url}/${tid}/` }
}

function deep(levels: number): unknown {
  return JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)
}

/** Signed by somebody else, or not at all. */
async function forged(key: SharedKey, claims: object, good: string): Promise<readonly Named[]> {
  const other = await generateKeyPair('RS256')
  const sign = (header: object): Promise<string> =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', ...header }).sign(other.privateKey)
  const pem = await exportSPKI(key.publicKey)
  const [, payload = '', signature = ''] = good.split('.')
  const spliced = (header: object): string => `${encode(header)}.${payload}`
  const hmac = spliced({ alg: 'HS256', typ: 'JWT', kid: key.kid })
  const jwk = await exportJWK(key.publicKey)
  const confused = async (
    alg: string,
    algorithm: { name: string; saltLength: number } | string,
    hash: string,
  ): Promise<string> => {
    const { privateKey } = key
    const pkcs8 = await crypto.subtle.exportKey('pkcs8', privateKey)
    const name = typeof algorithm === 'string' ? algorithm : algorithm.name
    const again = await crypto.subtle.importKey('pkcs8', pkcs8, { name, hash }, false, ['sign'])
    const signed = spliced({ alg, typ: 'JWT', kid: key.kid })
    const bytes = await crypto.subtle.sign(algorithm, again, Buffer.from(signed))
    return `${signed}.${Buffer.from(bytes).toString('base64url')}`
  }
  const array = new CompactSign(new TextEncoder().encode('[]')).setProtectedHeader({ alg: 'RS256', kid: key.kid })
  const text = new CompactSign(new TextEncoder().encode('{')).setProtectedHeader({ alg: 'RS256', kid: key.kid })
  return [
    ['alg none', `${spliced({ alg: 'none', kid: key.kid })}.`],
    ['alg None with a signature', `${spliced({ alg: 'None', kid: key.kid })}.${signature}`],
    ['HS256 with the public key', `${hmac}.${createHmac('sha256', pem).update(hmac).digest('base64url')}`],
    [
      'HS256 with the modulus',
      `${hmac}.${createHmac('sha256', jwk.n ?? '')
        .update(hmac)
        .digest('base64url')}`,
    ],
    ['HS256 with nothing', `${hmac}.${createHmac('sha256', '').update(hmac).digest('base64url')}`],
    ['PS256 by the right key', await confused('PS256', { name: 'RSA-PSS', saltLength: 32 }, 'SHA-256')],
    ['RS512 by the right key', await confused('RS512', 'RSASSA-PKCS1-v1_5', 'SHA-512')],
    ['rs256 in small letters', `${spliced({ alg: 'rs256', kid: key.kid })}.${signature}`],
    ['ES256 by another key', await elliptic(claims, key.kid)],
    ['a key of its own in the header', await sign({ kid: key.kid, jwk: await exportJWK(other.publicKey) })],
    ['a key elsewhere', await sign({ kid: key.kid, jku: 'https://evil.example/keys', x5u: 'https://evil.example/c' })],
    ['a kid that is a path', await sign({ kid: '../../../dev/null' })],
    ['a kid that is SQL', await sign({ kid: "' OR 1=1 --" })],
    ['an empty kid', await sign({ kid: '' })],
    ['a huge kid', await sign({ kid: 'k'.repeat(8000) })],
    ['encrypted', `${encode({ alg: 'dir', enc: 'A256GCM', kid: key.kid })}..AAAA.AAAA.AAAA`],
    ['another key under the same kid', await sign({ kid: key.kid })],
    ['another key under its own kid', await sign({ kid: 'other' })],
    ['no kid', await sign({})],
    ['an inherited kid', await sign({ kid: '__proto__' })],
    ['a kid that is an object', `${spliced({ alg: 'RS256', kid: {} })}.${signature}`],
    ['an alg that is a list', `${spliced({ alg: ['RS256'], kid: key.kid })}.${signature}`],
    ['a critical header', `${spliced({ alg: 'RS256', kid: key.kid, crit: ['x'], x: 1 })}.${signature}`],
    [
      'a payload that is not encoded',
      `${spliced({ alg: 'RS256', kid: key.kid, b64: false, crit: ['b64'] })}.${signature}`,
    ],
    ['a payload that is a list', await array.sign(key.privateKey)],
    ['a payload that is no JSON', await text.sign(key.privateKey)],
  ]
}

async function elliptic(claims: object, kid: string): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256')
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey)
}

/** Not tokens at all, or tokens that were damaged on the way. */
function garbled(good: string): readonly Named[] {
  const [header = '', payload = '', signature = ''] = good.split('.')
  return [
    ['a changed signature', `${header}.${payload}.${signature.split('').toReversed().join('')}`],
    ['a changed payload', `${header}.${encode({ roles: ['all'] })}.${signature}`],
    ['without a signature', `${header}.${payload}.`],
    ['two parts', `${header}.${payload}`],
    ['five parts', `${good}.a.b`],
    ['an empty part', `.${payload}.${signature}`],
    ['only dots', '..'],
    ['huge', `${header}.${'a'.repeat(12_000)}.${signature}`],
    ['not base64', `${header}.%%%.${signature}`],
    ['another scheme', `Basic ${good}`],
    ['nothing', ''],
    ['only the scheme', 'Bearer '],
    ['twice', `Bearer ${good} ${good}`],
    ['latin1', 'Bearer \u00e9.\u00e9.\u00e9'],
    ['a header that is no JSON', `${Buffer.from('{').toString('base64url')}.${payload}.${signature}`],
    ['a header that is null', `${Buffer.from('null').toString('base64url')}.${payload}.${signature}`],
  ]
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
