/** What may be agreed on for a leg of plain RTP. */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { RtpAddress, RtpTerms } from '../engine.ts'

/** Formats that may be agreed on. */
const MOST_FORMATS = 8
const CLOCKS: readonly number[] = [8000, 16_000, 48_000]

/** The terms as they are kept, or what is wrong with them: a sentence. */
export function readTerms(terms: RtpTerms, bound: string | undefined): RtpTerms | { readonly problem: string } {
  const { formats, keys, remote, rtcp } = terms
  if (formats.length === 0 || formats.length > MOST_FORMATS)
    return { problem: `Between one and ${MOST_FORMATS} formats of sound can be agreed on, not ${formats.length}.` }
  const types = [...formats, ...(keys ? [keys] : [])].flatMap(({ comesAs, goesAs }) => [comesAs, goesAs])
  if (!types.every((type) => Number.isInteger(type) && type >= 0 && type <= 127))
    return { problem: 'Payload types are numbers from 0 to 127.' }
  if (keys && !CLOCKS.includes(keys.clock))
    return { problem: `Keys have a clock of ${CLOCKS.join(', ')} Hz, not ${keys.clock}.` }
  for (const one of [remote, rtcp]) {
    const problem = one && one !== 'same' ? problemOf(one, bound) : undefined
    if (problem !== undefined) return { problem }
  }
  return {
    ...terms,
    ...(remote && { remote: written(remote) }),
    ...(rtcp && { rtcp: rtcp === 'same' ? rtcp : written(rtcp) }),
  }
}

function problemOf({ address, port }: RtpAddress, bound: string | undefined): string | undefined {
  const family = isIP(address)
  if (family === 0) return 'The other side of plain RTP is at an IP address, and not at a name.'
  if (family !== (bound === undefined ? 4 : isIP(bound)))
    return `Sound cannot be sent to ${address}: this side has no address of its kind.`
  if (ipaddr.parse(address).range() === 'unspecified' || !Number.isInteger(port) || port < 1 || port > 65_534)
    return `Sound cannot be sent to ${address}, port ${port}.`
  return undefined
}

/** As the system writes it when packets come from there. */
function written({ address, port }: RtpAddress): RtpAddress {
  return { address: ipaddr.parse(address).toString(), port }
}
