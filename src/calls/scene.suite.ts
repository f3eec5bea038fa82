/**
 * A small cast for the tests of the core, and tables of arrows: what a command does to a conversation, told in short
 * lines. A line names a call by a capital letter (`A` is the call of bot `a`) and a person by their first name.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CallSource } from './call.ts'
import type {
  Answer,
  Command,
  CreateCall,
  Invite,
  JoinMeeting,
  LegReport,
  PersonCalls,
  PersonJoins,
  PersonCallsPerson,
} from './commands.ts'
import type { Conversation } from './conversation.ts'
import type { Decision, Rules } from './draft.ts'
import { decide } from './decide.ts'
import type { Result } from './decide.ts'
import type { Effect } from './effects.ts'
import type { CallError } from './errors.ts'
import type { Address, Identity } from './identity.ts'
import type { CallManners } from './manners.ts'
import type { Notification, NotificationSubject } from './notification.ts'
import type { Participant } from './participant.ts'
import type { ApplicationLeg, Invitee, ReplacedCall, RecordingDuty, Requirement } from './reach.ts'
import type { EndReason } from './reasons.ts'
import { resultInfo } from './reasons.ts'
import type { JoiningAnswer, Recording } from './recorder.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE

/** When every test begins. */
export const START = Date.UTC(2026, 0, 1)

export const rules: Rules = {
  ringTimeout: MINUTE,
  setupTimeout: 10 * SECOND,
  answerTimeout: 15 * SECOND,
  recordingAnswerTimeout: 5 * SECOND,
  keepAliveTimeout: 45 * MINUTE,
  lobbyTimeout: 30 * MINUTE,
  maxCallDuration: 24 * HOUR,
  operationRetention: 10 * MINUTE,
  callRetention: HOUR,
  maxParticipants: 20,
  maxAudioRoutingGroups: 3,
  mediaQueueLimit: 5,
  mediaTimeout: 20 * MINUTE,
  applicationsMayBeInvited: false,
}

/** In profile `open` applications may be invited. */
export const open: Rules = { ...rules, applicationsMayBeInvited: true }

// The cast

/** Somebody at an endpoint. */
export interface Person {
  readonly name: string
  readonly identity: Identity
  readonly address: Address
}

/** An application with the one call that it has in a test. */
export interface Bot {
  readonly name: string
  readonly callId: string
  readonly appId: string
  readonly identity: Identity
}

const tenantId = 'contoso'

export function user(name: string): Person {
  return { name, identity: { kind: 'user', id: name }, address: { kind: 'user', id: name, tenantId } }
}

export function phone(name: string, id: string): Person {
  return { name, identity: { kind: 'phone', id }, address: { kind: 'phone', id, tenantId } }
}

export function bot(name: string): Bot {
  const appId = `app-${name}`
  return { name, callId: name.toUpperCase(), appId, identity: { kind: 'application', id: appId } }
}

export const ann = user('ann')
export const bob = user('bob')
export const cyd = user('cyd')
export const dan = user('dan')
export const eve = user('eve')
export const desk = phone('desk', '+4930123456')
export const a = bot('a')
export const b = bot('b')
export const c = bot('c')

export const modern: CallManners = { wireVersion: 'v1.0', end: 'terminating', asksRecorders: true, transcription: true }
export const ringing: CallManners = { wireVersion: 'beta', end: 'terminating', ringing: true }
export const old: CallManners = { wireVersion: '2018', end: 'terminated' }

const chatInfo = { threadId: '19:chat@thread.v2', messageId: '0' }

// Commands

/** One party to be brought in; its id is its name unless another is given. */
export function invitee({ name, identity, address }: Person, more: Partial<Invitee> = {}): Invitee {
  return { participantId: name, identity, reach: { type: 'endpoint', address }, hidden: false, ...more }
}

/** Somebody whom the directory does not find. */
export function nobody({ name, identity }: Person, reason: EndReason): Invitee {
  return { participantId: name, identity, reach: { type: 'nowhere', reason }, hidden: false }
}

/** An application as the target of a call or an invite. */
export function application(target: Bot, more: Partial<Invitee> = {}): Invitee {
  const reach = { type: 'application', leg: legOf(target) } as const
  return { participantId: target.name, identity: target.identity, reach, hidden: false, ...more }
}

/** An invitee who is to be pulled out of another call. */
export function replacing(person: Person, callId: string, call?: ReplacedCall): Invitee {
  return invitee(person, { replaces: { callId, ...(call && { call }) } })
}

