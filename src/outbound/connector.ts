/** How the server makes connections to addresses that applications name: each is checked as it is made. */
import type { LookupAddress, LookupOptions } from 'node:dns'
import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import { buildConnector } from 'undici'
import type { Allows } from './networks.ts'

/** Makes the connections of an HTTP client. */
export type Connector = buildConnector.connector

/** Asks the name service for every address of a host. */
export type Lookup = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  callback: (fault: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void

/** A connection that was not made, because of where it would lead. Its code is a row of `codes/delivery-faults.ts`. */
export class AddressRefused extends Error {
  readonly code = 'ERR_ADDRESS_NOT_PUBLIC'

  constructor() {
    super('the address is not a public one')
  }
}

/**
 * Connects to allowed addresses only. The name service is asked for each connection, and the very addresses that it
 * gave are checked and connected to: a name that leads elsewhere a moment later makes no difference.
 * @param allows undefined allows all
 * @param lookup the system's name service, unless a test has another
 */
export function createConnector(allows: Allows | undefined, lookup: Lookup = systemLookup): Connector {
  // Callers have time limits of their own, on the product's clock.
  if (!allows) return buildConnector({ timeout: 0 })
  const connect = buildConnector({ timeout: 0, lookup: checked(lookup, allows) })
  return (options, callback) => {
    const literal = options.hostname.replace(/^\[(.*)\]$/, '$1')
    if (isIP(literal) !== 0 && !allows(literal)) {
      queueMicrotask(() => callback(new AddressRefused(), null))
      return
    }
    connect(options, (...made) => {
      const [fault, socket] = made
      if (fault === null && !allows(socket.remoteAddress ?? '')) {
        socket.destroy()
        callback(new AddressRefused(), null)
      } else callback(...made)
    })
  }
}

function checked(lookup: Lookup, allows: Allows): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (fault, found) => {
      if (fault) return callback(fault, '')
      const allowed = found.filter(({ address }) => allows(address))
      const [first] = allowed
      if (!first) callback(new AddressRefused(), '')
      else if (options.all === true) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}
