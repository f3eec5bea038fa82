/** What the tests of this folder share: a small directory, a clock that stands still, and the endpoints on a server. */
import { fastify, type FastifyInstance } from 'fastify'
import { Directory, type Application, type Tenant } from '../directory/directory.ts'
import { virtualClock, type Ids, type VirtualClock } from '../runtime.ts'
import { createBearerCheck, type BearerCheck } from './bearer.ts'
import { ownAddresses } from './addresses.ts'
import { registerInstanceDiscovery } from './instance-discovery.ts'
import { KeyRing, type KeyStore } from './keys.ts'
import { registerMetadata } from './metadata.ts'
import { registerTokenEndpoint } from './token-endpoint.ts'
import { accessTokenIssuer, createTokenIssuer, defaultResources, type TokenIssuer } from './tokens.ts'

export const BASE_URL = 'http://localhost:9000'
export const CONTOSO = '49bfc225-8482-4ab8-94e7-76b48fdb9849'
export const FABRIKAM = '5ac0d336-9593-4bc9-a5f8-87c590ecea50'
export const BOT = '6f1b0c1e-5b0e-4c59-9f0c-0d6a1f6f3a11'
/** 2026-01-02T03:04:05Z, on the second. */
export const START = Date.UTC(2026, 0, 2, 3, 4, 5)
export const HOUR = 3_600_000

export const bot: Application = {
  tenantId: CONTOSO,
  appId: BOT,
  displayName: 'Incident Bot',
  secrets: ['old:secret+%41', 'new-secret'],
  roles: ['Calls.Initiate.All', 'Calls.InitiateGroupCall.All'],
  applicationInstances: [],
}

/** A tenant with these applications. */
export function tenant(id: string, name: string, applications: readonly Application[]): Tenant {
  return { id, name, domains: [`${name}.example`], users: [], phoneNumbers: [], applications }
}

/** Everything of this folder, put together as the server does. */
export interface Setup {
  readonly app: FastifyInstance
  readonly clock: VirtualClock
  readonly keys: KeyRing
  readonly issueToken: TokenIssuer
  readonly check: BearerCheck
  /** Puts another directory in the place of the one in use. */
  readonly replaceDirectory: (directory: Directory) => void
  /** Moves the clock forward. */
  readonly wind: (milliseconds: number) => Promise<void>
}

/** Starts a setup; nothing of it listens on the network. */
export async function setUp({
  cacheSize = 100,
  caseSensitive = true,
  assertionReuse = true,
  requestLimit = 0,
} = {}): Promise<Setup> {
  const clock = virtualClock(START)
  const ids = countingIds()
  const keys = await KeyRing.open({
    store: forgetfulStore(),
    clock,
    rotateEvery: 720 * HOUR,
    overlap: 24 * HOUR,
    tokenLifetime: HOUR,
  })
  let current = new Directory([tenant(CONTOSO, 'contoso', [bot]), tenant(FABRIKAM, 'fabrikam', [])])
  const directory = (): Directory => current
  const issuer = (tenantId: string): string => accessTokenIssuer(BASE_URL, tenantId)
  const resources = (): readonly string[] => [...defaultResources, ...ownAddresses(BASE_URL)]
  const issueToken = createTokenIssuer({ keys, clock, ids, issuer, lifetime: HOUR })
  const app = fastify({ routerOptions: { caseSensitive } })
  registerTokenEndpoint(app, {
    clock,
    ids,
    directory,
    issueToken,
    resources,
    addresses: () => ownAddresses(BASE_URL),
    assertionReuse,
    requestLimit,
  })
  registerInstanceDiscovery(app, { clock, ids, baseUrl: () => BASE_URL })
  registerMetadata(app, {
    clock,
    ids,
    directory,
    keys,
    baseUrl: () => BASE_URL,
    notificationIssuer: () => 'https://api.botframework.com',
  })
  await app.ready()
  return {
    app,
    clock,
    keys,
    issueToken,
    check: createBearerCheck({ keys, clock, directory, issuer, audiences: resources, cacheSize }),
    replaceDirectory: (next) => {
      current = next
    },
    wind: (milliseconds) => clock.advance(milliseconds, () => Promise.resolve()),
  }
}

/** Ids that a test can foresee. */
function countingIds(): Ids {
  let count = 0
  return {
    guid: () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`,
    secret: (bytes) => Buffer.alloc(bytes, ++count).toString('base64url'),
  }
}

function forgetfulStore(): KeyStore {
  return { loadKeys: () => Promise.resolve([]), saveKeys: () => Promise.resolve() }
}
