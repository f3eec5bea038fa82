import type { Rules } from './calls/draft.ts'
import type { Config } from './config.ts'

/** The rules of the core, as the options have them. */
export function rulesOf(config: Config): Rules {
  return { ...config, applicationsMayBeInvited: config.profile === 'open' }
}
