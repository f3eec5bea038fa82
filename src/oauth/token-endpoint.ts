/**
 * The token endpoint: the client credentials grant (RFC 6749, section 4.4) as Entra serves it, in its current form
 * (`/{tenant}/oauth2/v2.0/token`, with `scope`) and its older one (`/{tenant}/oauth2/token`, with `resource`).
 */
import { noteOf } from '../http/app.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { TokenErrorCode } from '../codes/token-errors.ts'
import { acceptsSecret } from '../directory/credentials.ts'
import type { Application, Directory, Tenant } from '../directory/directory.ts'
import { ASSERTION_TYPE, createAssertionCheck, type AssertionCheck } from './client-assertion.ts'
import { answerRefusals, EntraRefusal, unknownTenant, type ErrorSources } from './entra-error.ts'
import { RequestLimit } from './request-limit.ts'
import { resourceKey, type IssuedToken, type Proof, type TokenIssuer } from './tokens.ts'

/** What the token endpoint needs. */
export interface TokenEndpointDeps extends ErrorSources {
  /** The directory in use; asked for at each request. */
  readonly directory: () => Directory
  readonly issueToken: TokenIssuer
  /** The resources for which tokens are issued: `defaultResources` and the server's own address. */
  readonly resources: () => readonly string[]
  /** The server's own addresses, which client assertions are meant for. */
  readonly addresses: () => readonly string[]
  /** Whether a client assertion may be presented again while it is valid. */
  readonly assertionReuse: boolean
  /** How often an application may ask in a minute from one address; 0 for no limit. */
  readonly requestLimit: number
}

/** The two forms of the endpoint. */
type Form = 'v1' | 'v2'

/** A larger body is refused; the longest honest one has less than a kilobyte. */
const LARGEST_BODY = 16 * 1024

const FORM = 'application/x-www-form-urlencoded'

/** Tenants by which an application means its own, whichever it is. */
const ANY_TENANT = ['common', 'organizations']

/** Adds both forms of the token endpoint to `app`. */
export function registerTokenEndpoint(app: FastifyInstance, deps: TokenEndpointDeps): void {
  const checkAssertion = createAssertionCheck({
    clock: deps.clock,
    reuse: deps.assertionReuse,
    addresses: deps.addresses,
    tenant: (name) => lookUpTenant(deps.directory(), name),
  })
  const requests = new RequestLimit(deps.requestLimit, deps.clock)
  // A scope of its own, so that its parsers and its form of errors concern nobody else.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(FORM, { parseAs: 'string', bodyLimit: LARGEST_BODY }, (_, body, done) => {
      done(null, new URLSearchParams(String(body)))
    })
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: LARGEST_BODY }, (_, _body, done) => {
      done(invalidRequest(900144, `The token endpoint reads a form; send the parameters as Content-Type: ${FORM}.`))
    })
    scope.addHook('onRequest', async (request) => {
      Object.assign(noteOf(request), { operation: 'token', confidential: true })
    })
    answerRefusals(scope, deps)
    addRoute(scope, '/:tenant/oauth2/v2.0/token', 'v2', { ...deps, checkAssertion, requests })
    addRoute(scope, '/:tenant/oauth2/token', 'v1', { ...deps, checkAssertion, requests })
  })
}

interface GrantDeps extends TokenEndpointDeps {
  readonly requests: RequestLimit
  readonly checkAssertion: AssertionCheck
}

function addRoute(scope: FastifyInstance, url: string, form: Form, deps: GrantDeps): void {
  scope.post<{ Params: { tenant: string } }>(url, async (request, reply) => {
    const answer = await grant(request, request.params.tenant, form, deps)
    return reply.header('cache-control', 'no-store').header('pragma', 'no-cache').send(answer)
  })
  scope.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE'],
    url,
    handler: (request, reply) => {
      void reply.header('allow', 'POST')
      const message = `The token endpoint only accepts POST; this was a ${request.method} request.`
      throw new EntraRefusal(405, 'invalid_request', 900561, message)
    },
  })
}

