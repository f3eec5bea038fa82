import type { Rules } from './calls/draft.ts'
import type { Config } from './config.ts'

/** The rules of the core, as the options have them. */
export function rulesOf(config: Config): Rules {
  const { ringTimeout, setupTimeout, answerTimeout, keepAliveTimeout, lobbyTimeout, maxCallDuration } = config
  const { operationRetention, callRetention, maxParticipants, maxAudioRoutingGroups } = config
  const { mediaQueueLimit, mediaTimeout } = config
  return {
    ringTimeout,
    setupTimeout,
    answerTimeout,
    keepAliveTimeout,
    lobbyTimeout,
    maxCallDuration,
    operationRetention,
    callRetention,
    maxParticipants,
    maxAudioRoutingGroups,
    mediaQueueLimit,
    mediaTimeout,
    applicationsMayBeInvited: config.profile === 'open',
  }
}
