/** What an application proves itself with, as Graph shows and changes it. Secrets made here are kept as hashes. */
import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto'
import type { ApplicationEntry } from './changes.ts'
import type { HashedSecret } from './directory.ts'
import { derivedGuid } from './object-ids.ts'
import { DirectoryRefusal } from './refusal.ts'

/** A client secret as Graph lists it, without its text. */
export type ListedSecret = Omit<HashedSecret, 'sha256'>

/** Every secret of an application: those of the directory file, which hold for ever, and those that were made. */
export function listSecrets(application: ApplicationEntry): readonly ListedSecret[] {
  return (sealed(application).hashedSecrets ?? []).map(({ sha256: _, ...listed }) => listed)
}

/** The application with every secret as a hash: in this form it is kept and exported. */
export function sealed<Entry extends ApplicationEntry>(application: Entry): Entry {
  const { appId, secrets, hashedSecrets = [] } = application
  if (secrets.length === 0) return application
  const hashed = secrets.map((secret) => hashSecret(secret, { keyId: keyIdOf(appId, secret) }))
  return { ...application, secrets: [], hashedSecrets: [...hashed, ...hashedSecrets] }
}

/** Whether any of the texts is a secret of the application now. All are compared, so that the time taken tells nothing. */
export function acceptsSecret(
  { secrets, hashedSecrets = [] }: ApplicationEntry,
  offered: readonly string[],
  now: number,
): boolean {
  const valid = hashedSecrets.filter(
    ({ startDateTime: start, endDateTime: end }) =>
      (start === undefined || Date.parse(start) <= now) && (end === undefined || now < Date.parse(end)),
  )
  const hashes = [...secrets.map(hash), ...valid.map(({ sha256 }) => Buffer.from(sha256, 'base64'))]
  let matches = 0
  for (const text of offered) {
    const given = hash(text)
    for (const known of hashes) matches += known.length === given.length && timingSafeEqual(known, given) ? 1 : 0
  }
  return matches > 0
}

/** What is kept of a new secret. */
export function hashSecret(text: string, about: Omit<HashedSecret, 'hint' | 'sha256'>): HashedSecret {
  const { keyId, displayName, ...times } = about
  return {
    keyId,
    ...(displayName !== undefined && { displayName }),
    hint: text.slice(0, 3),
    sha256: hash(text).toString('base64'),
    ...times,
  }
}

/** The application without the secret that has this key id. */
export function withoutSecret(application: ApplicationEntry, keyId: string): ApplicationEntry {
  const { appId, secrets, hashedSecrets = [] } = application
  const left = {
    ...application,
    secrets: secrets.filter((secret) => keyIdOf(appId, secret) !== keyId),
    hashedSecrets: hashedSecrets.filter((secret) => secret.keyId !== keyId),
  }
  if (left.secrets.length + left.hashedSecrets.length < secrets.length + hashedSecrets.length) return left
  throw new DirectoryRefusal('invalid', `keyId: the application has no password credential ${keyId.slice(0, 64)}.`)
}

/** A certificate as Graph lists it. */
export interface ListedCertificate {
  readonly keyId: string
  readonly displayName: string
  /** The SHA-1 thumbprint, in base64. */
  readonly customKeyIdentifier: string
  readonly startDateTime: string
  readonly endDateTime: string
}

/** Certificates that were read before: that is dear. */
const read = new WeakMap<readonly string[], readonly ListedCertificate[]>()

/** Every certificate of an application. */
export function listCertificates({ certificates }: ApplicationEntry): readonly ListedCertificate[] {
  if (!certificates) return []
  const known = read.get(certificates)
  if (known) return known
  const listed = certificates.map(readCertificate)
  read.set(certificates, listed)
  return listed
}

function readCertificate(pem: string): ListedCertificate {
  const certificate = new X509Certificate(pem)
  return {
    keyId: derivedGuid('certificate', certificate.fingerprint256),
    displayName: certificate.subject.replaceAll('\n', ', '),
    customKeyIdentifier: Buffer.from(certificate.fingerprint.replaceAll(':', ''), 'hex').toString('base64'),
    startDateTime: certificate.validFromDate.toISOString(),
    endDateTime: certificate.validToDate.toISOString(),
  }
}

/** A certificate, as PEM, out of Graph's `key`: base64 of DER or PEM. */
export function readCertificateKey(key: string, where: string): string {
  try {
    const certificate = new X509Certificate(Buffer.from(key, 'base64'))
    if (certificate.publicKey.asymmetricKeyType === 'rsa') return certificate.toString()
  } catch {
    // Told below.
  }
  throw new DirectoryRefusal('invalid', `${where}: write the base64 of an X.509 certificate with an RSA key.`)
}

function keyIdOf(appId: string, secret: string): string {
  return derivedGuid('secret', appId, secret)
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
