/** How somebody is reached. An endpoint does what effects say and reports what came of it; it never changes state itself. */
import type { Admit, CallConnected, LegReport, PersonActs } from '../calls/commands.ts'
import type { Effect } from '../calls/effects.ts'
import type { MediaEffect, MediaEnded } from '../calls/media.ts'

/** The effects that concern a person's or phone's leg. */
export type LegEffect = Exclude<Effect, { type: 'Tell' | 'ConnectCall' } | MediaEffect>

/** The effect that concerns an application's own media. */
export type CallEffect = Extract<Effect, { type: 'ConnectCall' }>

/** Takes what an endpoint has to say to the conversation that the effect came from. */
export type Report = (report: LegReport | CallConnected | Admit | MediaEnded | PersonActs) => void

/** One way to reach people: at browser pages, by script, later SIP. */
export interface Endpoint<Handled extends Effect = LegEffect> {
  /** Starts what the effect asks for and returns at once; outcomes are reported, at any later time. */
  perform(conversationId: string, effect: Handled, report: Report): void
  /** Forgets every leg, without reports. */
  stop(): void
}

const MEDIA_EFFECTS: ReadonlySet<Effect['type']> = new Set<MediaEffect['type']>([
  'StartMedia',
  'StopMedia',
  'StartHoldMusic',
  'StopHoldMusic',
  'PrefetchMedia',
])

/** Whether an effect is for the media engine. */
export function isMediaEffect(effect: Effect): effect is MediaEffect {
  return MEDIA_EFFECTS.has(effect.type)
}
