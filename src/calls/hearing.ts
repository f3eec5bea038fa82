/**
 * Who hears whom in a conversation, and how loud: what mute, hold, the lobby, audio routing groups and the mixer's levels
 * come to. Recordings, live mixes and the proof of who heard whom all follow it.
 */
import type { Call, MixerLevel } from './call.ts'
import { canHear, hasMedia, isIn } from './call.ts'
import type { Conversation } from './conversation.ts'
import type { Participant } from './participant.ts'
import { isConnected } from './participant.ts'

/** How loud each speaker is to somebody: linear, 1 is as spoken. Whoever is not in it is not heard. */
export type Gains = Readonly<Record<string, number>>

/** Others who are lowered for a listener while certain speakers talk: the mixer's `duckOthers`. */
export interface Ducking {
  /** Who lowers the others. */
  readonly by: readonly string[]
  /** What the listener hears while one of them talks. */
  readonly lowered: Gains
  /** How long the volume takes to fall, and to rise again, in milliseconds. */
  readonly rampActive: number
  readonly rampInactive: number
}

/**
 * Who hears whom. Speakers and listeners have the same names: a person's participant id, or the id of an application's
 * call. Hold music is a speaker, too (`holdMusicFor`). Nobody hears themselves.
 */
export interface Hearing {
  /** The common mix: how loud each speaker is in it. */
  readonly room: Gains
  /** Whoever hears something else than the room without themselves, and what. */
  readonly apart: Readonly<Record<string, Gains>>
  /** Of whom others are lowered at times; they are all in `apart`, which says what they hear else. */
  readonly ducking: Readonly<Record<string, Ducking>>
  /** Everybody who hears something; whoever is not named is deaf. */
  readonly listeners: readonly string[]
}

/** Where nobody hears anybody. */
export const silence: Hearing = { room: {}, apart: {}, ducking: {}, listeners: [] }

/** The name under which a participant is heard, and hears; undefined for something of the service's own. */
export function speakerOf({ id, party }: Pick<Participant, 'id' | 'party'>): string | undefined {
  if (party.type === 'service') return undefined
  return party.type === 'application' ? party.callId : id
}

const HOLD_MUSIC = 'hold-music:'

/** The speaker whose voice is the music that a participant on hold hears. */
export function holdMusicFor(participantId: string): string {
  return HOLD_MUSIC + participantId
}

/** Whether a speaker is somebody's hold music. */
export function isHoldMusic(speaker: string): boolean {
  return speaker.startsWith(HOLD_MUSIC)
}

/** One party whose sound is carried. */
interface Ear {
  readonly id: string
  readonly name: string
  readonly participant: Participant
}

/**
 * Who hears whom as the conversation is now.
 *
 * - Whoever rings, calls, waits in the lobby or for a recorder, has no audio, or is something of the service's own neither
 *   hears nor is heard (contract: lobby, policy recording, joining without media); nor does an application whose own media
 *   is away. One whose media only speaks does not hear.
 * - Whoever has put the call on hold themselves neither hears nor is heard.
 * - Whoever is muted hears, and is not heard (contract: mute is a server mute).
 * - Whoever is on hold hears music alone and is not heard (contract: start hold music).
 * - Everybody else hears everybody else, unless they were kept out of the default mix when they were brought in
 *   (`removeFromDefaultAudioRoutingGroup`, `removeFromDefaultAudioGroup`): they neither hear it nor are in it.
 * - A routing group adds its source to what its receivers hear (contract: audio routing groups).
 * - The mixer's levels are percentages; `exclusiveMode` leaves the named sources alone (contract: configureMixer).
 */
