/**
 * A small world for property tests: three conversations and a meeting, three applications, four people and two phones,
 * who do anything in any order. Effects wait in a heap from which they are performed in any order, late, twice or never.
 */
import { APPS, MEETING, PEOPLE } from './cast.suite.ts'
import type { Command } from './commands.ts'
import type { MoveCommand } from './move-commands.ts'
import type { Conversation } from './conversation.ts'
import { nextDeadline } from './conversation.ts'
import type { Rules } from './draft.ts'
import type { Effect } from './effects.ts'
import { Memory, checkStep } from './invariants.suite.ts'
import { mediaDone } from './media-scene.suite.ts'
import { answerForMissing } from './move.ts'
import { isPerson } from './participant.ts'
import type { Invitee, RecordingDuty } from './reach.ts'
import type { Bot, Person } from './scene.suite.ts'
import {
  HOUR,
  MINUTE,
  OPTIONAL,
  REQUIRED,
  Scene,
  application,
  bot,
  choose,
  create,
  duty,
  invitee,
  open,
} from './scene.suite.ts'

/** A few numbers that choose who does something, and how. */
export type Picks = readonly [number, number, number]

/** Conversations that are not the meeting. */
const MOST_CONVERSATIONS = 3

const RECORDERS = ['r', 's']

const few = { maxParticipants: 5, mediaQueueLimit: 2 }
const worldRules: Rules = { ...open, ...few, lobbyTimeout: 5 * MINUTE, maxCallDuration: 2 * HOUR }

export class World extends Scene {
  readonly #memory = new Memory()
  /** Effects that are committed and wait to be performed. */
  effects: Effect[] = []
  /** Every kind of event that has happened. */
  readonly seen: Set<string>
  /** Whether something that was due may have been lost. */
  hasRestarted = false
  readonly #participantIds: string[] = []
  #minted = 0

  constructor(seen = new Set<string>()) {
    super(worldRules)
    this.seen = seen
  }

