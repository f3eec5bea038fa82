import type { CodeRow } from './code-row.ts'

/**
 * Why a notification could not be brought to a webhook at all, by the code that Node.js gives: what attempts, the
 * timeline and the message of an undelivered call say. A webhook that answers is judged by its status.
 */
export const deliveryFaults = {
  ECONNREFUSED: {
    text: 'nothing listens at that address',
    when: "the webhook's host is there, and no program takes connections on that port",
    todo: 'Start the bot, or correct callbackUri or notificationUrl; inside a container, localhost is the container',
    source: 'documented',
  },
  ENOTFOUND: {
    text: 'the host name is unknown',
    when: "the webhook's host name is not in the name service that this server asks",
    todo: 'Correct callbackUri or notificationUrl',
    source: 'documented',
  },
  EAI_AGAIN: {
    text: 'the host name could not be looked up',
    when: 'the name service did not answer',
    todo: 'Check the network and name service of the machine that Rollcall runs on',
    source: 'documented',
  },
  ECONNRESET: {
    text: 'the bot closed the connection without an answer',
    when: 'the connection broke before the answer',
    todo: 'See in the log of the bot, or of the proxy before it, what became of the request',
    source: 'documented',
  },
  UND_ERR_SOCKET: {
    text: 'the bot closed the connection without an answer',
    when: 'the connection was closed before the answer',
    todo: 'See in the log of the bot, or of the proxy before it, what became of the request',
    source: 'documented',
  },
  EHOSTUNREACH: {
    text: 'there is no route to the host',
    when: "the network knows no way to the webhook's host",
    todo: 'Check the address, and the network between the two',
    source: 'documented',
  },
  ERR_ADDRESS_NOT_PUBLIC: {
    text: 'its host is not at a public address, which it must be in production',
    when: 'in production the host of the webhook is, by the name service or by itself, this machine, in a private network or at another address that is not public',
    todo: 'Give the webhook a public address, or name its network in the option outboundNetworks',
    source: 'own',
  },
  ETIMEDOUT: {
    text: 'the connection could not be made in time',
    when: 'nothing answered at the address of the webhook',
    todo: 'Check the address, and that no firewall drops the connection',
    source: 'documented',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    text: "the bot's certificate is self-signed",
    when: 'the webhook is https with a certificate that nobody vouches for',
    todo: 'Start Rollcall with NODE_EXTRA_CA_CERTS=<the certificate>, or use http on this machine',
    source: 'documented',
  },
  CERT_HAS_EXPIRED: {
    text: "the bot's certificate has expired",
    when: 'the webhook is https with a certificate whose time is over',
    todo: 'Renew the certificate',
    source: 'documented',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    text: "the bot's certificate is for another host name",
    when: 'the webhook is https with a certificate that does not name its host',
    todo: 'Use the host name of the certificate in callbackUri, or another certificate',
    source: 'documented',
  },
} as const satisfies Record<string, CodeRow>

/** What an error of a connection means; undefined for one that has no row. */
export function deliveryFault(code: string): CodeRow | undefined {
  return Object.hasOwn(deliveryFaults, code) ? deliveryFaults[code as keyof typeof deliveryFaults] : undefined
}
