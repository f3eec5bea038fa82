/**
 * Runs conversations: one mailbox each, so that no two commands of one conversation are ever decided at once. For each
 * command: load, decide, commit, then reply, then perform the effects; nothing happens before its commit.
 */
import type { Command } from '../calls/commands.ts'
import type { MoveCommand } from '../calls/move-commands.ts'
import type { Conversation } from '../calls/conversation.ts'
import { nextDeadline } from '../calls/conversation.ts'
import { decide } from '../calls/decide.ts'
import type { Decision, Rules } from '../calls/draft.ts'
import type { Effect } from '../calls/effects.ts'
import type { CallError } from '../calls/errors.ts'
import type { MediaEffect } from '../calls/media.ts'
import { answerForMissing } from '../calls/move.ts'
import type { CallEffect, Endpoint, LegEffect } from '../endpoints/endpoint.ts'
import { isMediaEffect } from '../endpoints/endpoint.ts'
import type { Activity, Cancel, Clock, Ids, Sequence } from '../runtime.ts'
import type { CommandOrigin, Commit, Delivery, Document, KeptAnswer, Store, TimelineEntry } from '../store/store.ts'
import { StoreError } from '../store/store.ts'
import type { CallHome } from './census.ts'
import { applicationOf, isBeginning } from './beginning.ts'
import { Census } from './census.ts'

/** Why the switchboard itself did not take a command. */
export type SwitchboardError =
  | { readonly name: 'mailboxFull'; readonly limit: number }
  | { readonly name: 'tooManyConversations'; readonly limit: number }
  | { readonly name: 'tooManyCalls'; readonly limit: number }
  | { readonly name: 'shuttingDown' }

/** What came of a command: the conversation as committed, or why it was refused. */
export type Submitted =
  | { readonly ok: true; readonly conversation: Conversation }
  | { readonly ok: false; readonly error: CallError | SwitchboardError }

/** The bounds that the switchboard keeps. */
export interface SwitchboardLimits {
  /** Commands that may wait for one conversation. */
  readonly mailbox: number
  /** Live conversations on this server. */
  readonly conversations: number
  /** Live calls of an application; undefined for no bound. */
  readonly callsPerApplication: (appId: string) => number | undefined
}

/** What the switchboard works with. */
export interface SwitchboardParts {
  readonly store: Pick<Store, 'commit' | 'load' | 'findCall' | 'unfinished' | 'timeline'>
  readonly clock: Clock
  readonly ids: Ids
  readonly sequence: Sequence
  readonly activity: Activity
  readonly rules: Rules
  readonly limits: SwitchboardLimits
  readonly people: Endpoint<LegEffect>
  readonly bots: Endpoint<CallEffect>
  /** What is to be kept of a conversation that ends, with its end. @param timeline all of it, the end included */
  readonly recordEnd: (conversation: Conversation, timeline: readonly TimelineEntry[]) => Promise<readonly Document[]>
  /** Hears of documents that were committed. */
  readonly onRecorded: (documents: readonly Document[]) => void
  readonly media: Endpoint<MediaEffect>
  /** Hears of each conversation as it is from now on, as soon as that is committed. */
  readonly follow: (conversation: Conversation) => void
  /** Takes committed notifications over for delivery. */
  readonly deliver: (deliveries: readonly Delivery[]) => void
  /** Hears of faults that no caller waits for. */
  readonly onFault: (fault: unknown, conversationId: string, command: Command['type']) => void
}

/** Where a command comes from, if somebody waits for its outcome. */
export interface Origin {
  /** The request, for the timeline. */
  readonly requestId?: string
  /** Who brings it, if neither the request nor the command's type says so. */
  readonly by?: CommandOrigin
  /** Makes the answer that is to be committed with the decision, for a request that may be repeated. */
  readonly keep?: ((conversation: Conversation) => KeptAnswer) | undefined
}

