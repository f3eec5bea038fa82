/** Which network addresses anybody on the internet could have, and which are of this machine or its neighbours. */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Says of a network address, as text, whether the server may connect to it. */
export type Allows = (address: string) => boolean

/** The part of IPv6 that is given out to the public so far. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3')

/**
 * Allows public addresses, and those of some networks besides. IPv4 inside of IPv6 counts as what it stands for when
 * it is merely mapped; translations (NAT64, 6to4, Teredo) are not public: where they lead is decided elsewhere.
 * @param networks in CIDR notation, such as `10.20.0.0/16`
 */
export function publicAddresses(networks: readonly string[] = []): Allows {
  const known = networks.map((network) => ipaddr.parseCIDR(network))
  return (text) => {
    if (isIP(text) === 0) return false
    const address = ipaddr.process(text)
    if (known.some((network) => isWithin(address, network))) return true
    return address.range() === 'unicast' && (address.kind() === 'ipv4' || isWithin(address, GLOBAL_UNICAST))
  }
}

type Address = ReturnType<typeof ipaddr.parse>

function isWithin(address: Address, [start, bits]: [Address, number]): boolean {
  return address.kind() === start.kind() && address.match(start, bits)
}