/** What policies may require. */
export const REQUIRED: Requirement = { before: true, during: true }
export const OPTIONAL: Requirement = { before: false, during: false }

/** A policy that wants `by` to record somebody; the recorder's call and participant have the names of `by`. */
export function duty(holder: Person, by: Bot, inCall = REQUIRED, inMeeting = inCall): RecordingDuty {
  const { identity } = holder
  return { policy: 'policy', inCall, inMeeting, holder: identity, leg: legOf(by), participantId: by.name }
}

/** Somebody to be brought in whom `by` must record. */
export function recorded(person: Person, by: Bot, inCall = REQUIRED): Invitee {
  const duties = [duty(person, by, inCall)]
  return invitee(person, { reach: { type: 'endpoint', address: person.address, duties } })
}

/** What a recorder answers to the question about somebody. */
export function joining({ callId }: Bot, { name: participantId }: Person, answered: JoiningAnswer): Command {
  return { type: 'JoiningAnswered', callId, participantId, answer: answered }
}

function legOf({ callId, appId, identity }: Bot): ApplicationLeg {
  return { callId, appId, tenantId, callbackUri: `https://${appId}.example/`, manners: modern, identity }
}

function newCall({ name, callId, appId, identity }: Bot) {
  return {
    conversationId: 'here',
    callId,
    appId,
    tenantId,
    callChainId: 'chain',
    participantId: name,
    callbackUri: `https://${appId}.example/`,
    scenarioId: 'scenario',
    manners: modern,
    source: { identity } satisfies CallSource,
    requestedModalities: ['audio'],
    mediaConfig: { type: 'serviceHosted' },
    chatInfo,
  } as const
}

export function create(who: Bot, targets: readonly Invitee[], more: Partial<CreateCall> = {}): CreateCall {
  return { type: 'CreateCall', ...newCall(who), targets, ...more }
}

export function join(who: Bot, more: Partial<JoinMeeting> = {}): JoinMeeting {
  const meetingInfo = { organizer: { kind: 'user', id: 'organizer' } } as const
  return { type: 'JoinMeeting', ...newCall(who), meetingInfo, ...more }
}

export function calls(caller: Person, target: Bot, more: Partial<PersonCalls> = {}): PersonCalls {
  return {
    type: 'PersonCalls',
    conversationId: 'here',
    tenantId,
    callChainId: 'chain',
    caller: { participantId: caller.name, source: { identity: caller.identity }, address: caller.address },
    target: legOf(target),
    applicationParticipantId: target.name,
    ...more,
  }
}

/** A person calls another one. */
export function callsPerson(caller: Person, target: Person, more: Partial<PersonCallsPerson> = {}): PersonCallsPerson {
  const { source, ...rest } = calls(caller, a).caller
  const conversation = { conversationId: 'here', tenantId: 'tenant', callChainId: 'chain' }
  return { type: 'PersonCallsPerson', ...conversation, caller: { ...rest, source }, target: invitee(target), ...more }
}

export function invite(
  who: Bot,
  operationId: string,
  invitees: readonly Invitee[],
  more: Partial<Invite> = {},
): Invite {
  const { callId, appId } = who
  return { type: 'Invite', callId, appId, operationId, invitees, escalation: 'any', chatInfo, ...more }
}

export function answer({ callId, appId }: Bot, more: Partial<Answer> = {}): Answer {
  return { type: 'Answer', callId, appId, mediaConfig: { type: 'serviceHosted' }, ...more }
}

export function reject({ callId, appId }: Bot, reason: 'none' | 'busy' | 'forbidden' = 'none'): Command {
  return { type: 'Reject', callId, appId, reason }
}

export function keepAlive({ callId, appId }: Bot): Command {
  return { type: 'KeepAlive', callId, appId }
}

export function hangUp({ callId, appId }: Bot): Command {
  return { type: 'HangUp', callId, appId }
}

export function remove({ callId, appId }: Bot, who: Person | Bot): Command {
  return { type: 'RemoveParticipant', callId, appId, participantId: who.name }
}

export function mediaUp({ callId }: Bot): Command {
  return { type: 'CallConnected', callId }
}

export function undelivered({ callId }: Bot, final: boolean): Command {
  return { type: 'IncomingUndelivered', callId, detail: 'connection refused', final }
}

