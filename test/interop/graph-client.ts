/** Microsoft's graph client with its own chain of handlers, down to the transport. */
import type { AuthenticationProvider, Context, Middleware } from '@microsoft/microsoft-graph-client'
import {
  AuthenticationHandler,
  Client,
  RedirectHandler,
  RedirectHandlerOptions,
  RetryHandler,
  RetryHandlerOptions,
  TelemetryHandler,
} from '@microsoft/microsoft-graph-client'
import type { AppName, World } from '../support/world.ts'

/** The end of the chain. The client gives its token to https hosts alone, so TLS is left out at the last moment. */
export class PlainHttp implements Middleware {
  async execute(context: Context): Promise<void> {
    const url = typeof context.request === 'string' ? context.request : context.request.url
    const { origin } = new URL(url)
    const plain = origin.replace('https:', 'http:')
    const response = await fetch(url.replace(origin, plain), context.options)
    // Links in answers name the server as it is; the client must know them again.
    const text = (await response.text()).replaceAll(plain, origin)
    const { status, headers } = response
    context.response = new Response(text === '' ? null : text, { status, headers })
  }
}

/** The client as a bot would have it, with the token of an application and without retries. */
export function graphClient(world: World, version: string, app: AppName = 'alpha'): Client {
  const authProvider: AuthenticationProvider = { getAccessToken: () => world.token(app) }
  const chain: Middleware[] = [
    new AuthenticationHandler(authProvider),
    new RetryHandler(new RetryHandlerOptions(0, 0)),
    new RedirectHandler(new RedirectHandlerOptions()),
    new TelemetryHandler(),
    new PlainHttp(),
  ]
  const { host, hostname } = new URL(world.url)
  return Client.initWithMiddleware({
    middleware: chain,
    baseUrl: `https://${host}`,
    defaultVersion: version,
    customHosts: new Set([hostname]),
  })
}
