/** Where the server may be told to send something. */
import type { Config } from '../config.ts'
import { mayBePlain } from '../config.ts'

/**
 * Why an address may not be sent to, as a sentence; undefined if it may: anywhere by https, by http too in profile `open`,
 * and to this machine in development.
 * @param name the member that holds it
 */
export function addressBarrier(
  name: string,
  uri: string,
  config: Pick<Config, 'profile' | 'mode'>,
): string | undefined {
  const url = URL.canParse(uri) ? new URL(uri) : undefined
  if (url?.protocol === 'https:') return undefined
  if (url?.protocol !== 'http:') return `${name} must be an absolute https URL.`
  if (mayBePlain(url, config)) return undefined
  return `${name} must be https; plain http is for this machine in development, or for --profile open.`
}