export function delivered({ callId }: Bot): Command {
  return { type: 'IncomingDelivered', callId }
}

export function picksUp({ name: participantId }: Person): Command {
  return { type: 'LegAnswered', participantId }
}

export function connects(
  { name: participantId }: Person,
  more: Partial<Extract<LegReport, { lobby: boolean }>> = {},
): Command {
  return { type: 'LegConnected', participantId, endpointType: 'default', lobby: false, ...more }
}

/** Somebody's leg comes up, but in the lobby. */
export function waits(person: Person): Command {
  return connects(person, { lobby: true })
}

export function fails({ name: participantId }: Person, reason: EndReason['name'] = 'callee-busy'): Command {
  return { type: 'LegFailed', participantId, reason: { name: reason } }
}

export function leaves({ name: participantId }: Person): Command {
  return { type: 'LegLeft', participantId }
}

export function enters({ name: participantId, identity, address }: Person, more: Partial<PersonJoins> = {}): Command {
  return { type: 'PersonJoins', participantId, identity, address, lobby: false, ...more }
}

export function admit({ name: participantId }: Person): Command {
  return { type: 'Admit', participantId }
}

export const wake: Command = { type: 'Wake' }
export const resumed: Command = { type: 'Resumed' }

/** One of several, by a number. */
export function choose<Item>(items: readonly Item[], pick: number): Item | undefined {
  return items.length === 0 ? undefined : items[pick % items.length]
}

// What came of it, in short lines

/** A conversation in one line: mode; calls; who is in; who is on the way; operations; departures. */
export function stateLine(conversation: Conversation | undefined): string {
  if (!conversation) return 'nothing'
  const { mode, participants, invitations, operations, departures, recordings, endedAt } = conversation
  return [
    mode,
    ...conversation.calls.map(({ id, state }) =>
      state.name === 'terminated' ? `${id} terminated ${state.reason.name}` : `${id} ${state.name}`,
    ),
    ...(participants.length > 0 ? [`in ${participants.map(participantWord).join(' ')}`] : []),
    ...invitations.map(({ id, state }) => `${state.name} ${id}`),
    ...operations.map(({ id, state }) => `${id} ${state.name}`),
    ...recordings.filter(({ state }) => state.name !== 'due').map(recordingWord),
    ...departures.map(({ participantId, to }) => `departing ${participantId} to ${to.conversationId}`),
    ...(endedAt === undefined ? [] : ['over']),
  ].join('; ')
}

function recordingWord({ participantId, state }: Recording): string {
  return `${'callId' in state ? state.callId : ''} ${state.name} ${participantId}`
}

function participantWord({ id, state, hidden }: Participant): string {
  return `${id}${state.name === 'connected' ? '' : `(${state.name})`}${hidden ? '(hidden)' : ''}`
}

/** A notification in one line: call, changeType, subject. */
export function notificationLine({ callId, changeType, subject, after }: Notification): string {
  const waitsFor = after ? ` after ${after.callId}#${after.number}` : ''
  return `${callId} ${changeType} ${subjectWords(subject)}${waitsFor}`
}

function subjectWords(subject: NotificationSubject): string {
  switch (subject.type) {
    case 'call': {
      const { state } = subject.view.call
      return subject.phase === 'terminated' && state.name === 'terminated'
        ? `terminated ${codes(state.reason)}`
        : subject.phase
    }
    case 'tone':
      return `tone ${subject.sequenceId} ${subject.tone}`
    case 'operation': {
      const { id, state } = subject.operation
      const [first] = state.name === 'failed' ? state.reasons : [state.name === 'completed' ? state.reason : undefined]
      return `${id} ${state.name}${first ? ` ${codes(first)}` : ''}`
    }
    case 'contentSharing':
      return `content ${subject.session.id} by ${subject.session.presenterParticipantId}`
    case 'participantJoining':
    case 'participantLeft':
      return `${subject.type} ${subject.participantId}`
    case 'roster':
      return `roster ${subject.participants.map(participantWord).join(' ')}`
    case 'delta': {
      const removed = subject.removed.map(({ participant }) => `-${participant.id}`)
      const rows = [...subject.participants.map(participantWord), ...removed].join(' ')
      return `delta ${subject.sequenceNumber}: ${rows}`
    }
  }
}

function codes(reason: EndReason): string {
  const { code, subcode } = resultInfo(reason)
  return `${code}/${subcode}`
}