  /** Submits a command and checks every rule on what comes of it. A refusal is an answer too. */
  submit(conversationId: string, command: Command): void {
    const before = this.conversations.get(conversationId)
    const result = this.decide(conversationId, command)
    if (!result.ok) {
      this.seen.add(result.error.name)
      return
    }
    const { decision } = result
    checkStep({ before, command, decision, now: this.now }, this.#memory)
    for (const { type } of decision.events) this.seen.add(type)
    for (const effect of decision.effects) this.effects.push(effect)
  }

  /** Begins with two calls of one application: with one person, and with a group. */
  begin(): this {
    for (const people of [PEOPLE.slice(0, 1), PEOPLE.slice(1, 3)]) {
      const conversationId = this.mint('conversation')
      const who = this.bot('a')
      const targets = people.map((person) => invitee({ ...person, name: this.mint(person.name) }))
      const more = { conversationId, participantId: this.mint(who.name) }
      this.submit(conversationId, create(who, targets, more))
      for (const { participantId } of targets) this.connect(participantId, false)
    }
    this.effects = []
    return this
  }

  get live(): readonly Conversation[] {
    return [...this.conversations.values()].filter(({ endedAt }) => endedAt === undefined)
  }

  /** People whose legs are up. */
  get legsUp(): ReadonlySet<string> {
    return this.#memory.up
  }

  /** People who are in a conversation although their leg has gone elsewhere. */
  get ghosts(): readonly string[] {
    const people = this.live.flatMap(({ participants }) => participants.filter(isPerson))
    return people.filter(({ id, state }) => state.name !== 'calling' && !this.legsUp.has(id)).map(({ id }) => id)
  }

  // Choosing

  mint(name: string): string {
    const id = `${name}.${++this.#minted}`
    this.#participantIds.push(id)
    return id
  }

  conversation(pick: number): Conversation | undefined {
    return choose([...this.conversations.values()], pick)
  }

  /** A conversation and one of its calls, mostly live. */
  call(pick: number): { conversationId: string; callId: string; appId: string } | undefined {
    const all = [...this.conversations.values()].flatMap(({ id, calls: own }) =>
      own.map((call) => ({
        conversationId: id,
        callId: call.id,
        appId: call.appId,
        live: call.state.name !== 'terminated',
      })),
    )
    const live = all.filter((one) => one.live)
    return choose(pick % 8 === 7 || live.length === 0 ? all : live, pick)
  }

  /** Somebody who is in a conversation or on the way; now and then anybody who ever was. */
  someone(pick: number): { conversationId: string; participantId: string } | undefined {
    const conversation = choose(pick % 7 === 6 ? [...this.conversations.values()] : this.live, pick)
    if (!conversation) return undefined
    const { invitations, participants } = conversation
    const current = [...invitations, ...participants].map(({ id }) => id)
    const participantId = choose(pick % 7 === 6 ? this.#participantIds : current, Math.floor(pick / 7))
    return participantId === undefined ? undefined : { conversationId: conversation.id, participantId }
  }

  /** Some invitees: people and applications, some pulled out of a call of `appId`. */
  invitees(appId: string, count: number, pick: number): Invitee[] {
    return Array.from({ length: count }, (_, index) => {
      const choice = pick + index * 5
      if (choice % 9 === 8) return this.#application(choice)
      const person = choose(PEOPLE, choice) ?? PEOPLE[0]
      if (!person) throw new Error('nobody there')
      const named = { ...person, name: this.mint(person.name) }
      const { address } = person
      return invitee(named, {
        reach: { type: 'endpoint', address, duties: this.duties(named, pick + index) },
        hidden: choice % 13 === 0,
        ...(choice % 5 === 0 && { outsideDefaultMix: true }),
        ...(choice % 6 === 1 && { replaces: this.#replaced(appId, pick) }),
        ...(choice % 17 === 0 && { reach: { type: 'nowhere', reason: { name: 'callee-offline' } } }),
      })
    })
  }

  /** Who must record somebody: often nobody, now and then two applications. */
  duties(person: Person, pick: number): RecordingDuty[] {
    const requirements = [REQUIRED, OPTIONAL, { before: true, during: false }, { before: false, during: true }]
    return RECORDERS.slice(0, pick % 5 === 4 ? 2 : pick % 2).map((name, index) =>
      duty(person, { ...this.bot(name), name: this.mint(name) }, choose(requirements, pick + index)),
    )
  }

  #application(pick: number): Invitee {
    const target = this.bot(choose(APPS, Math.floor(pick / 9)) ?? 'a')
    return application(target, { participantId: this.mint(target.name), hidden: pick % 2 === 0 })
  }

  #replaced(appId: string, pick: number): NonNullable<Invitee['replaces']> {
    const own = [...this.conversations.values()].flatMap(({ id: conversationId, calls: all }) =>
      all
        .filter((call) => call.appId === appId || pick % 11 === 0)
        .map(({ id: callId }) => ({ callId, conversationId })),
    )
    // A call of two people has none of an application: its own id names it.
    const people = [...this.conversations.values()]
      .filter(({ mode, calls: all }) => mode === 'peerToPeer' && all.length === 0)
      .map(({ id }) => ({ callId: id, conversationId: id }))
    const call = choose(pick % 3 === 0 && people.length > 0 ? people : own, Math.floor(pick / 2))
    return call ? { callId: call.callId, call } : { callId: 'unknown' }
  }

  /** An application with a call id of its own. */
  bot(name: string): Bot {
    return { ...bot(name), callId: this.mint(name.toUpperCase()) }
  }

  /** An id for one more conversation, unless there are enough. */
  newConversation(): string | undefined {
    const many = this.live.filter(({ id }) => id !== MEETING).length
    return many < MOST_CONVERSATIONS ? this.mint('conversation') : undefined
  }

  // The world outside

  /** Performs one effect: messages are delivered, legs and media come up at once. */
  perform(effect: Effect): void {
    switch (effect.type) {
      case 'Tell':
        return this.#tell(effect.conversationId, effect.command)
      case 'ConnectCall':
        return this.#everywhere({ type: 'CallConnected', callId: effect.callId })
      case 'MoveLeg':
      case 'ConnectLeg':
        return this.connect(effect.participantId, false)
      case 'StartMedia':
        return this.mediaEnds(effect, effect.operationId.length)
      case 'StartHoldMusic':
      case 'StopHoldMusic':
        return this.mediaEnds(effect, 0)
      case 'StopMedia':
      case 'PrefetchMedia':
      case 'Ring':
      case 'DropLeg':
      case 'WatchLeg':
    }
  }

  /** Somebody's leg comes up. */
  connect(participantId: string, lobby: boolean, link?: number): void {
    const chain = link === undefined ? {} : { link }
    this.#everywhere({ type: 'LegConnected', participantId, ...chain, endpointType: 'default', lobby })
  }

  /** The media engine reports the end of something, mostly well. */
  mediaEnds({ callId, operationId }: { callId: string; operationId?: string }, pick: number): void {
    if (operationId === undefined) return
    const reason = choose([undefined, undefined, 'prompt-bad-format', 'record-initial-silence'] as const, pick)
    this.#everywhere({ ...mediaDone({ callId }, operationId, reason) })
  }

  /** Ids are unique in this world: whoever does not know one ignores the report. */
  #everywhere(command: Command): void {
    for (const id of this.conversations.keys()) this.submit(id, command)
  }

  #tell(conversationId: string, command: Command): void {
    if (this.conversations.has(conversationId) || command.type === 'MoveBegins')
      return this.submit(conversationId, command)
    const reply = isMove(command) ? answerForMissing(command, conversationId) : undefined
    if (reply) this.effects.push(reply)
  }

  /** Whether a conversation can still be told to begin: somebody was to be transferred to it. */
  isBegun(conversationId: string): boolean {
    const told = this.effects.some((effect) => effect.type === 'Tell' && effect.command.type === 'MoveBegins')
    const all = [...this.conversations.values()].flatMap(({ calls }) => calls)
    return told || all.some(({ state }) => 'out' in state && state.out?.conversationId === conversationId)
  }

  /** Performs all effects, and those that follow, in order. */
  settle(): void {
    for (let count = 0; this.effects.length > 0; count += 1) {
      if (count > 1000) throw new Error('conversations talk for ever')
      const effect = this.effects.shift()
      if (effect) this.perform(effect)
    }
  }

  /** Moves time to the next deadline of all, and wakes whoever it belongs to. False if nothing waits. */
  wakeNext(): boolean {
    const next = Math.min(...this.live.map((one) => nextDeadline(one) ?? Infinity))
    if (next === Infinity) return false
    this.now = Math.max(this.now, next)
    for (const conversation of this.live) {
      if ((nextDeadline(conversation) ?? Infinity) <= this.now) this.submit(conversation.id, { type: 'Wake' })
    }
    return true
  }

  /** The process dies: nothing that waited is performed; unfinished conversations go on. */
  restart(): void {
    this.hasRestarted = true
    this.effects = []
    for (const { id, endedAt, departures } of this.conversations.values()) {
      if (endedAt === undefined || departures.length > 0) this.submit(id, { type: 'Resumed' })
    }
  }
}

function isMove(command: Command): command is MoveCommand {
  return command.type.startsWith('Move')
}
