import type { ErrorRow } from './code-row.ts'

/** `error.code` of refusals that are words: Graph's in general, the directory's, and those of the control API. */
export const wordErrors = {
  InvalidAuthenticationToken: {
    statuses: [401],
    text: 'the access token is missing, expired or not valid here',
    when: 'the Authorization header has no token, or one whose signature, time, audience, issuer or application is wrong',
    todo: 'Get a new token from this server (POST /{tenant}/oauth2/v2.0/token); rollcall-explanation says what is wrong',
    source: 'documented',
  },
  Forbidden: {
    statuses: [403],
    text: 'the token does not allow this, or stands for a signed-in user',
    when: 'the token has `scp`, since calling supports no delegated permissions; or it lacks the permission for call records',
    todo: 'Grant the permission that rollcall-explanation names, and get a new application token with grant_type=client_credentials',
    source: 'documented',
  },
  NotFound: {
    statuses: [404],
    text: 'there is no such resource beside calls',
    when: 'the tenant of the token has no call record with the id, or not any more',
    todo: 'Check the id; a record is there when its call has ended',
    source: 'documented',
  },
  Authorization_RequestDenied: {
    statuses: [403],
    text: 'the token does not allow this',
    when: "the token lacks the permission for the directory's API",
    todo: 'Grant the permission that rollcall-explanation names, and get a new token',
    source: 'documented',
  },
  Request_BadRequest: {
    statuses: [400],
    text: "a request to the directory's API is wrong",
    when: 'a member, filter or id is missing, unknown or not allowed',
    todo: 'Change what the message names',
    source: 'documented',
  },
  Request_ResourceNotFound: {
    statuses: [404],
    text: 'the directory has no such entry',
    when: 'nothing with the id is in the tenant of the token',
    todo: 'Check the id and the tenant',
    source: 'documented',
  },
  itemNotFound: {
    statuses: [404],
    text: 'there is nothing at this address',
    when: 'the path is no published operation, or the operation or resource that it names is not, or no longer, kept',
    todo: 'Check the path, the version in it, and the id',
    source: 'documented',
  },
  invalidRequest: {
    statuses: [400, 408, 413, 415, 422, 431],
    text: 'the request is malformed, or its idempotency key was used for another request',
    when: 'the body is not JSON or too large, the content type is wrong, or (422) the key came with another path or body',
    todo: 'Change what rollcall-explanation names',
    source: 'documented',
  },
  BadRequest: {
    statuses: [400],
    text: 'a batch, or a request for a resource beside calls, is malformed',
    when: 'the body of `$batch` is no list of requests, one of them lacks what it needs, or it is a batch in a batch; or a query option, filter or time for call records is unknown or not allowed',
    todo: 'Change what rollcall-explanation names; of a batch, none of the requests was carried out',
    source: 'documented',
  },
  MaximumValueExceeded: {
    statuses: [400],
    text: 'a batch has too many requests',
    when: 'the body of `$batch` has more than 20 requests',
    todo: 'Send several batches',
    source: 'documented',
  },
  FailedDependency: {
    statuses: [424],
    text: 'a request of a batch was not carried out',
    when: 'a request that it depends on (`dependsOn`) was refused',
    todo: 'See why the other one was refused',
    source: 'documented',
  },
  notAllowed: {
    statuses: [405],
    text: 'the method is not allowed here',
    when: 'the path exists, and does not take this method',
    todo: 'Use a method of the Allow header',
    source: 'documented',
  },
  notImplemented: {
    statuses: [501],
    text: 'this version of Rollcall does not do it',
    when: 'the operation, or a member of its body, is published but not built here',
    todo: 'See docs/reference/api.md for what is',
    source: 'own',
  },
  generalException: {
    statuses: [500],
    text: 'the server failed',
    when: 'a fault of the server itself; nothing was changed',
    todo: "Look for the request-id in the server's log, and report it",
    source: 'documented',
  },
  serviceNotAvailable: {
    statuses: [503],
    text: 'the server is not taking requests',
    when: 'it is shutting down or being reset',
    todo: 'Try again after Retry-After',
    source: 'documented',
  },
  unauthenticated: {
    statuses: [401],
    text: 'control does not know the caller',
    when: 'a request to /control comes from another machine or web site, or in production mode, without the admin key',
    todo: 'Send Authorization: Bearer <adminKey>',
    source: 'own',
  },
  conflict: {
    statuses: [409],
    text: 'a step that must come first is missing',
    when: 'control is asked for something whose prerequisite the directory does not have yet',
    todo: 'Do what rollcall-explanation names first',
    source: 'own',
  },
  notSupported: {
    statuses: [409],
    text: 'the clock is real',
    when: 'control is asked to wind a clock that is not virtual',
    todo: 'Start the server with --clock virtual',
    source: 'own',
  },
} as const satisfies Record<string, ErrorRow>

/** `error.code` of a refusal that is a word. */
export type WordErrorCode = keyof typeof wordErrors
