/**
 * The server's own OpenID provider for people: authorization code with PKCE for the browser phone. There are no passwords:
 * whoever is asked to sign in chooses themselves from a list, every time, so that two tabs can be two people.
 */
import type { JWK } from 'jose'
import type { Configuration, KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { Directory } from '../../directory/directory.ts'
import type { Clock } from '../../runtime.ts'
import { SIGNING_ALGORITHM } from '../keys.ts'
import { PAGE_POLICY, problemPage } from './page.ts'
import { signInStorage } from './storage.ts'

/** Where the provider is, below an address of the server. */
export const SIGN_IN_PATH = '/signin'
/** Whom an access token for the phone is for. */
export const PHONE_AUDIENCE = 'urn:rollcall:phone'
/** What the page asks for. */
export const PHONE_SCOPE = 'openid profile calls'
/** The one client that the provider knows. */
export const OWN_CLIENT = 'phone'

/** What a provider is made with. */
export interface ProviderParts {
  readonly clock: Clock
  readonly directory: () => Directory
  /** Signs the cookies. */
  readonly cookieSecret: string
  /** Milliseconds. */
  readonly tokenLifetime: number
  readonly memory: number
}

/** Makes providers, one for each address by which the server is reached; they share what they remember. */
export type MakeProvider = (address: string, keys: readonly JWK[]) => Promise<Provider>

/** Prepares the making of providers; the library is loaded with the first of them. */
export function providerMaker(parts: ProviderParts): MakeProvider {
  const adapter = signInStorage(parts.clock, parts.memory)
  return async (address, keys) => {
    const library = await import('oidc-provider')
    const policy = library.interactionPolicy.base()
    const login = policy.get('login')
    login?.checks.clear()
    // Nobody is signed in from before: each time somebody chooses.
    login?.checks.add(
      new library.interactionPolicy.Check(
        'choose',
        'somebody has to choose who they are',
        'login_required',
        (ctx) => !ctx.oidc.result?.login,
      ),
    )
    const configuration = configure(address, keys, parts)
    const provider = new library.default(`${address}${SIGN_IN_PATH}`, {
      ...configuration,
      adapter,
      interactions: { policy, url: (_ctx, { uid }) => `${SIGN_IN_PATH}/choose/${uid}` },
    })
    provider.proxy = true
    return provider
  }
}

function configure(
  address: string,
  keys: readonly JWK[],
  { directory, cookieSecret, tokenLifetime }: ProviderParts,
): Configuration {
  const lifetime = Math.floor(tokenLifetime / 1000)
  return {
    jwks: { keys },
    clients: [
      {
        client_id: OWN_CLIENT,
        application_type: 'web',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [`${address}/phone/`, `${address}/phone`],
        id_token_signed_response_alg: SIGNING_ALGORITHM,
      },
    ],
    scopes: ['openid', 'profile'],
    responseTypes: ['code'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'tid'] },
    // The page shows who it is without another request.
    conformIdTokenClaims: false,
    cookies: {
      keys: [cookieSecret],
      names: { session: 'rollcall_session', interaction: 'rollcall_choice', resume: 'rollcall_resume' },
      long: { signed: true, httpOnly: true, sameSite: 'lax' },
      short: { signed: true, httpOnly: true, sameSite: 'lax' },
    },
    pkce: { required: () => true },
    ttl: {
      AccessToken: lifetime,
      IdToken: lifetime,
      AuthorizationCode: 60,
      Interaction: 600,
      Session: 600,
      Grant: 600,
    },
    features: features(lifetime),
    clientBasedCORS: (_ctx, origin) => origin === new URL(address).origin,
    findAccount: (_ctx, id) => {
      const user = directory().user(id)
      if (!user) return undefined
      const { displayName: name, userPrincipalName, tenantId: tid } = user
      return { accountId: user.id, claims: () => ({ sub: user.id, name, preferred_username: userPrincipalName, tid }) }
    },
    loadExistingGrant,
    renderError: (ctx, { error, error_description: description }) => {
      ctx.type = 'html'
      ctx.set('content-security-policy', PAGE_POLICY)
      ctx.body = problemPage(description ?? error)
    },
  }
}

/** Access tokens are for the phone alone, whatever is asked for. @param lifetime in seconds */
function features(lifetime: number): NonNullable<Configuration['features']> {
  return {
    devInteractions: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => PHONE_AUDIENCE,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'calls',
        audience: PHONE_AUDIENCE,
        accessTokenFormat: 'jwt',
        accessTokenTTL: lifetime,
        jwt: { sign: { alg: SIGNING_ALGORITHM } },
      }),
    },
  }
}

/** The page is the server's own, so nobody is asked for their consent. */
async function loadExistingGrant(ctx: KoaContextWithOIDC): Promise<InstanceType<Provider['Grant']> | undefined> {
  const { provider, client, session } = ctx.oidc
  const accountId = session?.accountId
  if (!client || accountId === undefined) return undefined
  const grant = new provider.Grant({ clientId: client.clientId, accountId })
  grant.addOIDCScope('openid profile')
  grant.addResourceScope(PHONE_AUDIENCE, 'calls')
  await grant.save()
  return grant
}
