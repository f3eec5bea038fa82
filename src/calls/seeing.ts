/** Who sees whom in a conversation: what the lobby, hold, and what people show come to. Pictures are forwarded by it. */
import type { Conversation } from './conversation.ts'
import type { Participant } from './participant.ts'
import { isConnected, isPerson } from './participant.ts'

/** Whom somebody wants to see: a participant's camera in each slot, or nobody's; and whoever presents. */
export interface Watching {
  readonly cameras: readonly (string | null)[]
  readonly screen: boolean
}

/** Whom somebody sees, by slot; participant ids. */
export interface Seen {
  readonly cameras: readonly (string | undefined)[]
  readonly screen: string | undefined
}

/**
 * Whom a participant sees of those whom they want to see.
 *
 * - Whoever rings, calls, waits in the lobby or for a recorder neither sees nor is seen, nor does whoever has put the call
 *   on hold, or is on hold.
 * - Everybody else sees the cameras that others show, and the screen of the person who presents.
 * - Nobody sees themselves, and nobody is seen twice.
 */
export function seenBy(conversation: Conversation, participantId: string, watching: Watching): Seen {
  const { participants, contentSharing } = conversation
  const present = new Map(participants.filter((one) => isThere(one, conversation)).map((one) => [one.id, one]))
  if (!present.has(participantId)) return { cameras: [], screen: undefined }
  const others = [...present.values()].filter(({ id, hidden }) => id !== participantId && !hidden)
  const left = new Set(others.flatMap(({ id, camera }) => (camera ? [id] : [])))
  const cameras = watching.cameras.map((id) => (id !== null && left.delete(id) ? id : undefined))
  const presenter = others.find(({ id, screen }) => screen && id === contentSharing?.presenterParticipantId)
  return { cameras, screen: watching.screen ? presenter?.id : undefined }
}

/** Whom everybody could see who wanted to see everybody, by participant. */
export function everybodySeen(conversation: Conversation): Readonly<Record<string, Seen>> {
  const watching = { cameras: conversation.participants.map(({ id }) => id), screen: true }
  return Object.fromEntries(
    conversation.participants.flatMap(({ id }) => {
      const { cameras, screen } = seenBy(conversation, id, watching)
      const seen = cameras.filter((one) => one !== undefined)
      return seen.length > 0 || screen !== undefined ? [[id, { cameras: seen, screen }]] : []
    }),
  )
}

function isThere(participant: Participant, { calls }: Conversation): boolean {
  if (!isPerson(participant) || !isConnected(participant) || participant.away) return false
  return !calls.some(({ hold }) => hold && hold.participantId === participant.id)
}
