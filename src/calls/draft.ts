import type { Call, CallState } from './call.ts'
import { isIn, isLive, sourceFor } from './call.ts'
import type { ContentSharing, Conversation } from './conversation.ts'
import { hasRoster, liveCalls, present, rosterFor } from './conversation.ts'
import type { Effect } from './effects.ts'
import type { CallError } from './errors.ts'
import type { Event } from './events.ts'
import type { Invitation, InvitationPurpose } from './invitation.ts'
import { ownCallId } from './invitation.ts'
import type { Tone } from './media.ts'
import type { CallPhase, CallView, Notification, NotificationRef, NotificationSubject } from './notification.ts'
import type { RemovedParticipant } from './notification.ts'
import type { Operation } from './operation.ts'
import { isFinished } from './operation.ts'
import type { Participant } from './participant.ts'
import type { RecordingDuty } from './reach.ts'
import type { EndReason } from './reasons.ts'
import { reasonText } from './reasons.ts'
import type { ParticipationMethod, RecorderContext, Recording, RecordingState } from './recorder.ts'
import { transcriptionFor } from './transcription.ts'

/** The limits that the core keeps to, from the configuration. Durations are milliseconds. */
export interface Rules {
  readonly ringTimeout: number
  /** How long an answered leg may take to bring its media up. */
  readonly setupTimeout: number
  readonly answerTimeout: number
  /** How long a recorder may take to answer: its incoming call, or whether it records one more person. */
  readonly recordingAnswerTimeout: number
  readonly keepAliveTimeout: number
  readonly lobbyTimeout: number
  readonly maxCallDuration: number
  /** How long a finished operation stays readable. */
  readonly operationRetention: number
  /** How long the tombstone of an ended call is kept. */
  readonly callRetention: number
  /** Parties and pending invitations that a conversation may hold. */
  readonly maxParticipants: number
  /** Audio routing groups that one call may have. */
  readonly maxAudioRoutingGroups: number
  /** Prompts, recordings and sendings of tones that may be under way and waiting in one call. */
  readonly mediaQueueLimit: number
  /** How long the media engine may say nothing of something that it does, endless prompts aside. */
  readonly mediaTimeout: number
  /** Whether an application may be invited into a group call (profile `open`). */
  readonly applicationsMayBeInvited: boolean
}

/** What a command leads to: the conversation after it, what happened, who must be told, and what the world must do. */
export interface Decision {
  readonly conversation: Conversation
  readonly events: readonly Event[]
  readonly notifications: readonly Notification[]
  readonly effects: readonly Effect[]
}

/** Thrown inside the core to leave a command that is refused; `decide` turns it into its result. */
export class Refusal extends Error {
  readonly error: CallError
  constructor(error: CallError) {
    super(error.name)
    this.error = error
  }
}

/** Stops deciding: the command is refused and nothing changes. */
export function refuse(error: CallError): never {
  throw new Refusal(error)
}

/**
 * A conversation in the middle of a decision. The families of commands change it through the verbs below, each of which
 * keeps events and notifications in step with the state; `finish` closes the books.
 */
export class Draft {
  readonly now: number
  readonly rules: Rules
  #conversation: Conversation
  readonly #events: Event[] = []
  readonly #notifications: Notification[] = []
  readonly #effects: Effect[] = []
  readonly #changed = new Set<string>()
  readonly #removed: RemovedParticipant[] = []
  readonly #atEnd: (() => void)[] = []
  /** Another call's notification that this decision's notifications must wait for. */
  after: NotificationRef | undefined

  constructor(conversation: Conversation, now: number, rules: Rules) {
    this.#conversation = conversation
    this.now = now
    this.rules = rules
  }

  get conversation(): Conversation {
    return this.#conversation
  }

  /** Changes members of the conversation itself. */
  change(patch: Partial<Conversation>): void {
    this.#conversation = { ...this.#conversation, ...patch }
  }

  /** Puts another state of the conversation in place of this one, for members that go. */
  replace(conversation: Conversation): void {
    this.#conversation = conversation
  }

  event(event: Event): void {
    this.#events.push(event)
  }

  effect(effect: Effect): void {
    this.#effects.push(effect)
  }

  /** Runs `step` when the decision is otherwise complete, roster notifications included. */
  atEnd(step: () => void): void {
    this.#atEnd.push(step)
  }

  // Calls

  findCall(callId: string): Call | undefined {
    return this.#conversation.calls.find((call) => call.id === callId)
  }

