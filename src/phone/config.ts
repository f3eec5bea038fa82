/** `GET /phone/config`: where a page signs in. Everybody may know it. */
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config.ts'
import type { PhoneConfig } from '../endpoints/browser/protocol.ts'
import { addressUsed } from '../oauth/addresses.ts'
import { OWN_CLIENT, PHONE_SCOPE, SIGN_IN_PATH } from '../oauth/people/provider.ts'

/** What of the configuration is about the sign-in of people. */
export type SignInConfig = Pick<Config, 'mode' | 'oneClickSignIn' | 'phoneIssuer' | 'phoneClientId' | 'phoneUserClaim'>

/** Whether the server's own sign-in is on: an outside issuer takes its place. */
export function isOneClick({ mode, oneClickSignIn, phoneIssuer }: SignInConfig): boolean {
  return phoneIssuer === undefined && (oneClickSignIn ?? mode === 'development')
}

/** Where a page signs in that was reached at `address`. */
export function phoneConfig(config: SignInConfig, address: string): PhoneConfig {
  const common = { redirectUri: `${address}/phone/`, socket: '/phone/socket' }
  if (config.phoneIssuer !== undefined) {
    const { phoneIssuer: issuer, phoneClientId: clientId } = config
    return { ...common, signIn: { issuer, clientId, scope: 'openid profile', token: 'id', oneClick: false } }
  }
  if (!isOneClick(config)) return common
  const issuer = `${address}${SIGN_IN_PATH}`
  return { ...common, signIn: { issuer, clientId: OWN_CLIENT, scope: PHONE_SCOPE, token: 'access', oneClick: true } }
}

/** Adds the route. */
export function registerPhoneConfig(app: FastifyInstance, config: SignInConfig, baseUrl: () => string): void {
  app.get('/phone/config', (request, reply) =>
    reply.header('cache-control', 'no-store').send(phoneConfig(config, addressUsed(request.host, baseUrl()))),
  )
}
