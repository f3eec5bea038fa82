/** Microsoft's own client library, pointed at Rollcall. Only two addresses differ from a bot that talks to Microsoft. */
import { Client, HTTPMessageHandler } from '@microsoft/microsoft-graph-client'
import type { Context, Middleware } from '@microsoft/microsoft-graph-client'

/** How a bot signs in. */
export interface Credentials {
  readonly tenant: string
  readonly clientId: string
  readonly clientSecret: string
}

/** Gets an access token: client credentials, as at Entra (RFC 6749, section 4.4). */
export async function getToken(server: string, { tenant, clientId, clientSecret }: Credentials): Promise<string> {
  const response = await fetch(`${server}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: 'https://graph.microsoft.com/.default',
    }),
  })
  const body = (await response.json()) as { access_token?: string; error_description?: string }
  if (body.access_token === undefined) throw new Error(`no token: ${body.error_description ?? response.statusText}`)
  return body.access_token
}

/**
 * Puts the token on each request. The library's own handler does it for https addresses alone; over plain http, as here on
 * loopback, a bot does it itself.
 */
class BearerHandler implements Middleware {
  readonly #token: string
  #next: Middleware | undefined

  constructor(token: string) {
    this.#token = token
  }

  async execute(context: Context): Promise<void> {
    const headers = { ...(context.options?.headers as Record<string, string>), authorization: `Bearer ${this.#token}` }
    context.options = { ...context.options, headers }
    await this.#next?.execute(context)
  }

  setNext(next: Middleware): void {
    this.#next = next
  }
}

/** A Graph client for a server and version. */
export function graphClient(server: string, version: string, token: string): Client {
  const middleware = new BearerHandler(token)
  middleware.setNext(new HTTPMessageHandler())
  return Client.initWithMiddleware({ baseUrl: `${server}/`, defaultVersion: version, middleware })
}
