/**
 * What the server needs to speak https: a certificate of the user's own, or one that a local authority issues at each
 * start. The authority is made once and kept with the data, so that clients need to be told only once to trust it.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { Config } from '../config.ts'
import type { Clock, Ids } from '../runtime.ts'
import type { KeyedCertificate } from './certificates.ts'

/** What the server presents to clients. */
export interface Tls extends KeyedCertificate {
  /** The local authority; absent if the certificate is the user's own. */
  readonly authority?: LocalAuthority
}

/** The authority that clients must trust. */
export interface LocalAuthority {
  /** Its certificate as PEM. */
  readonly certificate: string
  /** The file that holds it, if it is kept on disk. */
  readonly path?: string
  /** Whether it was made just now, so that nobody can trust it yet. */
  readonly isNew: boolean
}

/** Thrown when the certificate cannot be used; the message says what to change. */
export class TlsError extends Error {
  override readonly name = 'TlsError'
}

/** What the certificate depends on. */
export interface TlsParts {
  readonly config: Pick<Config, 'https' | 'httpsCertificate' | 'httpsKey' | 'data' | 'host' | 'baseUrl'>
  /** The wall clock: certificates are checked by others. */
  readonly clock: Clock
  readonly ids: Ids
}

/**
 * Opens or makes what https needs; undefined if the server speaks plain http.
 * @throws TlsError
 */
export async function openTls(parts: TlsParts): Promise<Tls | undefined> {
  const { https, httpsCertificate, httpsKey } = parts.config
  if (!https) return undefined
  if (httpsCertificate !== undefined && httpsKey !== undefined) return readOwn(httpsCertificate, httpsKey)
  const { issueServerCertificate } = await loadCertificates()
  const { authority, ...keyed } = await openAuthority(parts)
  const server = await issueServerCertificate(keyed, hostsOf(parts.config), parts.clock.now(), parts.ids)
  return { ...server, authority }
}

/** Only who speaks https pays for the library. */
const loadCertificates = () => import('./certificates.ts')

function readOwn(certificatePath: string, keyPath: string): Tls {
  const own = { certificate: readOption('httpsCertificate', certificatePath), key: readOption('httpsKey', keyPath) }
  try {
    createSecureContext({ cert: own.certificate, key: own.key })
  } catch (error) {
    const help = 'give the PEM files of a certificate and of its key without a passphrase'
    throw new TlsError(`${certificatePath} and ${keyPath} cannot be used for https: ${textOf(error)}: ${help}.`, {
      cause: error,
    })
  }
  return own
}

function readOption(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new TlsError(`The file of ${option} cannot be read: ${textOf(error)}.`, { cause: error })
  }
}

type OpenedAuthority = KeyedCertificate & { readonly authority: LocalAuthority }

async function openAuthority({ config, clock, ids }: TlsParts): Promise<OpenedAuthority> {
  const { makeAuthority, SERVER_LIFETIME } = await loadCertificates()
  const make = async (path?: string): Promise<OpenedAuthority> => {
    const made = await makeAuthority(clock.now(), ids)
    return { ...made, authority: { certificate: made.certificate, isNew: true, ...(path !== undefined && { path }) } }
  }
  if (config.data === 'memory') return make()
  const path = resolve(config.data, 'ca.pem')
  const keyPath = join(resolve(config.data), 'ca-key.pem')
  const kept = readKept(path, keyPath)
  // It must outlive what it issues now, else that would fail one day without a reason that anybody could see.
  const enough = clock.now() + SERVER_LIFETIME
  if (kept && new X509Certificate(kept.certificate).validToDate.getTime() > enough) {
    return { ...kept, authority: { certificate: kept.certificate, isNew: false, path } }
  }
  const made = await make(path)
  // The key first: a certificate without its key would be taken for a damaged pair.
  writeSecret(keyPath, made.key)
  writeSecret(path, made.certificate)
  return made
}

function readKept(path: string, keyPath: string): KeyedCertificate | undefined {
  if (!existsSync(path) || !existsSync(keyPath)) return undefined
  try {
    const kept = { certificate: readFileSync(path, 'utf8'), key: readFileSync(keyPath, 'utf8') }
    const matches = new X509Certificate(kept.certificate).checkPrivateKey(createPrivateKey(kept.key))
    if (!matches) throw new Error('the key is not the one of the certificate')
    return kept
  } catch (error) {
    const help = 'delete both files, and a new local authority is made, which clients must then trust'
    throw new TlsError(`${path} and ${keyPath} cannot be used: ${textOf(error)}: ${help}.`, { cause: error })
  }
}

/** Writes a file that its owner alone may read, whole or not at all. */
function writeSecret(path: string, text: string): void {
  const draft = `${path}.new`
  try {
    writeFileSync(draft, text, { mode: 0o600 })
    chmodSync(draft, 0o600)
    renameSync(draft, path)
  } catch (error) {
    throw new TlsError(`${path} cannot be written: ${textOf(error)}.`, { cause: error })
  }
}

/** Every name by which clients may reach the server. */
function hostsOf({ host, baseUrl }: TlsParts['config']): readonly string[] {
  const hosts = ['localhost', '127.0.0.1', '::1']
  if (host !== '0.0.0.0' && host !== '::') hosts.push(host)
  if (baseUrl !== undefined) hosts.push(new URL(baseUrl).hostname.replace(/^\[(.*)\]$/, '$1'))
  return [...new Set(hosts)]
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
