/**
 * What the page knows, and how that changes: pure, so that tests need no browser. The server's snapshots are the truth;
 * beside them stands only what it cannot know: how the connection is, what the person looks at, what was just asked.
 */
import type { CallView, Farewell, PartyView, StateMessage, VideoTerms } from '../../src/endpoints/browser/protocol.ts'
import { emptyStage, hear, seat, type Shows, type Stage, type Watched } from './stage.ts'

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
  /** Undefined where the server carries sound alone. */
  readonly video: VideoTerms | undefined
  /** All of the person's calls, the newest first. */
  readonly calls: readonly CallView[]
  /** The server's clock less the page's, in milliseconds. */
  readonly clockAhead: number
  /** How loud who is, from 0 to 1, by call and participant. */
  readonly levels: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly sounds: Readonly<Record<string, Sound>>
  /** The pictures of each call, as far as there is anything to say of them. */
  readonly stages: Readonly<Record<string, Stage>>
  /** Whether the person wants to see others at all. */
  readonly looks: boolean
  /** Whether nobody can see the page, because another one stands before it. */
  readonly hidden: boolean
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
  | { readonly type: 'welcome'; readonly person: PartyView; readonly video?: VideoTerms | undefined }
  | { readonly type: 'snapshot'; readonly message: StateMessage; readonly at: number }
  | { readonly type: 'levels'; readonly callId: string; readonly speakers: Readonly<Record<string, number>> }
  | { readonly type: 'sound'; readonly callId: string; readonly sound: Sound | undefined }
  | { readonly type: 'shows'; readonly callId: string; readonly shows: Shows }
  | { readonly type: 'watched'; readonly callId: string; readonly watched: Watched }
  | { readonly type: 'pin'; readonly callId: string; readonly participantId: string | undefined }
  | { readonly type: 'looks'; readonly looks: boolean }
  | { readonly type: 'hidden'; readonly hidden: boolean }
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
  video: undefined,
  calls: [],
  clockAhead: 0,
  levels: {},
  sounds: {},
  stages: {},
  looks: true,
  hidden: false,
  asked: [],
  chosen: undefined,
  putAway: [],
  notices: [],
}

/** Notices that are shown at once; older ones make room. */
const MOST_NOTICES = 3

/** The state after `event`. */
export function reduce(state: PhoneState, event: PhoneEvent): PhoneState {
  return seated(step(state, event))
}

function step(state: PhoneState, event: PhoneEvent): PhoneState {
  switch (event.type) {
    case 'link':
      // Who speaks is not known any more.
      return { ...state, link: event.link, levels: {} }
    case 'welcome':
      return { ...state, link: { state: 'online' }, person: event.person, video: event.video }
    case 'snapshot':
      return withSnapshot(state, event.message, event.at)
    case 'levels':
      return {
        ...withStage(state, event.callId, hear(stageOf(state, event.callId), event.speakers)),
        levels: { ...state.levels, [event.callId]: event.speakers },
      }
    case 'sound':
      return { ...state, sounds: withKey(state.sounds, event.callId, event.sound) }
    case 'shows':
      return withStage(state, event.callId, { ...stageOf(state, event.callId), shows: event.shows })
    case 'watched':
      return withStage(state, event.callId, { ...stageOf(state, event.callId), watched: event.watched })
    case 'pin':
      return withStage(state, event.callId, { ...stageOf(state, event.callId), pinned: event.participantId })
    case 'looks':
      return { ...state, looks: event.looks }
    case 'hidden':
      return { ...state, hidden: event.hidden }
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
    stages: withKeys(state.stages, there),
    putAway: state.putAway.filter(there),
    chosen: state.chosen !== undefined && there(state.chosen) ? state.chosen : undefined,
  }
}

function withStage(state: PhoneState, callId: string, stage: Stage): PhoneState {
  return { ...state, stages: { ...state.stages, [callId]: stage } }
}

/** Everybody who should be seen has a seat. */
function seated(state: PhoneState): PhoneState {
  const { video } = state
  if (!video) return state
  return state.calls.reduce((seen, call) => {
    const before = stageOf(seen, call.callId)
    const after = seat(before, call, video.slots)
    return after === before ? seen : withStage(seen, call.callId, after)
  }, state)
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

/** The pictures of a call. */
export function stageOf({ stages }: PhoneState, callId: string): Stage {
  return stages[callId] ?? emptyStage
}
