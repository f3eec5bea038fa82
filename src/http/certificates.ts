/**
 * Certificates with which a server on a developer's machine can speak https (X.509, RFC 5280): an authority of its own,
 * which clients are told to trust, and what that authority issues for the server's names.
 */
import 'reflect-metadata' // eslint-disable-line import/no-unassigned-import -- what @peculiar/x509 is built on wants it first
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import type { Ids } from '../runtime.ts'

/** A certificate and its private key, both as PEM. */
export interface KeyedCertificate {
  readonly certificate: string
  readonly key: string
}

const DAY = 86_400_000
/** How long an authority is good for, in milliseconds. */
const AUTHORITY_LIFETIME = 3650 * DAY
/** How long what it issues is good for, in milliseconds: some clients refuse more than 398 days. */
export const SERVER_LIFETIME = 397 * DAY
/** Certificates are valid from a little earlier, for clients whose clocks are behind, in milliseconds. */
const EARLIER = DAY

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const

/**
 * Makes an authority that may vouch for servers and for nothing else.
 * @param now milliseconds since the Unix epoch
 */
export async function makeAuthority(now: number, ids: Ids): Promise<KeyedCertificate> {
  const serialNumber = drawSerial(ids)
  // Each has a name of its own: a trust store that holds an older one as well tells them apart.
  const name = `Rollcall local authority ${serialNumber.slice(0, 8)}`
  const keys = makeKeys()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber,
    name: [{ CN: [name] }],
    notBefore: new Date(now - EARLIER),
    notAfter: new Date(now + AUTHORITY_LIFETIME),
    signingAlgorithm: SIGNATURE,
    keys: { privateKey: forSigning(keys.privateKey), publicKey: forVerifying(keys.publicKey) },
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      await SubjectKeyIdentifierExtension.create(forVerifying(keys.publicKey)),
    ],
  })
  return { certificate: toPem(certificate), key: keyToPem(keys.privateKey) }
}

/**
 * Issues a certificate for a server.
 * @param hosts its names and addresses, the first of which also becomes the subject
 * @param now milliseconds since the Unix epoch
 */
export async function issueServerCertificate(
  authority: KeyedCertificate,
  hosts: readonly string[],
  now: number,
  ids: Ids,
): Promise<KeyedCertificate> {
  const issuer = new X509Certificate(authority.certificate)
  const keys = makeKeys()
  const publicKey = forVerifying(keys.publicKey)
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(hosts.map(generalName)),
    await SubjectKeyIdentifierExtension.create(publicKey),
    await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
  ]
  const certificate = await X509CertificateGenerator.create({
    serialNumber: drawSerial(ids),
    subject: [{ CN: [hosts[0] ?? 'localhost'] }],
    issuer: issuer.subjectName,
    notBefore: new Date(now - EARLIER),
    notAfter: new Date(now + SERVER_LIFETIME),
    signingAlgorithm: SIGNATURE,
    publicKey,
    signingKey: forSigning(createPrivateKey(authority.key)),
    extensions,
  })
  return { certificate: toPem(certificate), key: keyToPem(keys.privateKey) }
}

function generalName(host: string): JsonGeneralName {
  return isIP(host) === 0 ? { type: 'dns', value: host } : { type: 'ip', value: host }
}

function makeKeys(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: CURVE.namedCurve })
}

function forSigning(key: KeyObject): CryptoKey {
  return key.toCryptoKey(CURVE, false, ['sign'])
}

function forVerifying(key: KeyObject): CryptoKey {
  return key.toCryptoKey(CURVE, true, ['verify'])
}

/** A serial number: positive, and without a zero in front (RFC 5280, section 4.1.2.2). */
function drawSerial(ids: Ids): string {
  const bytes = Buffer.from(ids.secret(16), 'base64url')
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

function toPem(certificate: X509Certificate): string {
  return `${certificate.toString('pem').trimEnd()}\n`
}

function keyToPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' })
}
