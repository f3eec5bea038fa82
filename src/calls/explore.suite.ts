/**
 * An exhaustive walk through a small world: from its beginning everything that anybody can do, in every order, up to a
 * number of steps. States that differ only in names, numbers that count on, or moments that have passed are one. Every
 * step is held against `invariants.suite.ts`, and every state in which nothing is on its way against the rule that legs
 * are up where their people are.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Command } from './commands.ts'
import type { Conversation } from './conversation.ts'
import { nextDeadline } from './conversation.ts'
import { decide } from './decide.ts'
import type { Rules } from './draft.ts'
import type { Effect } from './effects.ts'
import { Memory, checkStep } from './invariants.suite.ts'
import { answerForMissing } from './move.ts'
import type { MoveCommand } from './move-commands.ts'
import { isFinished } from './operation.ts'
import { isPerson } from './participant.ts'
import { START, freeze } from './scene.suite.ts'

/** Something that the world has yet to do; `again` if it was done once already. */
export interface Pending {
  readonly effect: Effect
  readonly again: boolean
}

/** Where a walk has got to. */
export interface State {
  readonly conversations: ReadonlyMap<string, Conversation>
  readonly pending: readonly Pending[]
  readonly memory: Memory
  readonly now: number
  readonly minted: number
  readonly restarted: boolean
}

/** One thing that may happen next. */
export interface Move {
  readonly name: string
  readonly make: (world: SmallWorld) => void
}

/** What can happen in a state. */
export type Moves = (state: State) => readonly Move[]

/** Effects with which nothing comes back in these worlds. */
const SILENT: ReadonlySet<Effect['type']> = new Set<Effect['type']>([
  'DropLeg',
  'WatchLeg',
  'PrefetchMedia',
  'StopMedia',
  'StopHoldMusic',
])

/** A state that is being changed by one move. */
export class SmallWorld {
  readonly conversations: Map<string, Conversation>
  readonly rules: Rules
  readonly memory: Memory
  pending: Pending[]
  now: number
  #minted: number
  #restarted: boolean

  constructor(state: State, rules: Rules) {
    this.conversations = new Map(state.conversations)
    this.pending = [...state.pending]
    this.memory = copyOf(state.memory)
    this.rules = rules
    this.now = state.now
    this.#minted = state.minted
    this.#restarted = state.restarted
  }

