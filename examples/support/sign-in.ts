/** Microsoft's libraries as a bot has them, for tokens and for requests. Only the addresses differ. */
import { ClientSecretCredential } from '@azure/identity'
import { ConfidentialClientApplication } from '@azure/msal-node'
import { AzureIdentityAuthenticationProvider } from '@microsoft/kiota-authentication-azure'
import { Client } from '@microsoft/microsoft-graph-client'
import { GraphRequestAdapter } from '@microsoft/msgraph-sdk'

/** Who the bot is, and where the server is to which it talks. */
export interface Registration {
  /** `https://graph.microsoft.com` in Microsoft's cloud. */
  readonly url: string
  /** The tenant's id, name or domain. */
  readonly tenant: string
  readonly clientId: string
  readonly clientSecret: string
}

/** A Graph client that signs in when it needs a token. */
export function signIn({ url, tenant, clientId, clientSecret }: Registration): Client {
  const { host, hostname } = new URL(url)
  const msal = new ConfidentialClientApplication({
    // In Microsoft's cloud the authority is https://login.microsoftonline.com/{tenant}, and `knownAuthorities` is left out.
    auth: { clientId, clientSecret, authority: `${url}/${tenant}`, knownAuthorities: [host] },
  })
  return Client.initWithMiddleware({
    authProvider: {
      async getAccessToken() {
        const scopes = ['https://graph.microsoft.com/.default']
        const result = await msal.acquireTokenByClientCredential({ scopes })
        if (!result) throw new Error('there is no token')
        return result.accessToken
      },
    },
    // Left out as well: the client gives its tokens to graph.microsoft.com by itself.
    baseUrl: `${url}/`,
    customHosts: new Set([hostname]),
    defaultVersion: 'v1.0',
  })
}

/** The newer Graph SDK, which signs in by the Azure library, and has a model for every type. */
export function signInWithSdk({ url, tenant, clientId, clientSecret }: Registration): GraphRequestAdapter {
  const credential = new ClientSecretCredential(tenant, clientId, clientSecret, {
    // Both left out in Microsoft's cloud.
    authorityHost: url,
    disableInstanceDiscovery: true,
  })
  const hosts = new Set([new URL(url).hostname])
  const scopes = ['https://graph.microsoft.com/.default']
  const adapter = new GraphRequestAdapter(new AzureIdentityAuthenticationProvider(credential, scopes, undefined, hosts))
  adapter.baseUrl = `${url}/v1.0`
  return adapter
}
