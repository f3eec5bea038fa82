/**
 * What the page knows, and how that changes: pure, so that tests need no browser. The server's snapshots are the truth;
 * beside them stands only what it cannot know: how the connection is, what the person looks at, what was just asked.
 */
import type { CallView, Farewell, PartyView, StateMessage } from '../../src/endpoints/browser/protocol.ts'

/** How the page and the server are connected. */
export type Link =
  | { readonly state: 'connecting' }
  | { readonly state: 'online' }
  /** It comes back by itself; the next try is at `retryAt`. */
  | { readonly state: 'lost'; readonly retryAt: number }
  /** It does not come back by itself. */
  | { readonly state: 'refused'; readonly code: Farewell['code']; readonly explanation: string }

/** How a call's sound is, as the browser sees it. */
export interface Sound {
  readonly state: 'connecting' | 'connected' | 'interrupted'
  /** The others' sound has come, and could not be played until somebody has clicked. */
  readonly blocked: boolean
  /** Why nobody hears this person, if there is no microphone. */
  readonly noMicrophone: string | undefined
}

/** Something that went wrong and can be put away. */
export interface Notice {
  readonly id: number
  readonly text: string
}

/** Everything that the page shows follows from this. */
export interface PhoneState {
  readonly link: Link
  readonly person: PartyView | undefined
  /** All of the person's calls, the newest first. */
  readonly calls: readonly CallView[]
  /** The server's clock less the page's, in milliseconds. */
  readonly clockAhead: number
  /** How loud who is, from 0 to 1, by call and participant. */
  readonly levels: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly sounds: Readonly<Record<string, Sound>>
  /** What is asked and not answered yet, such as `answer c1`. */
  readonly asked: readonly string[]
  /** The call that the person looks at; undefined for the newest that is not over. */
  readonly chosen: string | undefined
  /** Ended calls that were put away. */
  readonly putAway: readonly string[]
  readonly notices: readonly Notice[]
}

/** What happens to it. */
export type PhoneEvent =
  | { readonly type: 'link'; readonly link: Link }
  | { readonly type: 'welcome'; readonly person: PartyView }
  | { readonly type: 'snapshot'; readonly message: StateMessage; readonly at: number }
  | { readonly type: 'levels'; readonly callId: string; readonly speakers: Readonly<Record<string, number>> }
  | { readonly type: 'sound'; readonly callId: string; readonly sound: Sound | undefined }
  | { readonly type: 'asked'; readonly what: string }
  | { readonly type: 'answered'; readonly what: string }
  | { readonly type: 'choose'; readonly callId: string | undefined }
  | { readonly type: 'putAway'; readonly callId: string }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'noticed'; readonly id: number }

/** Before anything is known. */
export const initialState: PhoneState = {
  link: { state: 'connecting' },
  person: undefined,
  calls: [],
  clockAhead: 0,
  levels: {},
  sounds: {},
  asked: [],
  chosen: undefined,
  putAway: [],
  notices: [],
}

/** Notices that are shown at once; older ones make room. */
const MOST_NOTICES = 3

/** The state after `event`. */
export function reduce(state: PhoneState, event: PhoneEvent): PhoneState {
  switch (event.type) {
    case 'link':
      // Who speaks is not known any more.
      return { ...state, link: event.link, levels: {} }
    case 'welcome':
      return { ...state, link: { state: 'online' }, person: event.person }
    case 'snapshot':
      return withSnapshot(state, event.message, event.at)
    case 'levels':
      return { ...state, levels: { ...state.levels, [event.callId]: event.speakers } }
    case 'sound':
      return { ...state, sounds: withKey(state.sounds, event.callId, event.sound) }
    case 'asked':
      return state.asked.includes(event.what) ? state : { ...state, asked: [...state.asked, event.what] }
    case 'answered':
      return { ...state, asked: state.asked.filter((what) => what !== event.what) }
    case 'choose':
      return { ...state, chosen: event.callId }
    case 'putAway':
      return { ...state, putAway: [...state.putAway, event.callId] }
    case 'notice': {
      const id = (state.notices.at(-1)?.id ?? 0) + 1
      const others = state.notices.filter(({ text }) => text !== event.text)
      return { ...state, notices: [...others, { id, text: event.text }].slice(-MOST_NOTICES) }
    }
    case 'noticed':
      return { ...state, notices: state.notices.filter(({ id }) => id !== event.id) }
  }
}

function withSnapshot(state: PhoneState, { calls, now }: StateMessage, at: number): PhoneState {
  const there = (callId: string): boolean => calls.some((call) => call.callId === callId)
  return {
    ...state,
    calls,
    clockAhead: now - at,
    levels: withKeys(state.levels, there),
    putAway: state.putAway.filter(there),
    chosen: state.chosen !== undefined && there(state.chosen) ? state.chosen : undefined,
  }
}

function withKeys<T>(record: Readonly<Record<string, T>>, keep: (key: string) => boolean): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => keep(key)))
}

function withKey<T>(
  record: Readonly<Record<string, T>>,
  key: string,
  value: T | undefined,
): Readonly<Record<string, T>> {
  const others = withKeys(record, (other) => other !== key)
  return value === undefined ? others : { ...others, [key]: value }
}

/** Whether a call rings here. */
export function isRinging({ phase, direction }: CallView): boolean {
  return phase === 'ringing' && direction === 'incoming'
}

/** Calls that ring here, the newest first. */
export function ringing({ calls }: PhoneState): readonly CallView[] {
  return calls.filter(isRinging)
}

/** Calls that are neither ringing nor over. */
export function underWay({ calls }: PhoneState): readonly CallView[] {
  return calls.filter((call) => !isRinging(call) && call.phase !== 'ended')
}

/** Calls that are over and were not put away. */
export function ended({ calls, putAway }: PhoneState): readonly CallView[] {
  return calls.filter(({ callId, phase }) => phase === 'ended' && !putAway.includes(callId))
}

/** The call that the page shows in full: the chosen one, else the newest here, else the newest anywhere. */
export function shown(state: PhoneState): CallView | undefined {
  const calls = underWay(state)
  return calls.find(({ callId }) => callId === state.chosen) ?? calls.find(({ here }) => here) ?? calls[0]
}

/** Whether `what` was asked and is not answered yet. */
export function isAsked({ asked }: PhoneState, what: string): boolean {
  return asked.includes(what)
}

/** Milliseconds since a moment of the server's clock, for the page's moment `now`; never less than none. */
export function sinceMoment({ clockAhead }: PhoneState, moment: number, now: number): number {
  return Math.max(now + clockAhead - moment, 0)
}