  /** The live call that an application addresses; somebody else's is not to be told from an unknown one. */
  ownCall(command: { readonly callId: string; readonly appId: string }): Call {
    const call = this.findCall(command.callId)
    if (!call || call.appId !== command.appId) return refuse({ name: 'callNotFound' })
    if (call.state.name === 'terminated') {
      return refuse({ name: 'callEnded', at: call.state.at, reason: call.state.reason })
    }
    return call
  }

  /** The call again, if its application is in the call itself; refused while it waits in the lobby. */
  admitted(call: Call): Call {
    if (this.findParticipant(call.participantId)?.state.name === 'lobby') refuse({ name: 'waitsInLobby' })
    return call
  }

  addCall(call: Call): void {
    this.change({ calls: [...this.#conversation.calls, call] })
    const { id: callId, appId, direction } = call
    this.event({ type: 'CallCreated', callId, appId, direction, mode: this.#conversation.mode })
  }

  updateCall(callId: string, patch: Partial<Call>): void {
    this.change({
      calls: this.#conversation.calls.map((call) => (call.id === callId ? { ...call, ...patch } : call)),
    })
  }

  /** Takes a call from its state to another. */
  moveCall(call: Call, state: CallState): void {
    this.updateCall(call.id, { state })
    this.event({
      type: 'CallStateChanged',
      callId: call.id,
      from: call.state.name,
      to: state.name,
      ...(state.name === 'terminated' && { reason: state.reason }),
    })
  }

  // Parties

  findParticipant(participantId: string): Participant | undefined {
    return this.#conversation.participants.find((one) => one.id === participantId)
  }

  addParticipant(participant: Omit<Participant, 'sourceId' | 'isMuted' | 'serverMuted'>): Participant {
    const added = { ...participant, isMuted: false, serverMuted: false, sourceId: this.#conversation.nextSourceId }
    this.change({
      participants: [...this.#conversation.participants, added],
      nextSourceId: added.sourceId + 1,
    })
    if (added.state.name === 'calling' || added.state.name === 'held') return added
    this.#changed.add(added.id)
    const { id: participantId, identity, state } = added
    this.event({ type: 'ParticipantJoined', participantId, identity, lobby: state.name === 'lobby' })
    return added
  }

  updateParticipant(participantId: string, patch: Partial<Participant>): void {
    const participant = this.findParticipant(participantId)
    if (participant) this.replaceParticipant({ ...participant, ...patch })
  }

  /** Puts a participant in the place of the one with its id. */
  replaceParticipant(participant: Participant): void {
    const { participants } = this.#conversation
    this.change({ participants: participants.map((one) => (one.id === participant.id ? participant : one)) })
    this.#changed.add(participant.id)
  }

  removeParticipant(participant: Participant, reason: EndReason): void {
    this.change({ participants: this.#conversation.participants.filter((one) => one.id !== participant.id) })
    this.#changed.delete(participant.id)
    const { name } = participant.state
    if (name !== 'calling' && name !== 'held') this.#removed.push({ participant, reason: reasonText(reason) })
    this.event({ type: 'ParticipantLeft', participantId: participant.id, identity: participant.identity, reason })
  }

  // Recorders

  /** Notes who must record somebody once they are there. */
  addDuties(participantId: string, method: ParticipationMethod, duties: readonly RecordingDuty[] = []): void {
    if (duties.length === 0) return
    const due = duties.map((duty) => ({ participantId, duty, method, state: { name: 'due' } as const }))
    this.change({ recordings: [...this.#conversation.recordings, ...due] })
  }

  /** Takes a recording to a state, or strikes it off. */
  moveRecording(recording: Recording, state: RecordingState | 'over'): void {
    const { recordings } = this.#conversation
    const isSame = ({ participantId, duty }: Recording): boolean =>
      participantId === recording.participantId && duty === recording.duty
    this.change({
      recordings:
        state === 'over'
          ? recordings.filter((one) => !isSame(one))
          : recordings.map((one) => (isSame(one) ? { ...one, state } : one)),
    })
  }

  // Invitations and operations

  findInvitation(id: string): Invitation | undefined {
    return this.#conversation.invitations.find((one) => one.id === id)
  }

  /** The call for which an invitation was made. */
  callBehind(purpose: InvitationPurpose): Call | undefined {
    if (purpose.type === 'meet' || purpose.type === 'talk') return undefined
    const callId = purpose.type === 'operation' ? this.findOperation(purpose.operationId)?.callId : purpose.callId
    return callId === undefined ? undefined : this.findCall(callId)
  }

  /** The invitation by which an application's incoming call came, if it was invited. */
  invitationOf(call: Call): Invitation | undefined {
    return this.#conversation.invitations.find((one) => ownCallId(one) === call.id)
  }

  addInvitation(invitation: Invitation): void {
    this.change({ invitations: [...this.#conversation.invitations, invitation] })
  }

  updateInvitation(id: string, patch: Partial<Invitation>): void {
    this.change({
      invitations: this.#conversation.invitations.map((one) => (one.id === id ? { ...one, ...patch } : one)),
    })
  }

  removeInvitation(id: string): void {
    this.change({ invitations: this.#conversation.invitations.filter((one) => one.id !== id) })
  }

  addOperation(operation: Operation): void {
    this.change({ operations: [...this.#conversation.operations, operation] })
    this.event({ type: 'OperationStarted', callId: operation.callId, operationId: operation.id })
  }

  findOperation(operationId: string): Operation | undefined {
    return this.#conversation.operations.find((one) => one.id === operationId)
  }

  updateOperation(operation: Operation): void {
    this.change({
      operations: this.#conversation.operations.map((one) => (one.id === operation.id ? operation : one)),
    })
  }

  // Notifications

  /** Tells the applications that asked for it of content that is shared in the call. */
  notifyContentSharing(changeType: Notification['changeType'], session: ContentSharing): void {
    for (const call of liveCalls(this.#conversation)) {
      if (call.state.name !== 'established' || call.callOptions?.isContentSharingNotificationEnabled !== true) continue
      this.#notify(call, changeType, { type: 'contentSharing', session })
    }
  }

  /** Tells a call's application of the call itself. */
  notifyCall(callId: string, changeType: Notification['changeType'], phase: CallPhase): void {
    const call = this.findCall(callId)
    if (call) this.#notify(call, changeType, { type: 'call', view: viewOf(this.#conversation, call), phase })
  }

  /** Tells a call's application of a key: the newest in its count. */
  notifyTone(callId: string, tone: Tone): void {
    const call = this.findCall(callId)
    if (call?.toneSequence === undefined) return
    const view = viewOf(this.#conversation, call)
    this.#notify(call, 'updated', { type: 'tone', view, tone, sequenceId: call.toneSequence })
  }

  /** Asks a recorder's application whether it records one more person within its call. */
  notifyJoining(call: Call, context: RecorderContext): void {
    const { participantId } = context.observed
    const view = viewOf(this.#conversation, { ...call, source: sourceFor(context), recorder: context })
    this.#notify(call, 'updated', { type: 'participantJoining', participantId, view })
  }

  /** Tells a recorder's application that it does not record somebody, or not any more. */
  notifyLeft(call: Call, participantId: string): void {
    this.#notify(call, 'updated', { type: 'participantLeft', participantId, view: viewOf(this.#conversation, call) })
  }

  /** Tells an operation's application how it ended. */
  notifyOperation(operation: Operation): void {
    const call = this.findCall(operation.callId)
    if (call) this.#notify(call, 'deleted', { type: 'operation', operation })
  }

  #notify(call: Call, changeType: Notification['changeType'], subject: NotificationSubject): void {
    const number = call.notified + 1
    this.updateCall(call.id, { notified: number })
    this.#notifications.push({
      callId: call.id,
      appId: call.appId,
      tenantId: call.tenantId,
      number,
      changeType,
      callbackUri: call.callbackUri,
      wireVersion: call.manners.wireVersion,
      callChainId: this.#conversation.callChainId,
      scenarioId: call.scenarioId,
      subject,
      ...(this.after && { after: this.after }),
    })
  }

  /** The newest notification of a call. */
  lastNotification(callId: string): NotificationRef | undefined {
    const call = this.findCall(callId)
    return call && call.notified > 0 ? { callId, number: call.notified } : undefined
  }

  #notifyRoster(): void {
    if (this.#changed.size === 0 && this.#removed.length === 0) return
    const audience = liveCalls(this.#conversation).filter(
      (call) => isIn(call) && (call.recorder || hasRoster(this.#conversation)),
    )
    if (audience.length === 0 && !hasRoster(this.#conversation)) return
    const removed = this.#removed.filter(({ participant }) => !participant.hidden)
    const changed = present(this.#conversation).filter((row) => this.#changed.has(row.id))
    const isNews = changed.length > 0 || removed.length > 0
    if (isNews) {
      const sequenceNumber = this.#conversation.rosterSequence + 1
      this.change({ rosterSequence: sequenceNumber })
      this.event({ type: 'RosterChanged', sequenceNumber })
    }
    for (const call of audience) {
      const self = this.findParticipant(call.participantId)
      if (self?.state.name === 'lobby') {
        // It learns that it waits, and nothing of the others.
        if (this.#changed.has(self.id)) this.#sendRoster(call, [], [])
        continue
      }
      // A hidden application that has just come in is no news to the others, but has yet to see the roster.
      const isNew = !call.rosterSent && this.#changed.has(call.participantId)
      if (isNews || isNew) this.#sendRoster(call, changed, removed)
    }
  }

  #sendRoster(call: Call, changed: readonly Participant[], removed: readonly RemovedParticipant[]): void {
    const sequenceNumber = this.#conversation.rosterSequence
    const rows = rosterFor(this.#conversation, call)
    const waits = this.findParticipant(call.participantId)?.state.name === 'lobby'
    const delta: NotificationSubject = {
      type: 'delta',
      participants: call.rosterSent ? changed : rows,
      removed: call.rosterSent ? removed : [],
      sequenceNumber,
    }
    const isDelta = call.callOptions?.isDeltaRosterEnabled === true
    this.#notify(call, 'updated', isDelta ? delta : { type: 'roster', participants: rows, sequenceNumber })
    // Whoever is let in gets the whole roster once more, now that they may see it.
    if (!call.rosterSent && !waits) this.updateCall(call.id, { rosterSent: true })
  }

  /** Closes the books: roster notifications, what was put off to the end, what need not be kept. */
  finish(): Decision {
    this.#notifyRoster()
    for (const step of this.#atEnd) step()
    this.#forget()
    return {
      conversation: this.#conversation,
      events: this.#events,
      notifications: this.#notifications,
      effects: this.#effects,
    }
  }

  #forget(): void {
    const { operations } = this.#conversation
    const oldest = this.now - this.rules.operationRetention
    const stale = (operation: Operation): boolean => 'at' in operation.state && operation.state.at < oldest
    if (operations.some(stale)) this.change({ operations: operations.filter((one) => !stale(one)) })
    this.#forgetMoves()
    const buried = this.now - this.rules.callRetention
    const kept = this.#conversation.calls.filter(({ state }) => state.name !== 'terminated' || state.at >= buried)
    if (kept.length < this.#conversation.calls.length) this.change({ calls: kept })
    const over = this.#conversation.participants.length === 0 && this.#conversation.invitations.length === 0
    if (over && this.#conversation.endedAt === undefined && !this.#conversation.calls.some(isLive)) {
      this.change({ endedAt: this.now })
      this.event({ type: 'ConversationEnded' })
    }
  }

  /** The other conversation of a move may ask how it went for as long as it lives. */
  #forgetMoves(): void {
    const { departed, arrivals } = this.#conversation
    const oldest = this.now - this.rules.maxCallDuration
    if (departed.some((one) => one.at < oldest)) this.change({ departed: departed.filter((one) => one.at >= oldest) })
    if (arrivals.some((one) => one.at < oldest)) this.change({ arrivals: arrivals.filter((one) => one.at >= oldest) })
  }
}

/** What a call's resource shows. */
export function viewOf(conversation: Conversation, call: Call): CallView {
  const { callChainId, subject, chatInfo } = conversation
  const meetingInfo = call.meetingInfo ?? conversation.meetingInfo
  const transcription = transcriptionFor(conversation, call)
  return {
    call,
    callChainId,
    ...(subject !== undefined && { subject }),
    ...(chatInfo && hasRoster(conversation) && { chatInfo }),
    ...(meetingInfo && { meetingInfo }),
    ...(transcription && { transcription }),
  }
}

/** The operations of a call that may still be read at `now`. */
export function readableOperations(
  conversation: Conversation,
  callId: string,
  now: number,
  rules: Pick<Rules, 'operationRetention'>,
): readonly Operation[] {
  return conversation.operations.filter(
    (one) =>
      one.callId === callId &&
      (!isFinished(one) || ('at' in one.state && one.state.at >= now - rules.operationRetention)),
  )
}