interface Letter {
  readonly command: Command
  readonly origin: Origin
  readonly resolve: (result: Submitted) => void
  readonly reject: (fault: unknown) => void
}

/** A conversation in memory, with what waits for it. */
interface Mailbox {
  readonly id: string
  readonly letters: Letter[]
  busy: boolean
  conversation: Conversation | undefined
  version: number
  loaded: boolean
  wakeAt: number | undefined
  cancelWake: Cancel | undefined
}

/** A report that could not be recorded yet. */
interface Unrecorded {
  readonly command: Command
  readonly by: CommandOrigin | undefined
}

/** After this time a report, a deadline or a restart that could not be recorded comes again, in milliseconds. */
const AGAIN = 1000

/** Conversations that are loaded together after a restart. */
const RESUMED_AT_ONCE = 64

export class Switchboard {
  readonly #parts: SwitchboardParts
  readonly #mailboxes = new Map<string, Mailbox>()
  readonly #census = new Census()
  /** What the world has reported to conversations while it could not be recorded. */
  readonly #unrecorded = new Map<string, Unrecorded[]>()
  /** Calls that are being created, by application: not yet in the census. */
  readonly #beginning = new Map<string, number>()
  #allBeginning = 0
  #closed = false

  constructor(parts: SwitchboardParts) {
    this.#parts = parts
  }

  /** Counts of live conversations and calls. */
  get census(): Pick<Census, 'conversations' | 'calls' | 'callsOf'> {
    return this.#census
  }

  /**
   * Has a command decided and committed. Resolves after the commit; its effects follow.
   * @throws what the store throws: nothing has changed then
   */
  submit(conversationId: string, command: Command, origin: Origin = {}): Promise<Submitted> {
    const refusal = this.#refusal(conversationId, command)
    if (refusal) return Promise.resolve({ ok: false, error: refusal })
    const mailbox = this.#mailbox(conversationId)
    const { mailbox: limit } = this.#parts.limits
    // What a conversation hears from within is bounded by who is in it, and must not be lost.
    if (origin.requestId !== undefined && mailbox.letters.length >= limit) {
      return Promise.resolve({ ok: false, error: { name: 'mailboxFull', limit } })
    }
    const result = new Promise<Submitted>((resolve, reject) => {
      mailbox.letters.push({ command, origin, resolve, reject })
    })
    if (!mailbox.busy) this.#work(mailbox)
    if (isBeginning(command)) this.#reserve(applicationOf(command), result)
    return this.#parts.activity.track(result)
  }

  /** Where a call is, and whose it is; ended ones too, for as long as they are kept. */
  async findCall(callId: string): Promise<CallHome | undefined> {
    return this.#census.homeOf(callId) ?? (await this.#parts.store.findCall(callId))
  }

  /** The conversation as last committed, if it is at hand: while it is live, it is. */
  peek(conversationId: string): Conversation | undefined {
    return this.#mailboxes.get(conversationId)?.conversation
  }

  /** The conversations that are live, as last committed; after a restart, as far as they were resumed. In no order. */
  *live(): Generator<Conversation> {
    for (const { conversation } of this.#mailboxes.values()) {
      if (conversation && conversation.endedAt === undefined) yield conversation
    }
  }

