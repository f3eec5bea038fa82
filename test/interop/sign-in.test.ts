/**
 * Microsoft's own libraries sign in at the server over https, as bots do it, and what they get works: each token makes a
 * call, invites somebody and looks at it, by one of Microsoft's Graph clients.
 */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { ClientCertificateCredential, ClientSecretCredential, type TokenCredential } from '@azure/identity'
import { ConfidentialClientApplication, ProtocolMode, type NodeAuthOptions } from '@azure/msal-node'
import { HttpMethod, RequestInformation } from '@microsoft/kiota-abstractions'
import { AzureIdentityAuthenticationProvider } from '@microsoft/kiota-authentication-azure'
import { Client } from '@microsoft/microsoft-graph-client'
import { GraphRequestAdapter } from '@microsoft/msgraph-sdk'
import {
  createCallFromDiscriminatorValue,
  createInviteParticipantsOperationFromDiscriminatorValue,
} from '@microsoft/msgraph-sdk/models/index.js'
import { makeClientCertificate, type ClientCertificate } from '../../src/oauth/client-certificate.suite.ts'
import type { AnyJson } from '../support/any-json.ts'
import type { World } from '../support/world.ts'
import { APPS, callBody, SECRET, TENANT, user } from '../support/world.ts'
import { startHttpsWorld, startHttpsWorldWith } from './https.ts'

const SCOPE = 'https://graph.microsoft.com/.default'

let own: ClientCertificate
before(async () => {
  own = await makeClientCertificate(Date.now())
})

/** MSAL as a bot configures it: the authority is known to be one, so that nobody on the internet is asked. */
function msal(url: string, tenant: string, proof: Partial<NodeAuthOptions>): ConfidentialClientApplication {
  const { host } = new URL(url)
  return new ConfidentialClientApplication({
    auth: { clientId: APPS.alpha, authority: `${url}/${tenant}`, knownAuthorities: [host], ...proof },
  })
}

async function tokenOf(client: ConfidentialClientApplication, scope = SCOPE): Promise<string> {
  const result = await client.acquireTokenByClientCredential({ scopes: [scope], skipCache: true })
  assert.ok(result)
  assert.equal(result.tokenType, 'Bearer')
  return result.accessToken
}

/** Create, invite, get by the classic client, whose own handler puts the token on https addresses of these hosts. */
async function useClassicClient(world: World, getAccessToken: () => Promise<string>): Promise<void> {
  const client = Client.initWithMiddleware({
    authProvider: { getAccessToken },
    baseUrl: `${world.url}/`,
    defaultVersion: 'v1.0',
    customHosts: new Set([new URL(world.url).hostname]),
  })
  const created: AnyJson = await client
    .api('/communications/calls')
    .post(callBody(world, 'alpha', [user('ada'), user('ben')]))
  await world.settle()
  const call = `/communications/calls/${created.id}`
  const operation: AnyJson = await client.api(`${call}/participants/invite`).post({ participants: [user('cleo')] })
  await world.take()
  assert.equal((await client.api(`${call}/operations/${operation.id}`).get()).status, 'Completed')
  assert.equal((await client.api(call).get()).state, 'established')
}

/** The same by the request adapter of the newer SDK. */
async function useRequestAdapter(world: World, credential: TokenCredential, scopes?: string[]): Promise<void> {
  const hosts = new Set([new URL(world.url).hostname])
  const adapter = new GraphRequestAdapter(new AzureIdentityAuthenticationProvider(credential, scopes, undefined, hosts))
  adapter.baseUrl = `${world.url}/v1.0`
  const request = (method: HttpMethod, path: string, body?: unknown): RequestInformation => {
    const information = new RequestInformation(method, `{+baseurl}${path}`, { baseurl: adapter.baseUrl })
    information.headers.add('Accept', 'application/json')
    if (body !== undefined) {
      const bytes = new TextEncoder().encode(JSON.stringify(body))
      information.setStreamContent(bytes.buffer, 'application/json')
    }
    return information
  }
  const calls = '/communications/calls'
  const body = callBody(world, 'alpha', [user('ada'), user('ben')])
  const created = await adapter.send<AnyJson>(
    request(HttpMethod.POST, calls, body),
    createCallFromDiscriminatorValue,
    undefined,
  )
  await world.settle()
  const operation = await adapter.send<AnyJson>(
    request(HttpMethod.POST, `${calls}/${created?.id}/participants/invite`, { participants: [user('cleo')] }),
    createInviteParticipantsOperationFromDiscriminatorValue,
    undefined,
  )
  assert.equal(operation?.status, 'Running')
  await world.take()
  const call = request(HttpMethod.GET, `${calls}/${created?.id}`)
  assert.equal((await adapter.send<AnyJson>(call, createCallFromDiscriminatorValue, undefined))?.state, 'established')
}