export function hearingOf({ participants, calls, audioRoutingGroups }: Conversation): Hearing {
  const ears = earsOf(participants, calls)
  const held = heldBy(calls)
  const isHeard = ({ id, participant }: Ear): boolean => !participant.isMuted && !held.has(id)
  const room: Record<string, number> = {}
  for (const ear of ears) if (isHeard(ear) && !ear.participant.outsideDefaultMix) room[ear.name] = 1
  const byId = new Map(ears.map((ear) => [ear.id, ear]))
  const routed = new Map<string, string[]>()
  for (const { sources, receivers } of audioRoutingGroups) {
    const names = sources.flatMap((id) => {
      const ear = byId.get(id)
      return ear && isHeard(ear) ? [ear.name] : []
    })
    for (const receiver of receivers) routed.set(receiver, [...(routed.get(receiver) ?? []), ...names])
  }
  const mixers = levelsOf(calls)
  const apart: Record<string, Gains> = {}
  const ducking: Record<string, Ducking> = {}
  for (const { id, name, participant } of ears) {
    if (held.has(id)) {
      apart[name] = { [holdMusicFor(id)]: 1 }
      continue
    }
    const further = (routed.get(id) ?? []).filter(
      (speaker) => !Object.hasOwn(room, speaker) || participant.outsideDefaultMix,
    )
    const levels = mixers.get(id)
    if (!participant.outsideDefaultMix && further.length === 0 && !levels) continue
    const open: Record<string, number> = participant.outsideDefaultMix ? {} : { ...room }
    for (const speaker of further) open[speaker] = 1
    delete open[name]
    apart[name] = levels ? mixed(open, levels, byId) : open
    const ducked = levels && duckingOf(open, levels, byId)
    if (ducked) ducking[name] = ducked
  }
  const deaf = new Set(calls.flatMap((call) => (canHear(call) ? [] : [call.id])))
  return { room, apart, ducking, listeners: ears.map(({ name }) => name).filter((name) => !deaf.has(name)) }
}

/** Everybody who is in, with their sound. */
function earsOf(participants: readonly Participant[], calls: readonly Call[]): readonly Ear[] {
  const inside = new Set(calls.filter((call) => isIn(call) && hasMedia(call)).map(({ id }) => id))
  return participants.flatMap((participant) => {
    const { id, party, audio } = participant
    const name = speakerOf(participant)
    if (name === undefined || !audio || participant.away || !isConnected(participant)) return []
    return party.type === 'application' && !inside.has(party.callId) ? [] : [{ id, name, participant }]
  })
}

/** The participants whom applications have on hold. */
function heldBy(calls: readonly Call[]): ReadonlySet<string> {
  return new Set(calls.flatMap(({ hold }) => (hold ? [hold.participantId] : [])))
}

type Levels = readonly MixerLevel[]

/** What the applications' mixers say, by listener. */
function levelsOf(calls: readonly Call[]): ReadonlyMap<string, Levels> {
  const all = new Map<string, Levels>()
  for (const { mixerLevels } of calls.filter(isIn)) {
    for (const level of mixerLevels ?? [])
      all.set(level.participantId, [...(all.get(level.participantId) ?? []), level])
  }
  return all
}

/** What a listener hears by the levels that are set for them: where several applications disagree, the lowest. */
function mixed(open: Gains, levels: Levels, byId: ReadonlyMap<string, Ear>): Gains {
  const gains: Record<string, number> = {}
  for (const [speaker, gain] of Object.entries(open)) {
    const lowest = Math.min(...levels.map((level) => levelOf(speaker, level, byId)))
    if (lowest > 0) gains[speaker] = gain * lowest
  }
  return gains
}

function levelOf(speaker: string, level: MixerLevel, byId: ReadonlyMap<string, Ear>): number {
  const source = sourceOf(speaker, level, byId)
  if (level.exclusive && !source) return 0
  const own = source ? share(source.level) : 1
  return ducksOthers(level) && !source?.duckOthers ? own * share(upperOf(level)) : own
}

