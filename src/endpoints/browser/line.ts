/** A leg of somebody at browser pages, from the first ring to the end. */
import type { PersonActs } from '../../calls/commands.ts'
import type { Conversation } from '../../calls/conversation.ts'
import type { Address, Identity } from '../../calls/identity.ts'
import type { EndReason } from '../../calls/reasons.ts'
import type { Watching } from '../../calls/seeing.ts'
import type { Place } from '../../media/engine.ts'
import type { Cancel } from '../../runtime.ts'
import type { Report } from '../endpoint.ts'

/** Which participant of which conversation a leg is. */
export interface LinePlace {
  readonly conversationId: string
  readonly participantId: string
}

/**
 * How far a leg is; what comes after `up` (in the lobby, held, in) is for its conversation to say.
 *
 *     ringing ──answered──► connecting ──sound connected──► up ──► ended
 *     calling ──they answer──► connecting        (joins) ──► connecting
 */
export type LinePhase = 'ringing' | 'calling' | 'connecting' | 'up' | 'ended'

/** A leg. Its endpoint alone changes it. */
export interface Line {
  /** What pages call it: the same for as long as the leg lives, also in another conversation. */
  readonly callId: string
  readonly direction: 'incoming' | 'outgoing'
  /** Who calls, or is called. */
  readonly other?: Identity
  /** Whose leg it is. */
  readonly address: Address
  /** As in the ring, if it was rung as part of a chain of fallbacks. */
  readonly link?: number
  place: LinePlace
  /** Tells the conversation in which the leg is now; a leg that has no conversation yet has none. */
  report?: Report
  phase: LinePhase
  /** When it came into its phase, on the product's clock. */
  since: number
  /** The page that has the sound, or is to have it. */
  page?: string
  /** The name of its sound at the engine; absent while there is none. */
  soundId?: string
  sound: 'none' | 'wanted' | 'connecting' | 'connected' | 'interrupted'
  /** Whom the page wants to see; absent before it said so. */
  watching?: Watching
  /** Whom the engine was told that the leg sees in its room, as text; absent if it sees nobody yet. */
  seen?: string
  /** What is due as soon as the sound is connected. */
  arrive?: () => void
  /** Until about when the page may come back, on the clock that pages are shown. */
  rejoinBy?: number
  cancelWait?: Cancel
  /** Has its sound be given up, if it does not connect. */
  cancelConnect?: Cancel
  end?: EndReason
}

const DEVICE = /^browser:([\w-]{1,64}):([\w-]{0,64})$/

/** How the core remembers where a leg is: at pages, by which name, and at which page if one has it. */
export function deviceOf({ callId, page = '' }: Pick<Line, 'callId' | 'page'>): string {
  return `browser:${callId}:${page}`
}

/** What the core has remembered; undefined if the leg is not at a page. */
export function readDevice({ device = '' }: Address): { readonly callId: string; readonly page?: string } | undefined {
  const [, callId, page] = DEVICE.exec(device) ?? []
  if (callId === undefined) return undefined
  return { callId, ...(page && { page }) }
}

/** Which link of a chain of fallbacks a leg is, as reports say it. */
export function linkOf({ link }: Line): { readonly link?: number } {
  return link === undefined ? {} : { link }
}

/** What somebody has done that holds wherever they are, as they would do it as `participantId`. */
export function standingOf(
  conversation: Conversation | undefined,
  { participantId: id }: LinePlace,
  participantId: string,
): readonly PersonActs[] {
  const person = conversation?.participants.find((one) => one.id === id)
  return [
    ...(person?.isMuted ? [{ type: 'PersonMutes', participantId, muted: true } as const] : []),
    ...(person?.camera ? [{ type: 'PersonShowsCamera', participantId, shown: true } as const] : []),
    ...(person?.away ? [{ type: 'PersonHolds', participantId, away: true } as const] : []),
  ]
}

/** Its sound has connected, or is not being connected any more. */
export function stopConnecting(line: Line): void {
  line.cancelConnect?.()
  delete line.cancelConnect
}

/** A place as engines know it. */
export function speakerAt({ conversationId, participantId }: LinePlace): Place {
  return { conversationId, speaker: participantId }
}

/** Names a place. */
export function placeKey({ conversationId, participantId }: LinePlace): string {
  return `${conversationId}/${participantId}`
}
