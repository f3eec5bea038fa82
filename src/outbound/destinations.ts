/**
 * Where applications may send the server: by callbacks, webhooks and prompts a bot makes it go to addresses of the bot's
 * choice. What an address itself tells is checked here; what it leads to, by the connector, as each connection is made.
 */
import { isIP } from 'node:net'
import type { Config } from '../config.ts'
import type { Connector, Lookup } from './connector.ts'
import { createConnector } from './connector.ts'
import { isAtHost } from './hosts.ts'
import { publicAddresses } from './networks.ts'

/** What decides where the server may be sent. */
export interface DestinationParts {
  readonly config: Pick<Config, 'mode' | 'profile' | 'outboundNetworks'>
  /** The hosts that an application may name; undefined if it may name any. */
  readonly hostsOf: (appId: string) => readonly string[] | undefined
  readonly lookup?: Lookup
}

export interface Destinations {
  /** Why an address cannot be used, as a clause that follows its name; undefined if it can. */
  readonly problem: (uri: string, appId?: string) => string | undefined
  /** The part of this that is about the host. */
  readonly hostProblem: (url: URL, appId?: string) => string | undefined
  /** Why an application may not name this host, looking at the hosts of its own alone: cheap where it has none. */
  readonly unlisted: (uri: string | URL, appId: string) => string | undefined
  /** Makes the connections. */
  readonly connect: Connector
}

/** In production everything must be public; development is for bots on this machine and around it. */
export function createDestinations({ config, hostsOf, lookup }: DestinationParts): Destinations {
  const allows = config.mode === 'production' ? publicAddresses(config.outboundNetworks) : undefined
  const unlisted: Destinations['unlisted'] = (uri, appId) => {
    const hosts = hostsOf(appId)
    if (!hosts) return undefined
    const url = new URL(uri)
    if (isAtHost(url, hosts)) return undefined
    return `must be at a host that the directory allows the application (allowedHosts), which ${url.host} is not`
  }
  const hostProblem: Destinations['hostProblem'] = (url, appId) => {
    const known = addressIn(url)
    if (known !== undefined && allows?.(known) === false) {
      return `must be at a public address in production, which ${url.hostname} is not; name networks that are meant all the same in the option outboundNetworks`
    }
    return appId === undefined ? undefined : unlisted(url, appId)
  }
  return {
    unlisted,
    hostProblem,
    problem: (uri, appId) => {
      const url = URL.parse(uri)
      if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return 'must be an absolute https URL'
      if (url.username !== '' || url.password !== '') return 'must not hold a user name or password'
      if (url.protocol === 'http:' && !mayBePlain(url, config)) {
        return 'must be https; plain http is for this machine in development, or for --profile open'
      }
      return hostProblem(url, appId)
    },
    connect: createConnector(allows, lookup),
  }
}

/** Whether an http address may be used in place of https: of this machine in development, any in profile `open`. */
function mayBePlain(url: URL, { profile, mode }: Pick<Config, 'profile' | 'mode'>): boolean {
  return profile === 'open' || (mode === 'development' && isThisMachine(url))
}

function isThisMachine({ hostname }: URL): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

/** The network address that a URL names without a name service; `URL` has brought every spelling into one. */
function addressIn({ hostname }: URL): string | undefined {
  if (/^(.*\.)?localhost\.?$/.test(hostname)) return '127.0.0.1'
  const literal = hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(literal) === 0 ? undefined : literal
}
