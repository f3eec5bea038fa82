/** The sign-in of people over HTTP: the OpenID provider below `/signin`, and its page on which people choose themselves. */
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Provider } from 'oidc-provider'
import type { Directory, User } from '../../directory/directory.ts'
import type { Clock } from '../../runtime.ts'
import { addressUsed } from '../addresses.ts'
import type { KeyRing } from '../keys.ts'
import { RequestLimit } from '../request-limit.ts'
import { choicePage, PAGE_POLICY, problemPage } from './page.ts'
import type { MakeProvider } from './provider.ts'
import { providerMaker, SIGN_IN_PATH } from './provider.ts'

/** What the sign-in needs. */
export interface SignInParts {
  /** The wall clock: browsers check what they get by theirs. */
  readonly clock: Clock
  readonly directory: () => Directory
  readonly keys: KeyRing
  readonly baseUrl: () => string
  /** The secret that signs cookies; asked for with the first sign-in. */
  readonly cookieSecret: () => Promise<string>
  readonly tokenLifetime: number
  readonly memory: number
  /** Requests of one address in a minute. */
  readonly requestLimit: number
}

/** People that the page shows at once. */
const SHOWN = 60

/** Adds the provider and its page. */
export function registerSignIn(app: FastifyInstance, parts: SignInParts): void {
  const providers = new Providers(parts)
  const limit = new RequestLimit(parts.requestLimit, parts.clock)
  void app.register((scope, _options, done) => {
    scope.addHook('onRequest', (request, reply, next) => {
      const wait = limit.count(request.ip)
      if (wait === undefined) return next()
      void reply.header('retry-after', String(wait))
      sendPage(reply, 429, problemPage(`There were too many requests from this address: wait ${wait} seconds.`))
    })
    registerChoice(scope, parts, providers)
    registerProvider(scope, providers)
    done()
  })
}

function registerChoice(scope: FastifyInstance, parts: SignInParts, providers: Providers): void {
  const url = `${SIGN_IN_PATH}/choose/:uid`
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 4096 },
    (_, form, parsed) => parsed(null, Object.fromEntries(new URLSearchParams(String(form)))),
  )
  scope.get(url, (request, reply) => showChoice(request, reply, parts, providers))
  scope.post(url, (request, reply) => choose(request, reply, parts, providers))
}

function registerProvider(app: FastifyInstance, providers: Providers): void {
  void app.register((scope, _options, done) => {
    // The provider reads bodies itself.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null))
    scope.route({
      method: ['GET', 'POST', 'OPTIONS'],
      url: `${SIGN_IN_PATH}/*`,
      handler: async ({ raw, host }, reply) => {
        const { provider, address } = await providers.of(host)
        reply.hijack()
        reply.raw.setHeader('x-content-type-options', 'nosniff')
        reply.raw.setHeader('referrer-policy', 'no-referrer')
        introduce(raw, address)
        await provider.callback()(raw, reply.raw)
      },
    })
    done()
  })
}

/** Tells the provider by which address it was reached, whatever the request or a proxy says, and what is below its mount. */
function introduce(raw: IncomingMessage & { originalUrl?: string }, address: string): void {
  const { host, protocol } = new URL(address)
  raw.headers['x-forwarded-host'] = host
  raw.headers['x-forwarded-proto'] = protocol.slice(0, -1)
  raw.originalUrl = raw.url ?? '/'
  raw.url = raw.originalUrl.slice(SIGN_IN_PATH.length)
}

/** One provider for each address of the server, made anew when the signing keys change. */
class Providers {
  readonly #parts: SignInParts
  readonly #made = new Map<string, { readonly key: string; readonly provider: Promise<Provider> }>()
  #make: Promise<MakeProvider> | undefined

  constructor(parts: SignInParts) {
    this.#parts = parts
  }

  async of(host: string): Promise<{ readonly provider: Provider; readonly address: string }> {
    const address = addressUsed(host, this.#parts.baseUrl())
    const keys = await this.#parts.keys.privateKeys()
    const key = keys.map(({ kid }) => kid).join()
    let made = this.#made.get(address)
    if (made?.key !== key) {
      made = { key, provider: this.#maker().then((make) => make(address, keys)) }
      this.#made.set(address, made)
    }
    return { provider: await made.provider, address }
  }

  #maker(): Promise<MakeProvider> {
    this.#make ??= this.#parts.cookieSecret().then((cookieSecret) => providerMaker({ ...this.#parts, cookieSecret }))
    return this.#make
  }
}

async function showChoice(
  request: FastifyRequest,
  reply: FastifyReply,
  { directory }: SignInParts,
  providers: Providers,
): Promise<void> {
  const { provider } = await providers.of(request.host)
  if (!(await interactionOf(provider, request, reply))) return expired(reply)
  const looked = String((request.query as { look?: unknown }).look ?? '').slice(0, 100)
  const everybody = directory().tenants()
  const all = everybody.reduce((count, { users }) => count + users.length, 0)
  let left = SHOWN
  let more = 0
  const groups = everybody.map(({ name, users }) => {
    const found = users.filter((user) => isLookedFor(user, looked))
    const shown = found.slice(0, left)
    left -= shown.length
    more += found.length - shown.length
    return { name, users: shown }
  })
  sendPage(reply, 200, choicePage({ action: request.url.split('?')[0] ?? '', groups, looked, more, many: all > 12 }))
}

function isLookedFor({ displayName, userPrincipalName }: User, looked: string): boolean {
  const word = looked.trim().toLowerCase()
  return `${displayName} ${userPrincipalName}`.toLowerCase().includes(word)
}

async function choose(
  request: FastifyRequest,
  reply: FastifyReply,
  { directory }: SignInParts,
  providers: Providers,
): Promise<void> {
  const { provider } = await providers.of(request.host)
  const interaction = await interactionOf(provider, request, reply)
  if (!interaction) return expired(reply)
  const { person = '' } = (request.body ?? {}) as { person?: string }
  const user = directory().user(person)
  if (!user)
    return sendPage(reply, 400, problemPage('Nobody in the directory was chosen; perhaps it has just changed.'))
  // Whoever was signed in here before, in another tab perhaps, has nothing to do with this one.
  if (interaction.session) {
    const before = await provider.Session.findByUid(interaction.session.uid)
    await before?.destroy()
    interaction.session = undefined
  }
  interaction.result = { login: { accountId: user.id, remember: false } }
  await interaction.persist()
  void reply.code(303).header('location', interaction.returnTo).send()
}

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

/** The sign-in that the address names and the browser's cookie belongs to; undefined if it is over. */
async function interactionOf(
  provider: Provider,
  { raw, params }: FastifyRequest,
  reply: FastifyReply,
): Promise<Interaction | undefined> {
  try {
    const interaction = await provider.interactionDetails(raw, reply.raw)
    return interaction.uid === (params as { uid?: string }).uid ? interaction : undefined
  } catch {
    return undefined
  }
}

function expired(reply: FastifyReply): void {
  sendPage(reply, 400, problemPage('This sign-in is over, or was begun in another browser.'))
}

function sendPage(reply: FastifyReply, status: number, page: string): void {
  void reply
    .code(status)
    .headers({ 'content-security-policy': PAGE_POLICY, 'cache-control': 'no-store', 'referrer-policy': 'same-origin' })
    .type('text/html; charset=utf-8')
    .send(page)
}
