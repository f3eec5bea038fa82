/** The hosts that the directory lets an application name, in callbacks, webhooks and prompts. */

/** Host, host with port, wildcard or origin; the host as `URL` spells it. */
const ENTRY = /^(?:(https?):\/\/)?(\*\.)?([^/?#@\s*]+)$/i

/**
 * Whether a text can stand in `allowedHosts`: `bot.example`, `*.bot.example`, `bot.example:8443`, `https://bot.example`.
 */
export function isHostEntry(text: string): boolean {
  return readEntry(text) !== undefined
}

/**
 * Whether an address is at one of the hosts. An entry without a port is for every port, one without a scheme for http
 * and https, and `*.` for every name below the host, the host itself not among them.
 */
export function isAtHost(url: URL, entries: readonly string[]): boolean {
  return entries.some((text) => {
    const entry = readEntry(text)
    if (!entry) return false
    const { scheme, wildcard, host } = entry
    if (scheme !== undefined && url.protocol !== `${scheme}:`) return false
    if (host.port !== '' ? portOf(url) !== host.port : scheme !== undefined && url.port !== '') return false
    return wildcard ? url.hostname.endsWith(`.${host.hostname}`) : url.hostname === host.hostname
  })
}

interface Entry {
  readonly scheme: string | undefined
  readonly wildcard: boolean
  readonly host: { readonly hostname: string; readonly port: string }
}

function readEntry(text: string): Entry | undefined {
  const [, scheme, wildcard, rest] = ENTRY.exec(text) ?? []
  const url = rest === undefined ? null : URL.parse(`http://${rest}`)
  if (rest === undefined || !url) return undefined
  // `URL` drops the port that is http's own.
  const port = /:(\d+)$/.exec(rest)?.[1] ?? ''
  return {
    scheme: scheme?.toLowerCase(),
    wildcard: wildcard !== undefined,
    host: { hostname: url.hostname, port: port === '' ? '' : String(Number(port)) },
  }
}

function portOf({ port, protocol }: URL): string {
  return port === '' ? (protocol === 'https:' ? '443' : '80') : port
}
