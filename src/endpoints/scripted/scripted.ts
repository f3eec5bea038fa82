/**
 * Scripted people: users and phones without a live endpoint, who answer, decline, are busy and so on as their script says,
 * on the product's clock. For tests, CI and demos; the core cannot tell them from real people.
 */
import type { Address } from '../../calls/identity.ts'
import type { EndReason } from '../../calls/reasons.ts'
import { failureReason } from '../../calls/reasons.ts'
import type { Cancel, Clock } from '../../runtime.ts'
import type { Endpoint, LegEffect, Report } from '../endpoint.ts'
import type { Acts, Place, Stage } from './performance.ts'
import { Performances } from './performance.ts'
import type { AnswerScript, IgnoreScript, Script } from './script.ts'
import type { Saying } from './steps.ts'

/** Finds the script of an address, at the moment when it is needed. */
export type ScriptLookup = (address: Address) => Script

/** The next step of one leg's script. */
interface Step {
  readonly cancel: Cancel
  /** When the person will hang up, if that is the step. */
  readonly leaveAt?: number
}

/** One leg while its script runs. */
interface Leg extends Place {
  readonly script: Script
  readonly report: Report
  /** Of a chain of fallbacks: which link it is, for its reports. */
  readonly chain: { readonly link?: number }
}

type LegEffectOf<Type extends LegEffect['type']> = Extract<LegEffect, { type: Type }>

/** The endpoint of scripted people. It holds one pending step per leg, and nothing for a leg that has none. */
export class ScriptedEndpoint implements Endpoint {
  readonly #clock: Clock
  readonly #scriptOf: ScriptLookup
  readonly #performances: Performances
  readonly #steps = new Map<string, Step>()

  constructor(stage: Stage, scriptOf: ScriptLookup) {
    this.#clock = stage.clock
    this.#performances = new Performances(stage)
    this.#scriptOf = scriptOf
  }