  get state(): State {
    const { conversations, pending, memory, now } = this
    return { conversations, pending, memory, now, minted: this.#minted, restarted: this.#restarted }
  }

  /** An id that nobody has had. */
  mint(name: string): string {
    return `${name}~${++this.#minted}`
  }

  /** Decides a command and checks every rule on what comes of it; a refusal changes nothing. */
  submit(conversationId: string, command: Command): void {
    const before = this.conversations.get(conversationId)
    const result = decide(before, freeze(command), this.now, this.rules)
    if (!result.ok) return
    const { decision } = result
    freeze(decision.conversation)
    checkStep({ before, command, decision, now: this.now }, this.memory)
    this.conversations.set(conversationId, decision.conversation)
    const heard = decision.effects.filter(({ type }) => !SILENT.has(type))
    this.pending.push(...heard.map((effect) => ({ effect, again: false })))
  }

  /** Strikes one thing off, or leaves it to be done once more. */
  take(pending: Pending, again: boolean): void {
    this.pending = this.pending.flatMap((one) => (one === pending ? (again ? [{ ...one, again }] : []) : [one]))
  }

  /** Delivers what one conversation says to another. */
  tell(conversationId: string, command: Command): void {
    if (this.conversations.has(conversationId) || command.type === 'MoveBegins') {
      return this.submit(conversationId, command)
    }
    const reply = isMove(command) ? answerForMissing(command, conversationId) : undefined
    if (reply) this.pending.push({ effect: reply, again: false })
  }

  /** Reports something to whoever knows of it: ids are unique. */
  everywhere(command: Command): void {
    for (const id of this.conversations.keys()) this.submit(id, command)
  }

  /** The next deadline comes. False if there is none. */
  tick(): boolean {
    const live = [...this.conversations.values()].filter(({ endedAt }) => endedAt === undefined)
    const next = Math.min(...live.map((one) => nextDeadline(one) ?? Infinity))
    if (next === Infinity) return false
    this.now = Math.max(this.now, next)
    for (const one of live) if ((nextDeadline(one) ?? Infinity) <= this.now) this.submit(one.id, { type: 'Wake' })
    return true
  }

  /** The process dies and comes back: nothing that waited is done. */
  restart(): void {
    this.#restarted = true
    this.pending = []
    for (const { id, endedAt, departures } of this.conversations.values()) {
      if (endedAt === undefined || departures.length > 0) this.submit(id, { type: 'Resumed' })
    }
  }
}

function isMove(command: Command): command is MoveCommand {
  return command.type.startsWith('Move')
}

function copyOf(memory: Memory): Memory {
  const copy = new Memory()
  for (const name of ['numbers', 'tones', 'rosters'] as const) {
    const to = copy[name] as Map<string, unknown>
    for (const [key, value] of memory[name]) to.set(key, value)
  }
  for (const name of ['ended', 'finished', 'reported', 'up'] as const) {
    for (const key of memory[name]) copy[name].add(key)
  }
  return copy
}

/** Members that only count on, or tell of what is over. */
const UNTOLD: ReadonlySet<string> = new Set([
  'notified',
  'rosterSequence',
  'nextSourceId',
  'sourceId',
  'toneSequence',
  'number',
  'createdAt',
  'callChainId',
  'operations',
  'calls',
])

/** What was told of a conversation, which most moves leave as it is. */
const texts = new WeakMap<Conversation, { readonly now: number; readonly text: string }>()

/** What two states have in common if they cannot be told apart by anything that follows. */
export function keyOf({ conversations, pending, memory, now, restarted }: State): string {
  const text = (value: unknown): string =>
    JSON.stringify(value, (key: string, member: unknown) => {
      if (UNTOLD.has(key)) return undefined
      // Moments: how far ahead, or that they have passed.
      if (typeof member === 'number' && member >= START) return member > now ? member - now : 'past'
      return member
    })
  const parts = [...conversations.values()].map((one) => {
    const known = texts.get(one)
    if (known?.now === now) return known.text
    const calls = one.calls.map((call) => (call.state.name === 'terminated' ? `${call.id} over` : text(call)))
    const running = one.operations.filter((operation) => !isFinished(operation)).map(text)
    const told = `${text(one)}${calls.join()}${running.join()}`
    texts.set(one, { now, text: told })
    return told
  })
  const waiting = pending.map((one) => text(one)).toSorted((a, b) => compare(nameless(a), nameless(b)))
  const whole = [...parts, ...waiting, [...memory.up].join(), String(restarted)].join('\n')
  const names = new Map<string, string>()
  const renamed = whole.replaceAll(/~\d+/g, (name) => {
    const known = names.get(name) ?? `~${names.size}`
    names.set(name, known)
    return known
  })
  return createHash('sha1').update(renamed).digest('base64').slice(0, 20)
}

function nameless(text: string): string {
  return text.replaceAll(/~\d+/g, '~')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** What a walk came to. */
export interface Walk {
  readonly states: number
  readonly transitions: number
  /** Steps from the beginning that were explored in full. */
  readonly depth: number
}

/** Bounds of a walk. */
export interface WalkOptions {
  readonly depth: number
  /** Real milliseconds after which no further depth is begun. */
  readonly patience: number
  /** One state in this many is followed to its end: everything must end of its own accord. */
  readonly endings: number
  readonly onDepth?: (walk: Walk) => void
}

/** The way to a state, for whoever has to understand a failure. */
interface Step {
  readonly name: string
  readonly before: Step | undefined
}

/** Walks through everything that can happen. @throws with the way to it, if a rule is broken */
export function explore(begin: State, rules: Rules, moves: Moves, options: WalkOptions): Walk {
  const seen = new Set([keyOf(begin)])
  const deadline = performance.now() + options.patience
  let frontier: { readonly state: State; readonly step: Step | undefined }[] = [{ state: begin, step: undefined }]
  let transitions = 0
  let depth = 0
  while (depth < options.depth && frontier.length > 0 && performance.now() < deadline) {
    const next: typeof frontier = []
    for (const { state, step } of frontier) {
      for (const { name, make } of moves(state)) {
        transitions++
        const taken = { name, before: step }
        const after = tried(taken, () => {
          const world = new SmallWorld(state, rules)
          make(world)
          return world.state
        })
        const key = keyOf(after)
        if (seen.has(key)) continue
        seen.add(key)
        tried(taken, () => {
          checkQuiet(after)
          if (seen.size % options.endings === 0) runToEnd(after, rules)
        })
        next.push({ state: after, step: taken })
      }
    }
    frontier = next
    depth++
    options.onDepth?.({ states: seen.size, transitions, depth })
  }
  return { states: seen.size, transitions, depth }
}

function tried<Result>(step: Step, work: () => Result): Result {
  try {
    return work()
  } catch (fault) {
    const names: string[] = []
    for (let one: Step | undefined = step; one; one = one.before) names.unshift(one.name)
    throw new Error(`after: ${names.join('; ')}`, { cause: fault })
  }
}

/** If nothing is on its way, whoever is in has a leg that is up, and nobody else has. */
function checkQuiet({ conversations, pending, memory, restarted }: State): void {
  if (pending.length > 0 || restarted) return
  const people = [...conversations.values()].flatMap(({ participants }) => participants.filter(isPerson))
  const isIn = people.filter(({ state }) => state.name !== 'calling').map(({ id }) => id)
  const known = new Set(people.map(({ id }) => id))
  for (const id of isIn) assert.ok(memory.up.has(id), `${id} is in, and their leg is not`)
  for (const id of memory.up) assert.ok(known.has(id), `the leg of ${id} is up, who is nowhere`)
}

/** Everything that waits is done and time goes on, until nothing waits any more: all has ended by then. */
function runToEnd(state: State, rules: Rules): void {
  const world = new SmallWorld(state, rules)
  for (let count = 0; ; count++) {
    assert.ok(count < 1000, 'it never ends')
    const [first] = world.pending
    if (first) {
      world.take(first, false)
      perform(world, first.effect)
    } else if (!world.tick()) break
  }
  for (const { operations, departures, endedAt } of world.conversations.values()) {
    assert.ok(endedAt !== undefined, 'a conversation goes on for ever')
    assert.ok(operations.every(isFinished), 'an operation runs for ever')
    if (!state.restarted) assert.deepEqual(departures, [])
  }
  if (!state.restarted) assert.deepEqual([...world.memory.up], [])
}

/** Does something as it is done if all goes well: those who are rung do not answer. */
export function perform(world: SmallWorld, effect: Effect): void {
  if (effect.type === 'Tell') world.tell(effect.conversationId, effect.command)
  else if (effect.type === 'ConnectCall') world.everywhere({ type: 'CallConnected', callId: effect.callId })
  else if (effect.type === 'MoveLeg' || effect.type === 'ConnectLeg') connect(world, effect.participantId)
  else if ((effect.type === 'StartMedia' || effect.type === 'StartHoldMusic') && effect.operationId !== undefined) {
    const { callId, operationId } = effect
    world.everywhere({ type: 'MediaEnded', callId, operationId, outcome: { name: 'completed' } })
  }
}

/** Somebody's leg comes up. */
export function connect(world: SmallWorld, participantId: string, more: { link?: number; lobby?: boolean } = {}): void {
  const { lobby = false, ...link } = more
  world.everywhere({ type: 'LegConnected', participantId, endpointType: 'default', lobby, ...link })
}

/** Nothing has happened. */
export const nothing: State = {
  conversations: new Map(),
  pending: [],
  memory: new Memory(),
  now: START,
  minted: 0,
  restarted: false,
}