/** An effect in one line. */
export function effectLine(effect: Effect): string {
  switch (effect.type) {
    case 'Ring':
      return `Ring ${effect.participantId} for ${effect.caller.id}`
    case 'DropLeg':
      return `DropLeg ${effect.participantId} ${effect.reason.name}`
    case 'MoveLeg':
      return `MoveLeg ${effect.participantId} from ${effect.from.conversationId}/${effect.from.participantId}`
    case 'ConnectLeg':
      return `ConnectLeg ${effect.participantId}`
    case 'WatchLeg':
      return `WatchLeg ${effect.participantId}${effect.state === 'held' ? ' held' : ''}`
    case 'StartMedia':
      return `StartMedia ${effect.operationId} ${effect.task.type}`
    case 'StopMedia':
      return `StopMedia ${effect.operationId} ${effect.cause}`
    case 'StartHoldMusic':
      return `StartHoldMusic ${effect.participantId} by ${effect.operationId}`
    case 'StopHoldMusic':
      return `StopHoldMusic ${effect.participantId}${effect.operationId === undefined ? '' : ` by ${effect.operationId}`}`
    case 'PrefetchMedia':
      return `PrefetchMedia ${effect.callId} ${effect.media.map(({ uri }) => uri).join(' ')}`
    case 'ConnectCall':
      return `ConnectCall ${effect.callId}`
    case 'Tell': {
      const { command } = effect
      const why = 'reason' in command && typeof command.reason === 'object' ? ` ${command.reason.name}` : ''
      return `Tell ${effect.conversationId} ${command.type}${why}`
    }
  }
}

// Scenes

/** Makes a value unchangeable through and through, so that whoever mutates it throws. */
export function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) freeze(member)
  }
  return value
}

/** Conversations by id, a clock that is moved by hand, and every decision so far. */
export class Scene {
  readonly conversations = new Map<string, Conversation>()
  readonly rules: Rules
  now = START

  constructor(given: Rules = rules) {
    this.rules = given
  }

  /** Decides a command and keeps what came of it. */
  decide(conversationId: string, command: Command): Result {
    const before = this.conversations.get(conversationId)
    const result = decide(before, freeze(command), this.now, this.rules)
    if (result.ok) this.conversations.set(conversationId, freeze(result.decision.conversation))
    return result
  }

  /** Decides a command that must not be refused. */
  do(conversationId: string, command: Command): Decision {
    const result = this.decide(conversationId, command)
    assert.ok(result.ok, `${command.type} was refused: ${result.ok ? '' : result.error.name}`)
    return result.decision
  }

  state(conversationId: string): string {
    return stateLine(this.conversations.get(conversationId))
  }
}

/** A command, or one that comes after a while. */
export type Step = Command | { readonly after: number; readonly command: Command }

/** The same command, `milliseconds` later. */
export function later(milliseconds: number, command: Command): Step {
  return { after: milliseconds, command }
}

/** What must come of the last step: everything, and nothing else. */
export interface Outcome {
  readonly state: string
  readonly told?: readonly string[]
  readonly effects?: readonly string[]
}

/** One transition: its name, what came before, the command, and what follows. */
export type Arrow = readonly [
  name: string,
  given: readonly Step[],
  when: Step,
  then: Outcome | { readonly refused: CallError },
]

/** Runs each arrow as a test in a conversation of its own. */
export function arrows(table: readonly Arrow[], given: Rules = rules): void {
  for (const [name, steps, when, then] of table) {
    test(name, () => {
      const scene = new Scene(given)
      for (const step of steps) scene.do('here', commandOf(scene, step))
      const before = scene.state('here')
      const result = scene.decide('here', commandOf(scene, when))
      if ('refused' in then) {
        assert.deepEqual(result, { ok: false, error: then.refused })
        assert.equal(scene.state('here'), before)
      } else {
        assert.ok(result.ok, result.ok ? '' : `refused: ${result.error.name}`)
        assert.deepEqual(linesOf(result.decision), { told: [], effects: [], ...then })
      }
    })
  }
}

function commandOf(scene: Scene, step: Step): Command {
  if (!('command' in step)) return step
  scene.now += step.after
  return step.command
}

/** A decision in short lines. */
export function linesOf({ conversation, notifications, effects }: Decision): Required<Outcome> {
  return {
    state: stateLine(conversation),
    told: notifications.map(notificationLine),
    effects: effects.map(effectLine),
  }
}