/** One request, step by step. */
async function grant(request: FastifyRequest, tenantName: string, form: Form, deps: GrantDeps) {
  const directory = deps.directory()
  const parameters = readParameters(request)
  const tenant = findTenant(directory, tenantName)
  checkGrantType(parameters)
  const client = readClient(parameters, request.headers.authorization)
  checkRate(directory.application(client.id), request.ip, deps)
  const application = findApplication(directory, client.id, tenant)
  const proof = await prove(application, client, deps.checkAssertion, deps.clock.now())
  const resource = form === 'v2' ? resourceOfScope(parameters, deps) : resourceOfV1(parameters, deps)
  const token = await deps.issueToken(application, resource, proof)
  return form === 'v2' ? answerV2(token) : answerV1(token, resource)
}

/** Before anything is compared or signed: guessing must be slow. All who are unknown count together. */
function checkRate(application: Application | undefined, address: string, { requests, requestLimit }: GrantDeps): void {
  const wait = requests.count(`${application?.appId ?? ''} ${address}`)
  if (wait === undefined) return
  const who = application ? `'${application.displayName}'` : 'unknown applications'
  const message = `Too many requests for tokens of ${who} from one address; it may be ${requestLimit} in a minute (option tokenRequestLimit).`
  throw new EntraRefusal(429, 'temporarily_unavailable', 90055, message, wait)
}

function answerV2({ accessToken, expiresIn }: IssuedToken) {
  return { token_type: 'Bearer', expires_in: expiresIn, ext_expires_in: expiresIn, access_token: accessToken }
}

/** The older form answers every number as text. */
function answerV1({ accessToken, expiresIn, expiresOn, notBefore }: IssuedToken, resource: string) {
  return {
    token_type: 'Bearer',
    expires_in: String(expiresIn),
    ext_expires_in: String(expiresIn),
    expires_on: String(expiresOn),
    not_before: String(notBefore),
    resource,
    access_token: accessToken,
  }
}

/** RFC 6749, section 3.2: no parameter may occur twice, and one without a value counts as left out. */
function readParameters(request: FastifyRequest): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  const body = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
  for (const [name, value] of body) {
    if (parameters.has(name)) throw invalidRequest(9000411, `The parameter '${name}' is duplicated; send it once.`)
    parameters.set(name, value)
  }
  return new Map([...parameters].filter(([, value]) => value !== ''))
}

function lookUpTenant(directory: Directory, name: string): Tenant | 'any' | undefined {
  return ANY_TENANT.includes(name.toLowerCase()) ? 'any' : directory.tenant(name)
}

function findTenant(directory: Directory, name: string): Tenant | 'any' {
  const tenant = lookUpTenant(directory, name)
  if (!tenant) throw unknownTenant(name, 'invalid_request')
  return tenant
}

function checkGrantType(parameters: ReadonlyMap<string, string>): void {
  const type = required(parameters, 'grant_type', 'client_credentials')
  if (type === 'client_credentials') return
  const message = `The grant type '${type}' is not supported; send grant_type=client_credentials.`
  throw new EntraRefusal(400, 'unsupported_grant_type', 70003, message)
}

/** Who the client says it is, and its proof. A secret that can be read in two ways counts in either. */
type Client = { readonly id: string } & ({ readonly secrets: readonly string[] } | { readonly assertion: string })

/** RFC 6749, section 2.3: the client's id, and one proof: a secret, in the body or by HTTP Basic, or an assertion. */
function readClient(parameters: ReadonlyMap<string, string>, authorization: string | undefined): Client {
  const basic = readBasic(authorization)
  const secret = parameters.get('client_secret')
  const assertion = parameters.get('client_assertion')
  if (assertion !== undefined && (basic || secret !== undefined)) {
    throw invalidRequest(900144, 'The client has sent both a secret and a client_assertion; send one of the two.')
  }
  if (basic && (secret !== undefined || (parameters.get('client_id') ?? basic.id) !== basic.id)) {
    throw invalidRequest(900144, 'The client is named both in the body and by HTTP Basic; use one of the two.')
  }
  if (basic) return basic
  const id = required(parameters, 'client_id', "the application's appId")
  if (secret !== undefined) return { id, secrets: [secret] }
  if (assertion !== undefined) {
    const type = required(parameters, 'client_assertion_type', ASSERTION_TYPE)
    if (type === ASSERTION_TYPE) return { id, assertion }
    throw invalidRequest(900144, `The client_assertion_type '${type}' is not supported; send ${ASSERTION_TYPE}.`)
  }
  const message =
    "The request body must contain the parameter 'client_secret' or 'client_assertion'; add the application's secret."
  throw new EntraRefusal(401, 'invalid_client', 7000216, message)
}

