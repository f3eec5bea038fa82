/** The addresses by which clients mean this server. On loopback there are several, and people write any of them. */
import { withoutTrailingSlashes } from './tokens.ts'

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** `baseUrl`, and beside it the other ways to write it if it leads to this machine; none with a slash at the end. */
export function ownAddresses(baseUrl: string): readonly string[] {
  const base = withoutTrailingSlashes(baseUrl)
  const url = new URL(base)
  if (!LOOPBACK.includes(url.hostname)) return [base]
  const others = LOOPBACK.filter((host) => host !== url.hostname)
  return [base, ...others.map((host) => withoutTrailingSlashes(withHost(url, host)))]
}

/**
 * The address that a client used, so that it gets back links to the host that it knows and trusts.
 * @param host the request's `Host`; anything but a name of this server stands for `baseUrl`
 */
export function addressUsed(host: string | undefined, baseUrl: string): string {
  const own = ownAddresses(baseUrl)
  return own.find((each) => new URL(each).host === host?.toLowerCase()) ?? own[0] ?? baseUrl
}

function withHost(url: URL, hostname: string): string {
  const other = new URL(url)
  other.hostname = hostname
  return other.href
}