test('MSAL with a secret, and the classic Graph client', async (t) => {
  const world = await startHttpsWorld(t)
  const client = msal(world.url, TENANT, { clientSecret: SECRET })
  await useClassicClient(world, () => tokenOf(client))
})

for (const [name, proof] of [
  ['SHA-256 thumbprint', () => ({ thumbprintSha256: own.thumbprint256 })],
  ['SHA-1 thumbprint', () => ({ thumbprint: own.thumbprint })],
  ['chain in the header', () => ({ thumbprintSha256: own.thumbprint256, x5c: own.certificate })],
] as const) {
  test(`MSAL with a certificate by its ${name}, and the classic Graph client`, async (t) => {
    const world = await startHttpsWorldWith(t, own.certificate)
    const client = msal(world.url, TENANT, { clientCertificate: { ...proof(), privateKey: own.key } })
    await useClassicClient(world, () => tokenOf(client))
  })
}

// MSAL itself wants a tenant for this grant, and refuses common and organizations.
test('MSAL names the tenant by id, name and domain, by every name of the server', async (t) => {
  const world = await startHttpsWorldWith(t, own.certificate)
  const clientCertificate = { thumbprintSha256: own.thumbprint256, privateKey: own.key }
  for (const url of [world.url, world.url.replace('127.0.0.1', 'localhost')]) {
    for (const tenant of [TENANT, 'contoso', 'contoso.example']) {
      for (const proof of [{ clientSecret: SECRET }, { clientCertificate }]) {
        const token = await tokenOf(msal(url, tenant, proof))
        const calls = await world.request('GET', '/v1.0/communications/calls/x', undefined, {
          authorization: `Bearer ${token}`,
        })
        assert.equal(calls.status, 404)
      }
    }
  }
})

test('MSAL in OpenID mode, and with a doubled slash in the scope', async (t) => {
  const world = await startHttpsWorld(t)
  const { host } = new URL(world.url)
  const client = new ConfidentialClientApplication({
    auth: {
      clientId: APPS.alpha,
      authority: `${world.url}/${TENANT}/v2.0`,
      knownAuthorities: [host],
      clientSecret: SECRET,
    },
    system: { protocolMode: ProtocolMode.OIDC },
  })
  await useClassicClient(world, () => tokenOf(client, 'https://graph.microsoft.com//.default'))
})

test('MSAL presents its assertion again; a server that was told not to allow it says so', async (t) => {
  const clientCertificate = { thumbprintSha256: own.thumbprint256, privateKey: own.key }
  for (const assertionReuse of [true, false]) {
    const world = await startHttpsWorldWith(t, own.certificate, { assertionReuse })
    const client = msal(world.url, TENANT, { clientCertificate })
    await tokenOf(client)
    if (assertionReuse) await tokenOf(client)
    else await assert.rejects(tokenOf(client), /AADSTS7000229: The client_assertion was presented before/)
  }
})

test('MSAL hears why it gets no token', async (t) => {
  const world = await startHttpsWorld(t)
  await assert.rejects(tokenOf(msal(world.url, TENANT, { clientSecret: 'wrong' })), (error: AnyJson) => {
    assert.equal(error.errorCode, 'invalid_client')
    assert.match(error.message, /AADSTS7000215: Invalid client secret provided/)
    return true
  })
})

test('azure-identity with a secret, and the request adapter of the SDK', async (t) => {
  const world = await startHttpsWorld(t)
  const options = { authorityHost: world.url, disableInstanceDiscovery: true }
  await useRequestAdapter(world, new ClientSecretCredential(TENANT, APPS.alpha, SECRET, options), [SCOPE])
})

test("azure-identity with a certificate, for the server's own address as kiota asks for it", async (t) => {
  const world = await startHttpsWorldWith(t, own.certificate)
  const options = { authorityHost: world.url, disableInstanceDiscovery: true }
  const certificate = `${own.key}\n${own.certificate}`
  await useRequestAdapter(world, new ClientCertificateCredential(TENANT, APPS.alpha, { certificate }, options))
})