function readBasic(
  authorization: string | undefined,
): { readonly id: string; readonly secrets: readonly string[] } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
  if (id === undefined || secret === undefined) {
    throw invalidRequest(900144, 'The HTTP Basic credentials cannot be read; send base64 of client_id:client_secret.')
  }
  // The RFC wants both parts form-encoded first, but many clients send them as they are.
  return { id: formDecode(id) ?? id, secrets: [secret, formDecode(secret) ?? secret] }
}

function formDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function findApplication(directory: Directory, id: string, tenant: Tenant | 'any'): Application {
  const application = directory.application(id)
  if (application && (tenant === 'any' || application.tenantId === tenant.id)) return application
  const where = tenant === 'any' ? 'the directory' : `the tenant '${tenant.name}'`
  const message = `Application with identifier '${id}' was not found in ${where}; add it there in the directory file.`
  throw new EntraRefusal(400, 'unauthorized_client', 700016, message)
}

async function prove(
  application: Application,
  client: Client,
  checkAssertion: AssertionCheck,
  now: number,
): Promise<Proof> {
  if ('secrets' in client) {
    checkSecret(application, client.secrets, now)
    return '1'
  }
  await checkAssertion(application, client.assertion)
  return '2'
}

function checkSecret(application: Application, offered: readonly string[], now: number): void {
  if (acceptsSecret(application, offered, now)) return
  const message = `Invalid client secret provided; send the secret of '${application.displayName}' as in the directory file.`
  throw new EntraRefusal(401, 'invalid_client', 7000215, message)
}

/** The resource of `scope=<resource>/.default`; samples write two slashes, because the resource itself ends in one. */
function resourceOfScope(parameters: ReadonlyMap<string, string>, deps: TokenEndpointDeps): string {
  const scope = required(parameters, 'scope', `${deps.resources()[0] ?? ''}/.default`)
  if (scope.trim().includes(' ')) {
    throw invalidScope(70011, scope, `ask for one resource, such as ${deps.resources()[0]}/.default`)
  }
  const resource = /^(.+)\/\.default$/i.exec(scope.trim())?.[1]
  if (resource === undefined) {
    throw invalidScope(1002012, scope, 'the client credentials grant takes a resource with /.default after it')
  }
  return knownResource(resource, deps)
}

function resourceOfV1(parameters: ReadonlyMap<string, string>, deps: TokenEndpointDeps): string {
  return knownResource(required(parameters, 'resource', deps.resources()[0] ?? ''), deps)
}

function knownResource(resource: string, deps: TokenEndpointDeps): string {
  const known = deps.resources().find((each) => resourceKey(each) === resourceKey(resource))
  if (known !== undefined) return known
  const message = `The resource '${resource}' is not known here; ask for one of ${deps.resources().join(', ')}.`
  throw new EntraRefusal(400, 'invalid_resource', 500011, message)
}

function required(parameters: ReadonlyMap<string, string>, name: string, example: string): string {
  const value = parameters.get(name)
  if (value !== undefined) return value
  throw invalidRequest(900144, `The request body must contain the parameter '${name}', such as ${example}.`)
}

function invalidRequest(code: TokenErrorCode, message: string): EntraRefusal {
  return new EntraRefusal(400, 'invalid_request', code, message)
}

function invalidScope(code: TokenErrorCode, scope: string, help: string): EntraRefusal {
  return new EntraRefusal(400, 'invalid_scope', code, `The scope '${scope}' is not valid; ${help}.`)
}
