import type { Conversation } from '../calls/conversation.ts'
import { isLive } from '../calls/call.ts'

/** Counts live conversations and calls, so that limits and metrics need not go through them all. */
export class Census {
  #conversations = 0
  readonly #calls = new Map<string, number>()

  get conversations(): number {
    return this.#conversations
  }

  /** Live calls of all applications. */
  get calls(): number {
    let sum = 0
    for (const count of this.#calls.values()) sum += count
    return sum
  }

  /** Live calls of one application. */
  callsOf(appId: string): number {
    return this.#calls.get(appId) ?? 0
  }

  /** Takes one conversation's change into account. */
  update(before: Conversation | undefined, after: Conversation | undefined): void {
    this.#add(before, -1)
    this.#add(after, 1)
  }

  clear(): void {
    this.#conversations = 0
    this.#calls.clear()
  }

  #add(conversation: Conversation | undefined, sign: 1 | -1): void {
    if (!conversation || conversation.endedAt !== undefined) return
    this.#conversations += sign
    for (const call of conversation.calls) {
      if (!isLive(call)) continue
      const count = this.callsOf(call.appId) + sign
      if (count === 0) this.#calls.delete(call.appId)
      else this.#calls.set(call.appId, count)
    }
  }
}
