/**
 * Scripted people: users and phones without a live endpoint, who answer, decline, are busy and so on as their script says,
 * on the product's clock. For tests, CI and demos; the core cannot tell them from real people.
 */
import type { Address } from '../../calls/identity.ts'
import type { EndReason, ReasonName } from '../../calls/reasons.ts'
import { failureReason } from '../../calls/reasons.ts'
import type { Cancel, Clock } from '../../runtime.ts'
import type { Endpoint, LegEffect, Report } from '../endpoint.ts'
import type { Script } from './script.ts'

/** Finds the script of an address, at the moment when it is needed. */
export type ScriptLookup = (address: Address) => Script

/** One leg's pending steps. */
interface Leg {
  cancel: Cancel
  /** When the person will hang up, if their script says so and they are connected. */
  leaveAt?: number
}

type AnsweringScript = Extract<Script, { outcome: 'answer' | 'voicemail' }>

/** Makes the endpoint of scripted people. */
export function scriptedEndpoint(clock: Clock, scriptOf: ScriptLookup): Endpoint {
  const legs = new Map<string, Leg>()
  const keyOf = (conversationId: string, participantId: string): string => `${conversationId}/${participantId}`

  const forget = (key: string): Leg | undefined => {
    const leg = legs.get(key)
    leg?.cancel()
    legs.delete(key)
    return leg
  }
  const later = (key: string, at: number, step: () => void): void => {
    forget(key)
    legs.set(key, { cancel: clock.schedule(at, step) })
  }
  const leaveLater = (key: string, participantId: string, at: number, report: Report): void => {
    later(key, at, () => {
      legs.delete(key)
      report({ type: 'LegLeft', participantId })
    })
    const leg = legs.get(key)
    if (leg) leg.leaveAt = at
  }
  const stayFor = (key: string, participantId: string, script: Script, since: number, report: Report): void => {
    if (!answers(script) || script.leaveAfterMs === undefined) return
    leaveLater(key, participantId, since + script.leaveAfterMs, report)
  }
  /** From the lobby, the script lets the person in after a while if it says so. */
  const waitInLobby = (key: string, participantId: string, script: Script, since: number, report: Report): void => {
    if (!answers(script) || script.lobby?.admitAfterMs === undefined) return
    later(key, since + script.lobby.admitAfterMs, () => {
      legs.delete(key)
      report({ type: 'Admit', participantId })
      stayFor(key, participantId, script, clock.now(), report)
    })
  }

  const ring = (key: string, effect: Extract<LegEffect, { type: 'Ring' }>, report: Report): void => {
    const { participantId, address, since } = effect
    const script = scriptOf(address)
    if (script.outcome === 'ignore') return
    later(key, since + script.afterMs, () => {
      legs.delete(key)
      if (!answers(script)) {
        report({ type: 'LegFailed', participantId, reason: failureOf(script, address) })
        return
      }
      const lobby = script.lobby !== undefined
      const endpointType = script.outcome === 'voicemail' ? 'voicemail' : 'default'
      report({ type: 'LegConnected', participantId, endpointType, lobby })
      if (lobby) waitInLobby(key, participantId, script, clock.now(), report)
      else stayFor(key, participantId, script, clock.now(), report)
    })
  }
  const connect = (key: string, participantId: string, address: Address, report: Report): void => {
    report({ type: 'LegConnected', participantId, endpointType: 'default', lobby: false })
    stayFor(key, participantId, scriptOf(address), clock.now(), report)
  }
  const move = (key: string, effect: Extract<LegEffect, { type: 'MoveLeg' }>, report: Report): void => {
    const { participantId, from } = effect
    const before = forget(keyOf(from.conversationId, from.participantId))
    report({ type: 'LegConnected', participantId, endpointType: 'default', lobby: false })
    if (before?.leaveAt !== undefined) leaveLater(key, participantId, before.leaveAt, report)
  }

  return {
    perform(conversationId, effect, report) {
      const { participantId } = effect
      const key = keyOf(conversationId, participantId)
      switch (effect.type) {
        case 'Ring':
          return ring(key, effect, report)
        case 'ConnectLeg':
          return connect(key, participantId, effect.address, report)
        case 'MoveLeg':
          return move(key, effect, report)
        case 'WatchLeg': {
          const script = scriptOf(effect.address)
          if (effect.state === 'connected') stayFor(key, participantId, script, effect.since, report)
          if (effect.state === 'lobby') waitInLobby(key, participantId, script, effect.since, report)
          return undefined
        }
        case 'DropLeg':
          forget(key)
          return undefined
      }
    },
    stop() {
      for (const leg of legs.values()) leg.cancel()
      legs.clear()
    },
  }
}

function answers(script: Script): script is AnsweringScript {
  return script.outcome === 'answer' || script.outcome === 'voicemail'
}

/** The published reason for what a script does instead of answering. */
function failureOf(script: Exclude<Script, AnsweringScript | { outcome: 'ignore' }>, address: Address): EndReason {
  switch (script.outcome) {
    case 'decline':
      return failureReason('declined', address.kind)
    case 'fail':
      return { name: script.reason as ReasonName }
    default:
      return failureReason(script.outcome, address.kind)
  }
}