  /** The conversation as last committed. */
  async read(conversationId: string): Promise<Conversation | undefined> {
    const mailbox = this.#mailboxes.get(conversationId)
    if (mailbox?.loaded) return mailbox.conversation
    return (await this.#parts.store.load(conversationId))?.conversation
  }

  /**
   * Resumes every conversation that had not ended when the process stopped: a few at a time, so that requests are served
   * meanwhile. A conversation that a request asks for before its turn is loaded at once.
   */
  async start(): Promise<void> {
    const ids = await this.#parts.store.unfinished()
    let next = 0
    const resumeMore = async (): Promise<void> => {
      for (let id = ids[next++]; id !== undefined && !this.#closed; id = ids[next++]) await this.#resume(id)
    }
    void this.#parts.activity.track(Promise.all(Array.from({ length: RESUMED_AT_ONCE }, resumeMore)))
  }

  async #resume(id: string): Promise<void> {
    const { clock, onFault } = this.#parts
    try {
      await this.submit(id, { type: 'Resumed' })
    } catch (fault) {
      onFault(fault, id, 'Resumed')
      clock.schedule(clock.now() + AGAIN, () => void this.#resume(id))
    }
  }

  /** Takes no more commands, and lets those that were taken finish. */
  close(): void {
    this.#closed = true
    for (const mailbox of this.#mailboxes.values()) mailbox.cancelWake?.()
    this.#parts.people.stop()
    this.#parts.bots.stop()
    this.#parts.media.stop()
  }

  /** Forgets all conversations in memory; for a reset of the store. Commands under way settle first. */
  async reset(clear: () => Promise<void>): Promise<void> {
    this.#closed = true
    this.#parts.people.stop()
    this.#parts.media.stop()
    try {
      await Promise.all([...this.#mailboxes.values()].map((mailbox) => this.#quiet(mailbox)))
      // What follows the last commits (see #follow) comes before all is forgotten, and not after.
      await turn()
      await clear()
      for (const mailbox of this.#mailboxes.values()) mailbox.cancelWake?.()
      this.#mailboxes.clear()
      this.#unrecorded.clear()
      this.#census.clear()
    } finally {
      this.#closed = false
    }
  }

  async #quiet(mailbox: Mailbox): Promise<void> {
    while (mailbox.busy) await turn()
  }

  /** Counts a call on its way, so that many at once cannot pass the bounds together. */
  #reserve(appId: string | undefined, result: Promise<Submitted>): void {
    const add = (count: 1 | -1): void => {
      this.#allBeginning += count
      if (appId === undefined) return
      const sum = (this.#beginning.get(appId) ?? 0) + count
      if (sum === 0) this.#beginning.delete(appId)
      else this.#beginning.set(appId, sum)
    }
    add(1)
    const settled = (): void => add(-1)
    result.then(settled, settled)
  }

  #refusal(conversationId: string, command: Command): SwitchboardError | undefined {
    if (this.#closed) return { name: 'shuttingDown' }
    const { conversations, callsPerApplication } = this.#parts.limits
    const all = this.#census.conversations + this.#allBeginning
    // Of whoever is transferred out of a group, a conversation may begin.
    if (command.type === 'Transfer' && command.out && all >= conversations) {
      return { name: 'tooManyConversations', limit: conversations }
    }
    if (!isBeginning(command)) return undefined
    if (all >= conversations && !this.#mailboxes.has(conversationId)) {
      return { name: 'tooManyConversations', limit: conversations }
    }
    const appId = applicationOf(command)
    if (appId === undefined) return undefined
    const calls = this.#census.callsOf(appId) + (this.#beginning.get(appId) ?? 0)
    const limit = callsPerApplication(appId)
    return limit !== undefined && calls >= limit ? { name: 'tooManyCalls', limit } : undefined
  }

  #mailbox(id: string): Mailbox {
    let mailbox = this.#mailboxes.get(id)
    if (!mailbox) {
      mailbox = {
        id,
        letters: [],
        busy: false,
        conversation: undefined,
        version: 0,
        loaded: false,
        wakeAt: undefined,
        cancelWake: undefined,
      }
      this.#mailboxes.set(id, mailbox)
    }
    return mailbox
  }

  /** Works through the letters of a mailbox, one at a time. */
  #work(mailbox: Mailbox): void {
    mailbox.busy = true
    void this.#workThrough(mailbox).finally(() => {
      mailbox.busy = false
      if (mailbox.letters.length > 0) return this.#work(mailbox)
      if (!mailbox.conversation || mailbox.conversation.endedAt !== undefined) this.#mailboxes.delete(mailbox.id)
      return undefined
    })
  }

  async #workThrough(mailbox: Mailbox): Promise<void> {
    for (let letter = mailbox.letters.shift(); letter; letter = mailbox.letters.shift()) {
      try {
        await this.#handle(mailbox, letter)
      } catch (fault) {
        letter.reject(fault)
      }
    }
  }

