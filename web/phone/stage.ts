/**
 * Whom the person sees in a call: pure, so that tests need no browser. There are as many cameras at once as the server has
 * slots for; whoever is seen keeps their slot, and makes room only for somebody who is pinned or has spoken since.
 */
import type { CallView, RosterEntry } from '../../src/endpoints/browser/protocol.ts'

/** Louder than this counts as speaking. */
export const SPEAKING = 0.04

/** By slot, the participant whose camera is in it. */
export type Seats = readonly (string | null)[]

/** What a page lets come in of one call. */
export interface Watched {
  readonly cameras: Seats
  readonly screen: boolean
}

/** What this person shows. */
export interface Shows {
  readonly camera: boolean
  readonly screen: boolean
}

/** The pictures of one call. */
export interface Stage {
  /** Whom the person wants to see large. */
  readonly pinned: string | undefined
  /** Who spoke, the latest first. */
  readonly spoke: readonly string[]
  /** Who was loud enough the last time: a noise is not yet a speech. */
  readonly loud: readonly string[]
  readonly seats: Seats
  /** What the server has said that it sends. */
  readonly watched: Watched
  readonly shows: Shows
}

export const NOBODY: Watched = { cameras: [], screen: false }
export const emptyStage: Stage = {
  pinned: undefined,
  spoke: [],
  loud: [],
  seats: [],
  watched: NOBODY,
  shows: { camera: false, screen: false },
}

/** So many of those who spoke are remembered. */
const MOST_SPOKE = 50

/** Those whose camera may be seen. */
function filmed({ roster }: CallView): readonly RosterEntry[] {
  return roster.filter(({ me, camera, inLobby, onHold }) => camera && !me && !inLobby && !onHold)
}

/** Whoever presents, if it is somebody else. */
export function presenterOf({ roster, presenterId }: CallView): RosterEntry | undefined {
  return presenterId === undefined ? undefined : roster.find((one) => one.participantId === presenterId && !one.me)
}

/** Whether there is anything to see in a call, of others or of oneself. */
export function hasPictures(call: CallView, { shows }: Stage): boolean {
  return shows.camera || shows.screen || hasOthersPictures(call)
}

/** Whether there is anything to see of others. */
export function hasOthersPictures(call: CallView): boolean {
  return filmed(call).length > 0 || presenterOf(call) !== undefined
}

/** Takes in who speaks how loud: who has been loud twice in a row spoke the latest, the loudest of them first. */
export function hear(stage: Stage, speakers: Readonly<Record<string, number>>): Stage {
  const loud = Object.entries(speakers)
    .filter(([, level]) => level > SPEAKING)
    .sort(([, a], [, b]) => b - a)
    .map(([id]) => id)
  const speaking = loud.filter((id) => stage.loud.includes(id))
  const spoke = [...speaking, ...stage.spoke.filter((id) => !speaking.includes(id))]
  return { ...stage, loud, spoke: spoke.slice(0, MOST_SPOKE) }
}

/** Gives seats to those who should be seen: the pinned one, then who spoke the latest, then who is seen already. */
export function seat(stage: Stage, call: CallView, slots: number): Stage {
  const { pinned, spoke, seats: before } = stage
  const ids = filmed(call).map(({ participantId }) => participantId)
  const rank = (id: string): number => (id === pinned ? -1 : spoke.includes(id) ? spoke.indexOf(id) : spoke.length)
  const wanted = ids
    .toSorted((a, b) => rank(a) - rank(b) || Number(before.includes(b)) - Number(before.includes(a)))
    .slice(0, slots)
  const seats: (string | null)[] = Array.from({ length: slots }, (_, slot) => {
    const id = before[slot] ?? null
    return id !== null && wanted.includes(id) ? id : null
  })
  for (const id of wanted) if (!seats.includes(id)) seats[seats.indexOf(null)] = id
  while (seats.at(-1) === null) seats.pop()
  return isSame(seats, before) ? stage : { ...stage, seats }
}

/** What should come in of a call that is looked at. */
export function watchedIn(call: CallView, { seats }: Stage): Watched {
  if (call.phase !== 'connected' || !call.here || call.onHold || call.heldByOthers) return NOBODY
  return { cameras: seats, screen: presenterOf(call) !== undefined }
}

/** Whether two pages let the same come in. */
export function isSameWatched(one: Watched, other: Watched): boolean {
  return one.screen === other.screen && isSame(one.cameras, other.cameras)
}

function isSame(one: Seats, other: Seats): boolean {
  return one.length === other.length && one.every((id, slot) => id === other[slot])
}

/** One picture of the stage. */
export interface Tile {
  readonly kind: 'camera' | 'screen'
  readonly entry: RosterEntry
  /** Where the picture comes in; undefined if none does. */
  readonly slot: number | 'screen' | undefined
}

/** What is shown large, if anything, and beside it: those who are seen first, then oneself, then everybody else. */
export interface Scene {
  readonly large: Tile | undefined
  readonly small: readonly Tile[]
}

/** Sets the stage: whom somebody has pinned is large, else the screen that is presented. */
export function sceneOf(call: CallView, { seats, watched, pinned }: Stage): Scene {
  const people = call.roster.filter(({ inLobby }) => !inLobby)
  const tiles = people.map((entry): Tile => {
    const slot = seats.indexOf(entry.participantId)
    const comesIn = slot >= 0 && watched.cameras[slot] === entry.participantId
    return { kind: 'camera', entry, slot: comesIn ? slot : undefined }
  })
  const place = ({ entry }: Tile): number => {
    const slot = seats.indexOf(entry.participantId)
    return slot >= 0 ? slot : entry.me ? seats.length : seats.length + 1
  }
  const sorted = tiles.toSorted((a, b) => place(a) - place(b))
  const presenter = presenterOf(call)
  const screen: Tile | undefined = presenter && {
    kind: 'screen',
    entry: presenter,
    slot: watched.screen ? 'screen' : undefined,
  }
  const chosen = sorted.find(({ entry }) => entry.participantId === pinned && entry.camera && !entry.me)
  if (!chosen) return { large: screen, small: sorted }
  return { large: chosen, small: [...(screen ? [screen] : []), ...sorted.filter((tile) => tile !== chosen)] }
}
