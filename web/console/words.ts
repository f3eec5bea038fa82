/** What the console says, in plain words. */
import type { LiveConversation, LiveFilter, LivePeople, LiveView } from '../../src/control/live-view.ts'
import { count } from '../shared/text.ts'

type Sound = LiveView['sound']

/** How much room there is for more people. */
export interface Room {
  /** `idle`: nobody has needed sound yet. `broken`: it broke down, and starts anew with the next connection. */
  readonly level: 'idle' | 'room' | 'near' | 'full' | 'broken' | 'down' | 'off'
  readonly label: string
  readonly sentence: string
}

/** With less room than this share of all that fit, it is nearly full. */
const NEAR = 0.1
/** What comes so much late is heard, in milliseconds: buffers are empty by then. */
const HEARD_LATE = 40

/** How much room there is for more people, in one sentence. */
export function roomOf(sound: Sound): Room {
  const { running, restarts, downFor, limits, legs, capacityLeft: left } = sound
  if (limits.legs === 0) {
    return { level: 'off', label: 'Off', sentence: 'Sound is turned off: the option maxMediaLegs is 0.' }
  }
  if (downFor !== undefined) {
    const tried = `it is started again in ${count(Math.ceil(downFor / 1000), 'second')} at the earliest`
    return { level: 'down', label: 'Down', sentence: `Sound broke down too often: ${tried}.` }
  }
  if (left === 0) {
    const bound =
      legs >= limits.legs
        ? `the option maxMediaLegs allows ${limits.legs}`
        : `mixing has what mediaLoadLimit allows of a core, ${percent(limits.load)}`
    const sentence = `Full: invites of people at browsers are refused with 429 until somebody leaves (${bound}).`
    return { level: 'full', label: 'Full', sentence }
  }
  const more = `${left} ${noun(left)}`
  if (!running && restarts > 0) {
    const sentence = `Sound broke down, and starts again with the next connection. Room for ${more}.`
    return { level: 'broken', label: 'Broke down', sentence }
  }
  if (!running) {
    const sentence = `Sound starts with the first person who connects. Room for up to ${more}.`
    return { level: 'idle', label: 'Not started', sentence }
  }
  if (left <= Math.max(1, NEAR * (legs + left))) {
    return { level: 'near', label: 'Nearly full', sentence: `Nearly full: room for ${left} more ${noun(left)}.` }
  }
  const sentence =
    sound.costOfLeg === 0
      ? `Room for up to ${left} more ${noun(left)}; what each costs is not measured yet.`
      : `Room for about ${left} more ${noun(left)}.`
  return { level: 'room', label: 'Room', sentence }
}

function noun(number: number): string {
  return number === 1 ? 'person' : 'people'
}

/** How many of those who fit are connected. */
export function takenLine({ legs, capacityLeft, limits }: Sound): string {
  const possible = legs + capacityLeft
  // What the processor bears is an estimate; what an option says is not.
  return `${legs} of ${possible < limits.legs ? 'about ' : ''}${possible} connected by sound`
}

/** What else an operator must know of sound; empty if nothing. */
export function troublesOf({ restarts, worstLate, running, dropped }: Sound): readonly string[] {
  return [
    ...(restarts > 0 ? [`Sound broke down ${count(restarts, 'time')} since the server started.`] : []),
    ...(running && worstLate >= HEARD_LATE ? [`Sound stutters: a frame came ${Math.round(worstLate)} ms late.`] : []),
    ...(dropped > 0 ? [`The process that mixes did not keep up: ${count(dropped, 'message')} left out.`] : []),
  ]
}

/** The figures of sound, each with its name. */
export function figuresOf(sound: Sound): readonly (readonly [name: string, figure: string])[] {
  const { pictures, costOfLeg } = sound
  return [
    ['Connected', String(sound.legs)],
    ['Room for', `${sound.capacityLeft} more`],
    ['Calls mixed', String(sound.rooms)],
    ['Mixing takes', `${percent(sound.load)} of a core; ${percent(sound.limits.load)} allowed`],
    ['Each counts for', costOfLeg === 0 ? 'not measured yet' : `${percent(costOfLeg)} of a core`],
    ['All of sound takes', `${sound.cores.toFixed(2)} cores`],
    ['Turned away', String(sound.refused)],
    ['Frames that were late', `${sound.lateTicks} of ${sound.ticks}`],
    ['Breakdowns', String(sound.restarts)],
    ['Pictures', `${pictures.sent} sent, ${pictures.seen} seen`],
    ['Packets of pictures', `${Math.round(pictures.packets)} a second`],
  ]
}

/** A share as `12 %`, with a digit more where it is small. */
export function percent(share: number): string {
  const value = share * 100
  return `${value === 0 || value >= 10 ? Math.round(value) : value.toFixed(value < 1 ? 2 : 1)} %`
}

export const STATE_NAMES: Readonly<Record<LiveFilter, string>> = {
  incoming: 'Incoming',
  establishing: 'Establishing',
  redirecting: 'Redirecting',
  established: 'Established',
  transferring: 'Transferring',
  ringing: 'Somebody is rung',
  lobby: 'Somebody waits in the lobby',
  onHold: 'Somebody is on hold',
}

/** How many people a conversation has, and where each of them is. */
export function peopleLine(people: LivePeople): string {
  const { connected, onHold, ringing, calling, lobby, held } = people
  const parts = [
    connected > 0 ? `${connected} connected${onHold > 0 ? ` (${onHold} on hold)` : ''}` : '',
    ringing > 0 ? `${ringing} ringing` : '',
    calling > 0 ? `${calling} calling` : '',
    lobby > 0 ? `${lobby} in the lobby` : '',
    held > 0 ? `${held} waiting for a recorder` : '',
  ]
  return parts.filter((part) => part !== '').join(', ') || 'Nobody'
}

/** What a conversation is called: its subject, or who is in it. */
export function titleOf(conversation: LiveConversation): string {
  const { subject } = conversation
  return subject !== undefined && subject !== '' ? subject : namesLine(conversation)
}

/** Who is in a conversation, or on the way. */
export function namesLine({ names, people }: LiveConversation): string {
  const { connected, ringing, calling, lobby, held } = people
  const more = connected + ringing + calling + lobby + held - names.length
  if (names.length === 0) return 'Nobody yet'
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** What a conversation is, which applications are in it, and whose it is. */
export function aboutLine({ mode, calls, moreCalls, tenant }: LiveConversation): string {
  const kinds = { peerToPeer: 'Call of two', group: 'Group call', meeting: 'Meeting' } as const
  const applications = calls.map(({ displayName, appId }) => displayName ?? appId)
  if (moreCalls > 0) applications.push(`${moreCalls} more`)
  const by = applications.length === 0 ? 'no application' : applications.join(', ')
  return [kinds[mode], by, tenant.name ?? tenant.id].join(' · ')
}

/** A moment of the product's clock as people read it, in UTC. */
export function momentText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
}
