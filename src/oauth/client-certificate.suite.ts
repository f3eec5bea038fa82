/** A bot's own certificate, as its owner would make it, and the assertions that are signed with it. */
import 'reflect-metadata' // eslint-disable-line import/no-unassigned-import -- what @peculiar/x509 is built on wants it first
import { X509CertificateGenerator } from '@peculiar/x509'
import { generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto'
import { CompactSign } from 'jose'

const DAY = 86_400_000
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const

/** A self-signed certificate and its key. */
export interface ClientCertificate {
  /** PEM. */
  readonly certificate: string
  /** PEM. */
  readonly key: string
  /** SHA-1, as hexadecimal digits. */
  readonly thumbprint: string
  /** SHA-256, as hexadecimal digits. */
  readonly thumbprint256: string
  readonly privateKey: KeyObject
}

/** Makes a certificate that is valid for a month from `now`. */
export async function makeClientCertificate(now: number): Promise<ClientCertificate> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const made = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: [{ CN: ['incident-bot'] }],
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + 30 * DAY),
    signingAlgorithm: RSA,
    keys: {
      privateKey: privateKey.toCryptoKey(RSA, false, ['sign']),
      publicKey: publicKey.toCryptoKey(RSA, true, ['verify']),
    },
  })
  const certificate = made.toString('pem')
  const { fingerprint, fingerprint256 } = new X509Certificate(certificate)
  return {
    certificate,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    thumbprint: fingerprint.replaceAll(':', ''),
    thumbprint256: fingerprint256.replaceAll(':', ''),
    privateKey,
  }
}

/** Signs an assertion; a claim of undefined is left out. */
export function signAssertion(
  key: KeyObject,
  header: { readonly alg: string } & Readonly<Record<string, string>>,
  claims: unknown,
): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims))).setProtectedHeader(header).sign(key)
}