function duckingOf(open: Gains, levels: Levels, byId: ReadonlyMap<string, Ear>): Ducking | undefined {
  const ducks = levels.filter(ducksOthers)
  if (ducks.length === 0) return undefined
  const lowered: Record<string, number> = {}
  for (const [speaker, gain] of Object.entries(open)) {
    const lowest = Math.min(
      ...levels.map((level) => {
        const { duckOthers } = sourceOf(speaker, level, byId) ?? {}
        const now = levelOf(speaker, level, byId)
        if (!ducksOthers(level) || duckOthers) return now
        const source = sourceOf(speaker, level, byId)
        return level.exclusive && !source ? 0 : share(source?.level ?? FULL) * share(lowerOf(level))
      }),
    )
    if (lowest > 0) lowered[speaker] = gain * lowest
  }
  const ramps = ducks.map(({ ducking = DUCKING }) => ducking)
  return {
    by: Object.keys(open).filter((speaker) => ducks.some((level) => sourceOf(speaker, level, byId)?.duckOthers)),
    lowered,
    rampActive: Math.max(...ramps.map(({ rampActive }) => rampActive)),
    rampInactive: Math.max(...ramps.map(({ rampInactive }) => rampInactive)),
  }
}

/** The loudest level: as spoken. */
const FULL = 100
/** What `duckOthers` does where nothing is said of it. */
const DUCKING = { rampActive: 50, rampInactive: 50, lowerLevel: 10, upperLevel: FULL }

function ducksOthers({ sources }: MixerLevel): boolean {
  return sources.some(({ duckOthers }) => duckOthers)
}

function upperOf({ ducking = DUCKING }: MixerLevel): number {
  return Math.max(ducking.upperLevel, ducking.lowerLevel)
}

function lowerOf({ ducking = DUCKING }: MixerLevel): number {
  return Math.min(ducking.upperLevel, ducking.lowerLevel)
}

function sourceOf(
  speaker: string,
  { sources }: MixerLevel,
  byId: ReadonlyMap<string, Ear>,
): MixerLevel['sources'][number] | undefined {
  return sources.find(({ participantId }) => byId.get(participantId)?.name === speaker)
}

function share(level: number): number {
  return Math.min(level, FULL) / FULL
}

/** What a listener hears, by speaker. @param talking who talks now, where somebody lowers others by talking */
export function heardBy(hearing: Hearing, listener: string, talking: ReadonlySet<string> = NOBODY): Gains {
  if (!hearing.listeners.includes(listener)) return {}
  const ducking = own(hearing.ducking, listener)
  if (ducking?.by.some((speaker) => talking.has(speaker))) return ducking.lowered
  const apart = own(hearing.apart, listener)
  if (apart) return apart
  const { [listener]: _, ...others } = hearing.room
  return others
}

const NOBODY: ReadonlySet<string> = new Set()

/** Ids are made by others: `constructor` is nobody. */
function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** How loud a speaker is to a listener; 0 if they are not heard. */
export function gainOf(hearing: Hearing, speaker: string, listener: string, talking?: ReadonlySet<string>): number {
  return own(heardBy(hearing, listener, talking), speaker) ?? 0
}

/** Who hears whom while some talk: with `ducking` decided. */
export function whileTalking(hearing: Hearing, talking: ReadonlySet<string>): Hearing {
  const names = Object.keys(hearing.ducking)
  if (names.length === 0) return hearing
  const apart = { ...hearing.apart }
  for (const name of names) apart[name] = heardBy(hearing, name, talking)
  return { ...hearing, apart, ducking: {} }
}

/** Whether two say the same. */
export function isSameHearing(one: Hearing, other: Hearing): boolean {
  return (
    one === other ||
    (one.listeners.length === other.listeners.length &&
      one.listeners.every((name, index) => name === other.listeners[index]) &&
      isSame(one.room, other.room) &&
      isSame(one.apart, other.apart) &&
      isSame(one.ducking, other.ducking))
  )
}

type Plain = Readonly<Record<string, unknown>>

function isSame(one: Plain, other: Plain): boolean {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => isSameValue(one[name], other[name]))
}

function isSameValue(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) return one === other
  return isSame(one as Plain, other as Plain)
}
