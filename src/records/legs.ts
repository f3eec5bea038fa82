/** The legs of a conversation, read back from its events: who was tried, came in, left, and why. Pure. */
import type { Call, Modality } from '../calls/call.ts'
import type { Conversation } from '../calls/conversation.ts'
import type { Event } from '../calls/events.ts'
import type { Identity } from '../calls/identity.ts'
import type { EndReason } from '../calls/reasons.ts'
import { endReasons } from '../calls/reasons.ts'

/** What happened at one moment: a line of the timeline. */
export interface Moment {
  readonly at: number
  readonly events: readonly Event[]
}

/** One party's leg, as far as it came. Moments are milliseconds since the epoch. */
export interface Leg {
  readonly id: string
  readonly identity: Identity
  /** The application whose leg it is; absent for people and phones. */
  readonly appId?: string
  readonly direction?: Call['direction']
  /** Whether it was rung, and did not come of its own accord. */
  readonly rung: boolean
  readonly modalities: readonly Modality[]
  readonly startedAt: number
  readonly connectedAt?: number
  readonly endedAt?: number
  readonly reason?: EndReason
}

/** Everything that a record needs of what happened. */
export interface History {
  /** How the conversation began. */
  readonly mode: Conversation['mode']
  readonly escalatedAt?: number
  /** In the order in which they began. */
  readonly legs: readonly Leg[]
}

/** Whether a leg that was up ended for a reason that nobody chose. */
export function isAbnormal({ name }: EndReason): boolean {
  return endReasons[name].code >= 300
}

/** Reads the legs out of the events. Events that tell nothing of legs are passed over. */
export function legsOf(conversation: Conversation, moments: readonly Moment[]): History {
  const reading = new Reading(conversation)
  for (const { at, events } of moments) for (const event of events) reading.read(event, at)
  return reading.history()
}

type Of<Type extends Event['type']> = Extract<Event, { type: Type }>

class Reading {
  readonly #conversation: Conversation
  readonly #legs = new Map<string, Leg>()
  /** Ids of the applications' legs, by call. */
  readonly #byCall = new Map<string, string>()
  /** Applications that were there to record others, by participant: they have no part in the call. */
  readonly #recorders = new Set<string>()
  /** Legs of fallbacks, by the participant in whose place they are rung. */
  readonly #legIds = new Map<string, string>()
  #mode: Conversation['mode'] | undefined
  #escalatedAt: number | undefined
  #beganAt: number | undefined

  constructor(conversation: Conversation) {
    this.#conversation = conversation
  }

  read(event: Event, at: number): void {
    this.#beganAt ??= at
    switch (event.type) {
      case 'CallCreated':
        return this.#created(event, at)
      case 'CallStateChanged':
        return this.#stateChanged(event, at)
      case 'Escalated':
        this.#escalatedAt ??= at
        return undefined
      case 'InviteeRung':
        // Each one of a chain of fallbacks has a leg of its own.
        if (event.legId !== undefined) this.#legIds.set(event.participantId, event.legId)
        return this.#change(event, { rung: true }, at)
      case 'MoveAsked':
        return this.#change(event, { rung: true }, at)
      case 'ParticipantJoined':
        // A caller is heard of when it is connected, and was there from the beginning.
        return this.#change(event, event.lobby ? {} : { connectedAt: at }, this.#isDirect() ? this.#beganAt : at)
      case 'ParticipantAdmitted':
        return this.#change(event, { connectedAt: at }, at)
      case 'InviteeFailed':
      case 'ParticipantLeft':
        return this.#change(event, { endedAt: at, reason: event.reason }, this.#isDirect() ? this.#beganAt : at)
      case 'CameraChanged':
        return event.shown ? this.#showed(event.participantId, 'video') : undefined
      case 'ScreenSharingChanged':
        return event.sharing ? this.#showed(event.participantId, 'videoBasedScreenSharing') : undefined
      default:
        return undefined
    }
  }

  /** What somebody shows is part of their leg from then on. */
  #showed(participantId: string, modality: Modality): void {
    const leg = this.#legs.get(this.#legIds.get(participantId) ?? participantId)
    if (leg && !leg.modalities.includes(modality)) this.#put(leg, { modalities: [...leg.modalities, modality] })
  }

  history(): History {
    return {
      mode: this.#mode ?? this.#conversation.mode,
      ...(this.#escalatedAt !== undefined && { escalatedAt: this.#escalatedAt }),
      legs: [...this.#legs.values()],
    }
  }

  #isDirect(): boolean {
    return (this.#mode ?? this.#conversation.mode) === 'peerToPeer' && this.#escalatedAt === undefined
  }

  #created({ callId, appId, direction, mode }: Of<'CallCreated'>, at: number): void {
    this.#mode ??= mode
    const call = this.#conversation.calls.find(({ id }) => id === callId)
    const participantId = call?.participantId ?? callId
    if (call?.recorder) {
      this.#recorders.add(participantId)
      return
    }
    this.#byCall.set(callId, this.#legIds.get(participantId) ?? participantId)
    const own = direction === 'outgoing' ? call?.source.identity : call?.targets[0]?.identity
    const identity = own ?? { kind: 'application', id: appId, tenantId: this.#conversation.tenantId }
    const modalities = call?.requestedModalities.filter((one) => one !== 'unknown') ?? ['audio']
    const rung = direction === 'incoming'
    this.#change({ participantId, identity }, { appId, direction, modalities, rung }, at)
  }

  #stateChanged({ callId, from, to, reason }: Of<'CallStateChanged'>, at: number): void {
    const participantId = this.#byCall.get(callId)
    const leg = participantId === undefined ? undefined : this.#legs.get(participantId)
    if (!leg) return
    // A call that is established again after a transfer failed has been connected all the while.
    if (from === 'establishing' && to === 'established') this.#put(leg, { connectedAt: at })
    if (to === 'terminated') this.#put(leg, { endedAt: at, ...(reason && { reason }) })
  }

  /** Adds to a leg what is not known of it yet. @param startedAt for a leg that is heard of for the first time */
  #change(
    { participantId, identity }: { readonly participantId: string; readonly identity: Identity },
    news: Partial<Leg>,
    startedAt: number,
  ): void {
    if (this.#recorders.has(participantId)) return
    const id = this.#legIds.get(participantId) ?? participantId
    const known = this.#legs.get(id)
    this.#put(known ?? { id, identity, rung: false, modalities: ['audio' as const], startedAt }, news)
  }

  #put(leg: Leg, news: Partial<Leg>): void {
    const { appId, modalities, direction } = news
    const about = {
      ...(appId !== undefined && { appId }),
      ...(direction !== undefined && { direction }),
      ...(modalities && { modalities }),
    }
    this.#legs.set(leg.id, { ...news, ...leg, ...about, rung: leg.rung || news.rung === true })
  }
}