  async #handle(mailbox: Mailbox, letter: Letter): Promise<void> {
    if (!mailbox.loaded) await this.#load(mailbox)
    const { command } = letter
    const before = mailbox.conversation
    const result = decide(before, command, this.#parts.clock.now(), this.#parts.rules)
    if (!result.ok) {
      letter.resolve(result)
      if (result.error.name === 'callNotFound' && !before) this.#answerForMissing(mailbox.id, command)
      return
    }
    const { decision } = result
    if (changesNothing(decision, before)) {
      letter.resolve({ ok: true, conversation: decision.conversation })
      this.#follow(mailbox.id, decision.effects, [])
      return
    }
    const commit = await this.#withRecord(this.#commitOf(mailbox, letter, decision), before)
    await this.#parts.store.commit(commit)
    mailbox.conversation = decision.conversation
    mailbox.version++
    this.#census.update(before, decision.conversation)
    this.#parts.follow(decision.conversation)
    this.#rearm(mailbox, nextDeadline(decision.conversation))
    letter.resolve({ ok: true, conversation: decision.conversation })
    this.#follow(mailbox.id, decision.effects, commit.deliveries)
    if (commit.documents) this.#parts.onRecorded(commit.documents)
  }

  /** A commit that ends a conversation carries what is kept of it. */
  async #withRecord(commit: Commit, before: Conversation | undefined): Promise<Commit> {
    const { conversation, timeline } = commit
    const goesOn = before !== undefined && before.endedAt === undefined
    if (conversation.endedAt === undefined || (!goesOn && commit.newCalls.length === 0)) return commit
    const { store, recordEnd } = this.#parts
    const earlier = await store.timeline(conversation.id)
    return { ...commit, documents: await recordEnd(conversation, [...earlier, timeline]) }
  }

  async #load(mailbox: Mailbox): Promise<void> {
    const stored = await this.#parts.store.load(mailbox.id)
    mailbox.conversation = stored?.conversation
    mailbox.version = stored?.version ?? 0
    mailbox.loaded = true
    this.#census.update(undefined, stored?.conversation)
    if (stored) this.#parts.follow(stored.conversation)
  }

  #commitOf(mailbox: Mailbox, { command, origin }: Letter, decision: Decision): Commit {
    const { clock, ids, sequence } = this.#parts
    const at = clock.now()
    const known = new Set(mailbox.conversation?.calls.map((call) => call.id))
    const timeline = {
      order: sequence.next(),
      at,
      conversationId: mailbox.id,
      command: command.type,
      ...(origin.requestId !== undefined && { requestId: origin.requestId }),
      ...originOf(command, origin),
      events: decision.events,
    }
    return {
      conversation: decision.conversation,
      version: mailbox.version,
      before: mailbox.conversation,
      newCalls: decision.conversation.calls.filter((call) => !known.has(call.id)),
      deliveries: decision.notifications.map((notification) => ({
        id: ids.guid(),
        order: sequence.next(),
        conversationId: mailbox.id,
        notification,
        createdAt: at,
        state: 'pending',
        attempts: 0,
      })),
      timeline,
      ...(origin.keep && { answer: origin.keep(decision.conversation) }),
    }
  }

  #rearm(mailbox: Mailbox, wakeAt: number | undefined): void {
    if (mailbox.wakeAt === wakeAt) return
    mailbox.cancelWake?.()
    mailbox.wakeAt = wakeAt
    mailbox.cancelWake = undefined
    if (wakeAt === undefined || this.#closed) return
    mailbox.cancelWake = this.#parts.clock.schedule(wakeAt, () => this.#wake(mailbox))
  }

  /** A deadline has come. If that cannot be recorded, it comes again: nothing waits for ever. */
  #wake(mailbox: Mailbox): void {
    mailbox.wakeAt = undefined
    this.submit(mailbox.id, { type: 'Wake' }).then(
      ({ ok }) => {
        if (ok && mailbox.wakeAt === undefined && mailbox.conversation) {
          this.#rearm(mailbox, nextDeadline(mailbox.conversation))
        }
        return undefined
      },
      (fault: unknown) => {
        this.#parts.onFault(fault, mailbox.id, 'Wake')
        this.#rearm(mailbox, this.#parts.clock.now() + AGAIN)
      },
    )
  }

  /** What follows a commit, one turn later: whoever asked has the answer first. */
  #follow(conversationId: string, effects: readonly Effect[], deliveries: readonly Delivery[]): void {
    if (effects.length === 0 && deliveries.length === 0) return
    this.#parts.activity.begin()
    setImmediate(() => {
      try {
        if (deliveries.length > 0) this.#parts.deliver(deliveries)
        if (!this.#closed) for (const effect of effects) this.#perform(conversationId, effect)
      } finally {
        this.#parts.activity.end()
      }
    })
  }

  #perform(conversationId: string, effect: Effect): void {
    const { people, bots, media } = this.#parts
    const report = (command: Command): void => this.#post(conversationId, command)
    if (effect.type === 'Tell') {
      this.#post(effect.conversationId, effect.command, { type: 'conversation', conversationId })
    } else if (effect.type === 'ConnectCall') bots.perform(conversationId, effect, report)
    else if (isMediaEffect(effect)) media.perform(conversationId, effect, report)
    else people.perform(conversationId, effect, (command) => this.#post(conversationId, command, { type: 'endpoint' }))
  }

  /** Takes a report of the world's that nobody waits for, and that must not be lost. */
  report(conversationId: string, command: Command): void {
    this.#post(conversationId, command)
  }

  /** Submits a command that nobody waits for. If it cannot be recorded it comes again, and those that follow after it. */
  #post(conversationId: string, command: Command, by?: CommandOrigin): void {
    if (this.#closed) return
    const unrecorded = this.#unrecorded.get(conversationId)
    if (unrecorded) {
      unrecorded.push({ command, by })
      return
    }
    this.submit(conversationId, command, by ? { by } : {}).catch((fault: unknown) => {
      this.#parts.onFault(fault, conversationId, command.type)
      if (fault instanceof StoreError) this.#postAgain(conversationId, { command, by })
    })
  }

  #postAgain(conversationId: string, report: Unrecorded): void {
    const { clock } = this.#parts
    const known = this.#unrecorded.get(conversationId)
    if (known) {
      known.push(report)
      return
    }
    this.#unrecorded.set(conversationId, [report])
    clock.schedule(clock.now() + AGAIN, () => {
      const reports = this.#unrecorded.get(conversationId) ?? []
      this.#unrecorded.delete(conversationId)
      for (const { command, by } of reports) this.#post(conversationId, command, by)
    })
  }

  #answerForMissing(conversationId: string, command: Command): void {
    if (!isMove(command)) return
    const effect = answerForMissing(command, conversationId)
    if (effect) this.#perform(conversationId, effect)
  }
}

/** Who brought a command, for the timeline: the application that asked, or whoever reported. */
function originOf(command: Command, { by }: Origin): Pick<TimelineEntry, 'by'> {
  if (by) return { by }
  return 'appId' in command ? { by: { type: 'application', appId: command.appId } } : {}
}

/** Whether a decision leaves nothing to be recorded, as for a report that comes late. */
function changesNothing({ conversation, events, notifications }: Decision, before: Conversation | undefined): boolean {
  return conversation === before && events.length === 0 && notifications.length === 0
}

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function isMove(command: Command): command is MoveCommand {
  return command.type.startsWith('Move')
}