  perform(conversationId: string, effect: LegEffect, report: Report): void {
    const { participantId, address } = effect
    const place = { conversationId, participantId }
    if (effect.type === 'DropLeg') return this.left(place)
    const chain = effect.type === 'Ring' && effect.link !== undefined ? { link: effect.link } : {}
    const leg = { ...place, script: this.#scriptOf(address), report, chain }
    switch (effect.type) {
      case 'Ring':
        return this.#ring(leg, effect)
      case 'ConnectLeg':
        return this.#connected(leg, this.#clock.now())
      case 'MoveLeg':
        return this.#move(leg, effect)
      case 'WatchLeg':
        return this.#watch(leg, effect)
    }
  }

  /** Somebody says something that their script does not say. @returns whether there is such a sound */
  say(place: Place, saying: Saying): boolean {
    return this.#performances.say(place, saying) !== undefined
  }

  /** Somebody has left, or was put out: their script is over. */
  left(place: Place): void {
    this.#forget(place)
    this.#performances.end(place)
  }

  stop(): void {
    for (const { cancel } of this.#steps.values()) cancel()
    this.#steps.clear()
    this.#performances.stop()
  }

  #ring(leg: Leg, effect: LegEffectOf<'Ring'>): void {
    const { script, participantId, report, chain } = leg
    if (!rings(script)) return this.#decide(leg, effect)
    this.#later(leg, this.#clock.now(), () => {
      report({ type: 'LegRinging', participantId, ...chain })
      this.#decide(leg, effect)
    })
  }

  /** What comes of the ring, at its time. */
  #decide(leg: Leg, { address, since }: LegEffectOf<'Ring'>): void {
    const { script, participantId, report, chain } = leg
    if (script.outcome === 'ignore') return
    this.#later(leg, since + script.afterMs, () => {
      if (answers(script)) this.#connected(leg, this.#clock.now(), script)
      else report({ type: 'LegFailed', participantId, ...chain, reason: failureOf(script, address) })
    })
  }

  /** The leg is up, or in the lobby if an answering script says so. */
  #connected(leg: Leg, since: number, answered?: AnswerScript): void {
    const { participantId, report } = leg
    const lobby = answered?.lobby !== undefined
    const endpointType = answered?.outcome === 'voicemail' ? 'voicemail' : 'default'
    report({ type: 'LegConnected', participantId, ...leg.chain, endpointType, lobby })
    if (lobby) this.#waitInLobby(leg, since)
    else this.#stay(leg, since)
  }

  /** A leg that moves keeps the moment at which its person will hang up, and the steps that are left. */
  #move(leg: Leg, { from }: LegEffectOf<'MoveLeg'>): void {
    const { participantId, report } = leg
    const before = this.#forget(from)
    report({ type: 'LegConnected', participantId, endpointType: 'default', lobby: false })
    this.#performances.move(from, leg, actsOf(leg))
    if (before?.leaveAt !== undefined) this.#leaveAt(leg, before.leaveAt)
  }

  #watch(leg: Leg, { state, since }: LegEffectOf<'WatchLeg'>): void {
    if (state === 'connected') this.#stay(leg, since)
    else if (state === 'lobby') this.#waitInLobby(leg, since)
    else if (state === 'held') this.#waitToBeLetIn(leg, since)
  }

  /** Whoever is held says nothing, and begins with their script when they are in; but they can lose their patience. */
  #waitToBeLetIn(leg: Leg, since: number): void {
    const { script } = leg
    this.#performances.end(leg)
    if (answers(script) && script.leaveAfterMs !== undefined) this.#leaveAt(leg, since + script.leaveAfterMs)
  }

  #stay(leg: Leg, since: number): void {
    const { script } = leg
    this.#forget(leg)
    if (!answers(script)) return
    if (script.leaveAfterMs !== undefined) this.#leaveAt(leg, since + script.leaveAfterMs)
    if (script.steps) this.#performances.begin(leg, script.steps, since, actsOf(leg))
  }

  #leaveAt(leg: Leg, at: number): void {
    const { participantId, report, chain } = leg
    this.#later(leg, at, () => {
      this.left(leg)
      report({ type: 'LegLeft', participantId, ...chain })
    })
    const key = keyOf(leg)
    const step = this.#steps.get(key)
    if (step) this.#steps.set(key, { ...step, leaveAt: at })
  }

  /** The script may let its person in from the lobby after a while, as an organizer would. */
  #waitInLobby(leg: Leg, since: number): void {
    const { script, participantId, report } = leg
    if (!answers(script) || script.lobby?.admitAfterMs === undefined) return
    this.#later(leg, since + script.lobby.admitAfterMs, () => report({ type: 'Admit', participantId }))
  }

  /** Sets the leg's next step, in place of the one it had. */
  #later(leg: Leg, at: number, step: () => void): void {
    const key = keyOf(leg)
    this.#forget(leg)
    const cancel = this.#clock.schedule(at, () => {
      this.#steps.delete(key)
      step()
    })
    this.#steps.set(key, { cancel })
  }

  #forget(place: Place): Step | undefined {
    const key = keyOf(place)
    const step = this.#steps.get(key)
    step?.cancel()
    this.#steps.delete(key)
    return step
  }
}

function keyOf({ conversationId, participantId }: Place): string {
  return `${conversationId}/${participantId}`
}

/** Whether there is a ring to be heard before the outcome: busy and unreachable people's phones stay silent. */
function rings(script: Script): boolean {
  if (script.outcome === 'ignore') return true
  return (answers(script) || script.outcome === 'decline') && script.afterMs > 0
}

/** How somebody presses a key, and has the call transcribed. */
function actsOf({ participantId, report }: Leg): Acts {
  return {
    press: (tone) => report({ type: 'TonePressed', participantId, tone }),
    transcribe: (on) => report({ type: 'Transcribe', on, participantId }),
  }
}

function answers(script: Script): script is AnswerScript {
  return script.outcome === 'answer' || script.outcome === 'voicemail'
}

/** The published reason for what a script does instead of answering. */
function failureOf(script: Exclude<Script, AnswerScript | IgnoreScript>, address: Address): EndReason {
  switch (script.outcome) {
    case 'decline':
      return failureReason('declined', address.kind)
    case 'fail':
      return { name: script.reason }
    default:
      return failureReason(script.outcome, address.kind)
  }
}
