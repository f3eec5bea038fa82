/** What the page says, in plain words. */
import type { CallEnd, CallView, PartyView } from '../../src/endpoints/browser/protocol.ts'
import { count } from '../shared/text.ts'
import { presenterOf, type Shows } from './stage.ts'
import type { Sound } from './state.ts'

const NOBODY = 'Somebody'

/** What a party is called. */
export function nameOf(party: PartyView | undefined): string {
  return party?.displayName || party?.id || NOBODY
}

/** So many of those who are in a call stand for it. */
const NAMED = 3

/** What a call is called: its subject, the other party, who is in it, or what it is. */
export function titleOf({ subject, other, kind, roster }: CallView): string {
  if (subject !== undefined && subject !== '') return subject
  if (other) return nameOf(other)
  if (kind === 'meeting') return 'Meeting'
  const others = roster.filter(({ me, inLobby }) => !me && !inLobby)
  const more = others.length > NAMED ? ' …' : ''
  return others.length === 0 ? 'Call' : `${others.slice(0, NAMED).map(nameOf).join(', ')}${more}`
}

/** Whom an incoming call comes from, and where it leads. */
export function incomingLine({ other, subject, kind, roster }: CallView): string {
  const others = roster.filter(({ me, displayName }) => !me && displayName !== other?.displayName).length
  const known = [subject ? `“${subject}”` : '', others > 0 ? `${count(others, 'other')} in it` : '']
  const more = known.filter((part) => part !== '')
  if (kind === 'peerToPeer' && more.length === 0) return 'calls you'
  const into = kind === 'peerToPeer' ? 'a call' : kind === 'meeting' ? 'a meeting' : 'a group call'
  return `asks you into ${[into, ...more].join(', ')}`
}

/** How far a call is. @param sound how its sound is, as the browser sees it: which it does before the server */
export function phaseLine(call: CallView, sound?: Sound['state']): string {
  if (!call.here && call.phase !== 'calling') return 'On another of your pages'
  if (call.onHold) return 'On hold'
  if (call.heldByOthers) return 'You are on hold'
  const isCut = sound === 'interrupted' && call.phase === 'connected'
  if (isCut || call.media === 'interrupted' || call.media === 'wanted') return 'Reconnecting …'
  const lines: Readonly<Record<CallView['phase'], string>> = {
    ringing: 'Ringing …',
    calling: 'Calling …',
    connecting: 'Connecting …',
    connected: 'Connected',
    lobby: 'In the lobby',
    held: 'A recorder is joining first …',
    ended: 'Ended',
  }
  return lines[call.phase]
}

/** Why a call is over: a title, and who it concerns. */
export function endLine({ cause }: CallEnd, call: CallView): string {
  const other = call.other ? nameOf(call.other) : 'The other side'
  const lines: Readonly<Record<CallEnd['cause'], string>> = {
    hungUp: 'You have left.',
    declined: call.direction === 'incoming' ? 'You have declined.' : `${other} has declined.`,
    answeredElsewhere: 'You have answered on another page.',
    missed: call.direction === 'incoming' ? 'You have missed the call.' : `${other} has not answered.`,
    busy: `${other} is in another call.`,
    notAdmitted: 'You were not let in.',
    removed: 'You were removed.',
    over: call.kind === 'meeting' ? 'The meeting is over.' : 'The call is over.',
    mediaFailed: 'The sound could not be connected.',
    movedElsewhere: 'The call goes on on another of your pages.',
    lost: 'The connection was lost.',
    unreachable: `${other} cannot be reached.`,
  }
  return lines[cause]
}

/** Why there is no microphone or camera, from the name of the browser's error. */
export function deviceLine(device: 'microphone' | 'camera', name: string): string {
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return `This page may not use the ${device}. Allow it in the browser, beside the address.`
    case 'NotFoundError':
    case 'OverconstrainedError':
      return `There is no ${device}.`
    case 'NotReadableError':
    case 'AbortError':
      return `Another program has the ${device}.`
    case 'insecure':
      return `Browsers give the ${device} to pages at https or localhost only.`
    default:
      return `The ${device} cannot be used.`
  }
}

/** Why a screen cannot be shown, from the name of the browser's error. */
export function screenLine(name: string): string {
  return name === 'NotAllowedError'
    ? 'The system does not let the browser show the screen. Allow it in the settings of the system.'
    : 'The screen cannot be shown.'
}

/** What one shows, and who presents, as it is said to who cannot see it. */
export function picturesLine(shows: Shows, call: CallView): string {
  const presenter = presenterOf(call)
  const parts = [
    shows.camera ? 'Your camera is on.' : '',
    shows.screen ? 'You present your screen.' : '',
    presenter ? `${nameOf(presenter)} presents.` : '',
  ]
  return parts.filter((part) => part !== '').join(' ')
}
