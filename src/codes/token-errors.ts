import type { ErrorRow } from './code-row.ts'

/** A code of the token endpoint, with OAuth's word for it. */
interface TokenErrorRow extends ErrorRow {
  /** `error` of the answer: OAuth's and Entra's words. */
  readonly errors: readonly string[]
}

/** The numbers after `AADSTS` in refusals of the token endpoint and its neighbours. */
export const tokenErrors = {
  50027: {
    statuses: [401],
    errors: ['invalid_client'],
    text: 'the client assertion is not a proper JWT',
    when: 'it is not compact, not signed with an accepted algorithm, names no certificate, or has no `jti`',
    todo: 'Change what the message names; MSAL makes proper assertions',
    source: 'documented',
  },
  50049: {
    statuses: [400],
    errors: ['invalid_instance'],
    text: 'the authority is unknown',
    when: 'instance discovery is asked for another host than this server',
    todo: "Give the client this server's address as its authority",
    source: 'documented',
  },
  70003: {
    statuses: [400],
    errors: ['unsupported_grant_type'],
    text: 'the grant type is not supported',
    when: 'grant_type is not client_credentials',
    todo: 'Ask with grant_type=client_credentials',
    source: 'documented',
  },
  70011: {
    statuses: [400],
    errors: ['invalid_scope'],
    text: 'the scope is not valid',
    when: '`scope` names several scopes',
    todo: 'Ask for one resource, such as https://graph.microsoft.com/.default',
    source: 'documented',
  },
  90002: {
    statuses: [400],
    errors: ['invalid_request', 'invalid_tenant'],
    text: 'the tenant was not found',
    when: 'the first part of the path is no tenant of the directory',
    todo: 'Write the id, name or domain of a tenant in the directory, or common',
    source: 'documented',
  },
  90055: {
    statuses: [429],
    errors: ['temporarily_unavailable'],
    text: 'there are too many requests for tokens',
    when: 'one application, or somebody whom the directory does not know, asks more often from one address in a minute than the option `tokenRequestLimit` says',
    todo: 'Wait as long as `Retry-After` says, and use a token until it expires',
    source: 'documented',
  },
  500011: {
    statuses: [400],
    errors: ['invalid_resource'],
    text: 'the resource is not known',
    when: 'a token is asked for another resource than Graph, the Bot Framework or this server',
    todo: 'Ask for https://graph.microsoft.com/.default',
    source: 'documented',
  },
  700016: {
    statuses: [400],
    errors: ['unauthorized_client'],
    text: 'the application was not found',
    when: 'no application with the client_id is in the tenant',
    todo: 'Add the application to the directory, or correct client_id or tenant',
    source: 'documented',
  },
  700021: {
    statuses: [401],
    errors: ['invalid_client'],
    text: 'the client assertion is not about the client',
    when: '`iss` or `sub` of the assertion is not the client_id',
    todo: 'Set both to the client_id',
    source: 'documented',
  },
  700023: {
    statuses: [401],
    errors: ['invalid_client'],
    text: 'the client assertion is for somebody else',
    when: '`aud` of the assertion is not this token endpoint',
    todo: 'Set `aud` to the address that the message gives',
    source: 'documented',
  },
  700024: {
    statuses: [401],
    errors: ['invalid_client'],
    text: 'the client assertion is not valid at this time',
    when: '`nbf` or `exp` of the assertion lies on the wrong side of now, or too far away',
    todo: 'Set the clocks right, and make a new assertion for each request',
    source: 'documented',
  },
  700027: {
    statuses: [401],
    errors: ['invalid_client'],
    text: "the client assertion's certificate or signature is wrong",
    when: 'the application has no such certificate, the certificate is not valid now, or the signature does not match',
    todo: 'Put the certificate that you sign with into the directory',
    source: 'documented',
  },
  900144: {
    statuses: [400],
    errors: ['invalid_request'],
    text: 'a parameter is missing or does not fit',
    when: 'the form lacks a parameter, is no form, or gives the credentials in two ways',
    todo: 'Change what the message names',
    source: 'documented',
  },
  900561: {
    statuses: [405],
    errors: ['invalid_request'],
    text: 'the endpoint takes POST requests only',
    when: 'the token endpoint is asked with another method',
    todo: 'Use POST',
    source: 'documented',
  },
  1002012: {
    statuses: [400],
    errors: ['invalid_scope'],
    text: 'the scope is not of the form that client credentials need',
    when: '`scope` does not end in /.default',
    todo: 'Ask for a resource with /.default after it, such as https://graph.microsoft.com/.default',
    source: 'documented',
  },
  7000215: {
    statuses: [401],
    errors: ['invalid_client'],
    text: 'the client secret is wrong',
    when: 'client_secret is none of the secrets of the application that are valid now',
    todo: "Send the application's secret as in the directory: its value, not its id",
    source: 'documented',
  },
  7000216: {
    statuses: [401],
    errors: ['invalid_client'],
    text: 'the client did not prove who it is',
    when: 'the form has neither client_secret nor client_assertion',
    todo: "Send the application's secret",
    source: 'documented',
  },
  7000229: {
    statuses: [401],
    errors: ['invalid_client'],
    text: 'the client assertion was used before',
    when: 'an assertion with this `jti` came already (option `assertionReuse`)',
    todo: 'Make a new assertion for each request',
    source: 'own',
  },
  9000411: {
    statuses: [400, 408, 413, 414, 431],
    errors: ['invalid_request'],
    text: 'the request is malformed',
    when: 'a parameter comes twice, or the request cannot be read',
    todo: 'Send each parameter once, as a form',
    source: 'documented',
  },
} as const satisfies Record<number, TokenErrorRow>

/** The number after `AADSTS`. */
export type TokenErrorCode = keyof typeof tokenErrors
