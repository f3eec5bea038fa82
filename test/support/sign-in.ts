/** Signing in as a browser does: cookies, redirects, a form, and a code with PKCE. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

/** A browser without a screen: it keeps cookies of one host, path included, and follows nothing by itself. */
export class Browser {
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>()

  async open(url: string, form?: Record<string, string>): Promise<Response> {
    const { pathname } = new URL(url)
    const cookie = [...this.#cookies]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([key, { value }]) => `${key.split(' ')[0]}=${value}`)
      .join('; ')
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie, accept: 'text/html' },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    return response
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ')
    const [name = '', value = ''] = pair.split('=')
    const path = attributes.find((each) => each.startsWith('path='))?.slice(5) ?? '/'
    if (value === '') this.#cookies.delete(`${name} ${path}`)
    else this.#cookies.set(`${name} ${path}`, { value, path })
  }
}

/** A request for a code, begun. */
export interface Beginning {
  readonly issuer: string
  readonly verifier: string
  readonly redirectUri: string
  /** Where the browser goes. */
  readonly url: string
}

/** What a page does first. @param change parameters that are to be otherwise; undefined leaves one out */
export async function begin(server: string, change: Record<string, string | undefined> = {}): Promise<Beginning> {
  const config = (await (await fetch(`${server}/phone/config`)).json()) as {
    signIn: { issuer: string; clientId: string; scope: string }
    redirectUri: string
  }
  const { issuer, clientId, scope } = config.signIn
  const discovery = await fetch(`${issuer}/.well-known/openid-configuration`)
  const { issuer: named, authorization_endpoint: endpoint } = (await discovery.json()) as Record<string, string>
  assert.equal(named, issuer)
  const verifier = 'a-verifier-that-is-long-enough-for-the-specification'
  const parameters = {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: config.redirectUri,
    scope,
    state: 'the-state',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...change,
  }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, value)
  return { issuer, verifier, redirectUri: config.redirectUri, url: `${endpoint}?${query.toString()}` }
}

/** Follows redirects until a page is shown, or the browser would leave for the phone. */
export async function follow(browser: Browser, response: Response): Promise<{ url: string; response: Response }> {
  let at = response.url
  let current = response
  for (let hops = 0; hops < 10; hops++) {
    const location = current.headers.get('location')
    if (location === null) return { url: at, response: current }
    at = new URL(location, at).href
    if (new URL(at).pathname.startsWith('/phone')) return { url: at, response: current }
    current = await browser.open(at)
  }
  throw new Error('too many redirects')
}

/** Signs somebody in. @returns their tokens */
export async function signIn(
  server: string,
  userId: string,
  browser = new Browser(),
): Promise<{ readonly accessToken: string; readonly idToken: string }> {
  const beginning = await begin(server)
  const { url: page, response } = await follow(browser, await browser.open(beginning.url))
  assert.equal(response.status, 200, await response.clone().text())
  const { url: back } = await follow(browser, await browser.open(page, { person: userId }))
  const query = new URL(back).searchParams
  assert.equal(query.get('state'), 'the-state', back)
  const reply = await redeem(beginning, query.get('code') ?? '')
  assert.equal(reply.status, 200, await reply.clone().text())
  const tokens = (await reply.json()) as { access_token: string; id_token: string }
  return { accessToken: tokens.access_token, idToken: tokens.id_token }
}

/** Exchanges a code for tokens. */
export function redeem({ issuer, verifier, redirectUri }: Beginning, code: string): Promise<Response> {
  return fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'phone',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }),
  })
}
