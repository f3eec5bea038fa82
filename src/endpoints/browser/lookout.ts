/** Whom each leg at a page sees: of those whom the page wants to see, those whom the conversation lets it see. */
import type { Conversation } from '../../calls/conversation.ts'
import { seenBy } from '../../calls/seeing.ts'
import type { Watching } from '../../calls/seeing.ts'
import type { SoundEngine } from '../../media/engine.ts'
import type { Line } from './line.ts'

/** What it works with. */
export interface LookoutParts {
  readonly sound: SoundEngine
  readonly conversation: (id: string) => Conversation | undefined
}

const NOBODY = ''

/** Keeps the engine told. */
export class Lookout {
  readonly #parts: LookoutParts

  constructor(parts: LookoutParts) {
    this.#parts = parts
  }

  /** A page says whom it wants to see. */
  watch(line: Line, watching: Watching): void {
    line.watching = watching
    this.look(line)
  }

  /** The connection of a leg is new to its room: it sees nobody there yet. */
  begin(line: Line): void {
    delete line.seen
    this.look(line)
  }

  /** Something may have changed: the engine is told if it has. */
  look(line: Line): void {
    const { soundId, watching, place } = line
    const conversation = this.#parts.conversation(place.conversationId)
    if (soundId === undefined || !watching || !conversation) return
    const seen = seenBy(conversation, place.participantId, watching)
    const isNobody = seen.screen === undefined && seen.cameras.every((one) => one === undefined)
    const told = isNobody ? NOBODY : JSON.stringify(seen)
    if (told === (line.seen ?? NOBODY)) return
    line.seen = told
    this.#parts.sound.watch(soundId, seen)
  }
}
