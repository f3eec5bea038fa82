import type { Conversation } from '../calls/conversation.ts'
import { isLive } from '../calls/call.ts'

/** Where a call is, and whose it is. */
export interface CallHome {
  readonly conversationId: string
  readonly appId: string
}

/**
 * Knows the live conversations by their calls, and counts both, so that requests need not ask the store and limits and
 * metrics need not go through them all.
 */
export class Census {
  #conversations = 0
  readonly #calls = new Map<string, number>()
  /** The conversation of each call of a live one. */
  readonly #homes = new Map<string, CallHome>()

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

  /** Where a call of a live conversation is. */
  homeOf(callId: string): CallHome | undefined {
    return this.#homes.get(callId)
  }

  /** Takes one conversation's change into account. */
  update(before: Conversation | undefined, after: Conversation | undefined): void {
    this.#add(before, -1)
    this.#add(after, 1)
    if (before?.calls === after?.calls && before?.endedAt === after?.endedAt) return
    for (const { id } of before?.calls ?? []) this.#homes.delete(id)
    if (!after || after.endedAt !== undefined) return
    for (const { id, appId } of after.calls) this.#homes.set(id, { conversationId: after.id, appId })
  }

  clear(): void {
    this.#conversations = 0
    this.#calls.clear()
    this.#homes.clear()
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
