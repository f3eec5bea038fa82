/** What must hold after every decision, whatever came before. Each function checks one rule and throws where it is broken. */
import assert from 'node:assert/strict'
import type { Call, CallState } from './call.ts'
import { isIn as isCallIn } from './call.ts'
import type { Command } from './commands.ts'
import type { Conversation } from './conversation.ts'
import { hasRoster, nextDeadline, parties, roster } from './conversation.ts'
import type { Decision } from './draft.ts'
import type { Effect } from './effects.ts'
import type { Identity } from './identity.ts'
import { sameIdentity } from './identity.ts'
import type { Invitation, InvitationPurpose } from './invitation.ts'
import { ownCallId } from './invitation.ts'
import { checkHearing } from './hearing-invariants.suite.ts'
import { checkMedia, isAptMedia, isMediaEffect } from './media-invariants.suite.ts'
import type { Notification } from './notification.ts'
import type { InviteOperation, Operation } from './operation.ts'
import { isFinished, isInvite } from './operation.ts'
import type { Participant } from './participant.ts'
import { isPerson } from './participant.ts'
import { checkRecordings } from './recorder-invariants.suite.ts'

/** One step of a conversation: what it was, what was asked, and what came of it. */
export interface Step {
  readonly before: Conversation | undefined
  readonly command: Command
  readonly decision: Decision
  readonly now: number
}

/** What the applications have been told so far, and what endpoints have reported. */
export class Memory {
  readonly numbers = new Map<string, number>()
  readonly ended = new Set<string>()
  readonly finished = new Set<string>()
  /** The number of the newest tone that each call was told of. */
  readonly tones = new Map<string, number>()
  readonly rosters = new Map<string, { ids: Map<string, string>; sequenceNumber: number }>()
  /** Legs that an endpoint has ever reported as connected. */
  readonly reported = new Set<string>()
  /** Legs that are up, as far as effects and reports tell. */
  readonly up = new Set<string>()
}

/** Checks every rule on one step. */
export function checkStep(step: Step, memory: Memory): void {
  noteLegs(step, memory)
  checkCalls(step)
  checkEvents(step)
  checkOperations(step, memory)
  checkMedia(step, memory.tones)
  checkHearing(step.decision.conversation)
  checkNotifications(step, memory)
  checkRosters(step, memory)
  checkParties(step.decision.conversation, memory)
  checkInvitations(step.decision.conversation)
  checkModes(step.decision.conversation)
  checkActs(step.decision.conversation)
  checkRerouting(step.decision.conversation)
  checkRecordings(step.decision.conversation)
  checkConversation(step)
  checkDeadline(step)
  checkEffects(step)
  checkLegsDropped(step)
}

/** Follows every person's leg: it comes up, is moved to another conversation, and goes down. */
function noteLegs({ before, command, decision: { conversation, effects } }: Step, { reported, up }: Memory): void {
  if (command.type === 'LegConnected' || command.type === 'PersonJoins') reported.add(command.participantId)
  const isReported = command.type === 'LegFailed' || command.type === 'LegLeft'
  const isMeant = ({ id, link }: Participant): boolean =>
    isReported && id === command.participantId && (command.link ?? link) === link
  if (isReported && before?.participants.some(isMeant)) up.delete(command.participantId)
  for (const { id } of conversation.participants.filter(isPerson)) {
    if (before?.participants.some((one) => one.id === id)) continue
    up.add(id)
    const state = before?.invitations.find((one) => one.id === id)?.state
    if (state?.name === 'granted') up.delete(state.participantId)
  }
  for (const effect of effects) if (effect.type === 'DropLeg') up.delete(effect.participantId)
}

const LEGAL: { readonly [From in CallState['name'] | 'none']: readonly CallState['name'][] } = {
  none: ['incoming', 'establishing'],
  incoming: ['incoming', 'establishing', 'redirecting', 'terminated'],
  redirecting: ['redirecting', 'terminated'],
  establishing: ['establishing', 'established', 'terminated'],
  established: ['established', 'transferring', 'terminated'],
  transferring: ['transferring', 'transferAccepted', 'established', 'terminated'],
  transferAccepted: ['transferAccepted', 'established', 'terminated'],
  terminated: ['terminated'],
}

/** Calls move along the arrows of the diagram, stay dead, and are forgotten only when dead. */
function checkCalls({ before, decision: { conversation } }: Step): void {
  for (const call of conversation.calls) {
    const earlier = before?.calls.find(({ id }) => id === call.id)
    const from = earlier?.state.name ?? 'none'
    assert.ok(LEGAL[from].includes(call.state.name), `call ${call.id}: ${from} -> ${call.state.name}`)
    if (from === 'terminated') assert.deepEqual(call, earlier, `ended call ${call.id} changed`)
    const row = conversation.participants.find(({ id }) => id === call.participantId)
    const isIn = row?.party.type === 'application' && row.party.callId === call.id
    assert.equal(isIn, isCallIn(call), `call ${call.id} is ${call.state.name}, row: ${isIn}`)
  }
  for (const { id, state } of before?.calls ?? []) {
    const kept = conversation.calls.some((call) => call.id === id)
    assert.ok(kept || state.name === 'terminated', `live call ${id} was forgotten`)
  }
}

/** The events of a decision tell of every change of a call's state, as a chain. */
function checkEvents({ before, decision: { conversation, events } }: Step): void {
  for (const { id, state } of conversation.calls) {
    let at = before?.calls.find((call) => call.id === id)?.state.name
    for (const event of events) {
      if (!('callId' in event) || event.callId !== id) continue
      if (event.type === 'CallCreated') at = event.direction === 'incoming' ? 'incoming' : 'establishing'
      if (event.type !== 'CallStateChanged') continue
      assert.equal(event.from, at, `call ${id}: an event from ${event.from} while ${at}`)
      at = event.to
    }
    assert.equal(at, state.name, `call ${id}: events end at ${at}, state is ${state.name}`)
  }
}

/** An operation ends once, with one notification; afterwards it never changes. */
function checkOperations({ before, decision }: Step, { finished }: Memory): void {
  const { conversation, notifications, events } = decision
  const ids = new Set<string>()
  for (const { subject, changeType } of notifications) {
    if (subject.type !== 'operation') continue
    const { operation } = subject
    assert.equal(changeType, 'deleted')
    assert.ok(isFinished(operation), `notification of the running operation ${operation.id}`)
    assert.ok(!finished.has(operation.id), `operation ${operation.id} ended twice`)
    finished.add(operation.id)
    ids.add(operation.id)
  }
  // Done by the time its request is answered: the answer tells of it, and no notification follows.
  const atOnce = conversation.operations.filter(
    (one) => !isInvite(one) && isFinished(one) && !before?.operations.some(({ id }) => id === one.id),
  )
  for (const { id } of atOnce) {
    finished.add(id)
    ids.add(id)
  }
  const ends = events.flatMap((event) => (event.type === 'OperationEnded' ? [event.operationId] : []))
  assert.deepEqual(new Set(ends), ids)
  assert.equal(ends.length, ids.size)
  for (const operation of conversation.operations) {
    const earlier = before?.operations.find(({ id }) => id === operation.id)
    if (earlier && isFinished(earlier)) assert.deepEqual(operation, earlier, `ended operation ${operation.id} changed`)
    assert.equal(finished.has(operation.id), isFinished(operation), `operation ${operation.id}: no notification`)
    if (isInvite(operation)) checkInvite(conversation, operation, earlier)
  }
  for (const operation of before?.operations ?? []) {
    const kept = conversation.operations.some(({ id }) => id === operation.id)
    assert.ok(kept || finished.has(operation.id), `running operation ${operation.id} was forgotten`)
  }
}

/** Per call numbers have no gap and no repeat, and the end of the call is its last notification. */
function checkNotifications({ decision: { conversation, notifications } }: Step, { numbers, ended }: Memory): void {
  for (const notification of notifications) {
    const { callId, number, changeType, subject } = notification
    assert.ok(!ended.has(callId), `call ${callId}: ${changeType} ${subject.type} after its end`)
    assert.equal(number, (numbers.get(callId) ?? 0) + 1, `call ${callId}: number ${number}`)
    numbers.set(callId, number)
    if (number === 1) checkFirst(notification)
    if (subject.type === 'call' && changeType === 'deleted') ended.add(callId)
  }
  for (const { id, notified, state } of conversation.calls) {
    assert.equal(notified, numbers.get(id), `call ${id}`)
    assert.equal(ended.has(id), state.name === 'terminated', `call ${id} is ${state.name}`)
  }
}

function checkFirst({ subject, changeType }: Notification): void {
  assert.ok(subject.type === 'call')
  assert.equal(`${changeType} ${subject.phase}`, changeType === 'created' ? 'created incoming' : 'updated establishing')
}

/** Whoever follows an application's roster notifications knows the roster, and sequence numbers have no gap. */
function checkRosters({ before, decision: { conversation, notifications } }: Step, { rosters }: Memory): void {
  const grown = conversation.rosterSequence - (before?.rosterSequence ?? 0)
  assert.ok(grown === 0 || grown === 1, `roster sequence grew by ${grown}`)
  for (const { callId, subject } of notifications) {
    if (subject.type !== 'roster' && subject.type !== 'delta') continue
    const alone = waiting(conversation, callId)
    if (alone !== undefined) {
      const seen = subject.participants.map(({ id }) => id)
      assert.deepEqual(seen, [alone], `call ${callId} waits in the lobby and sees others`)
      continue
    }
    const known = rosters.get(callId)
    if (known) assert.equal(subject.sequenceNumber, known.sequenceNumber + 1, `call ${callId}: sequence`)
    const ids = new Map(subject.type === 'delta' ? known?.ids : [])
    for (const { id, state } of subject.participants) ids.set(id, state.name)
    for (const { participant } of subject.type === 'delta' ? subject.removed : []) {
      assert.ok(ids.delete(participant.id), `call ${callId}: ${participant.id} removed, who was not there`)
    }
    rosters.set(callId, { ids, sequenceNumber: subject.sequenceNumber })
  }
  if (!hasRoster(conversation)) return
  const isNew = (id: string): boolean => before?.calls.every((call) => call.id !== id || !isCallIn(call)) ?? true
  const rows = new Map(roster(conversation).map(({ id, state }) => [id, state.name]))
  for (const call of conversation.calls) {
    const { id } = call
    const known = rosters.get(id)
    if (!isCallIn(call) || waiting(conversation, id) !== undefined) continue
    if (known) assert.deepEqual(known.ids, rows, `call ${id} was told another roster`)
    // Only a call that was peer-to-peer may wait for its first roster, until somebody comes or goes.
    else assert.ok(conversation.mode === 'group' && !isNew(id), `call ${id} was told no roster`)
  }
}

/** The own row of a call whose application waits in the lobby. */
function waiting({ calls, participants }: Conversation, callId: string): string | undefined {
  const own = calls.find(({ id }) => id === callId)?.participantId
  return participants.find(({ id, state }) => id === own && state.name === 'lobby')?.id
}

/** Nobody is in twice, in and on the way, or in without a leg. */
function checkParties({ participants, invitations }: Conversation, { reported }: Memory): void {
  const people = participants.filter(isPerson)
  for (const { id, state } of people) {
    if (state.name !== 'calling') assert.ok(reported.has(id), `${id} is ${state.name} without a leg`)
  }
  const isOnce = (one: { readonly identity: Identity }): boolean =>
    people.filter(({ identity }) => sameIdentity(identity, one.identity)).length <= 1
  assert.ok(people.every(isOnce), 'somebody is in twice')
  for (const { id, identity, state } of invitations) {
    const inside = people.find((one) => sameIdentity(one.identity, identity))
    const waits = state.name === 'lobby' || state.name === 'held'
    assert.equal(inside?.id, waits ? id : undefined, `${id} is ${state.name} and in`)
    assert.equal(inside?.state.name, waits ? state.name : undefined)
  }
  const sources = new Set(participants.map(({ sourceId }) => sourceId))
  assert.equal(sources.size, participants.length, 'a source id was given twice')
}

/** An invite ends with its last invitee, and what became of one never changes. */
function checkInvite({ participants }: Conversation, operation: InviteOperation, earlier: Operation | undefined): void {
  const settled = operation.invitees.filter(({ outcome }) => outcome.name !== 'pending')
  for (const { participantId, outcome } of earlier && isInvite(earlier) ? earlier.invitees : []) {
    const later = operation.invitees.find((one) => one.participantId === participantId)
    if (outcome.name !== 'pending') assert.deepEqual(later?.outcome, outcome, 'an outcome changed')
  }
  assert.equal(settled.length === operation.invitees.length, isFinished(operation))
  for (const { participantId, hidden } of operation.invitees) {
    const row = participants.find(({ id }) => id === participantId)
    assert.equal(row?.hidden ?? hidden, hidden, `${participantId} was invited hidden: ${hidden}`)
  }
}

/** All or nobody are in of an invite that says so, and one at most of an invite for the first; who waits has company. */
function checkModes({ operations, invitations, participants, recordings }: Conversation): void {
  for (const { id, mode, invitees, state } of operations.filter(isInvite)) {
    const joined = invitees.filter(({ outcome }) => outcome.name === 'joined')
    const isIn = (participantId: string): boolean =>
      participants.some((one) => one.id === participantId && one.state.name === 'connected')
    const pending = invitations.filter(({ purpose }) => purpose.type === 'operation' && purpose.operationId === id)
    const isHeld = (one: Invitation): boolean =>
      one.state.name === 'held' ||
      (one.state.name === 'waiting' && one.state.connected === true) ||
      participants.some((row) => row.id === one.id && row.state.name === 'lobby' && row.state.admitted)
    const isFree = (one: Invitation): boolean => !recordings.some(({ participantId }) => participantId === one.id)
    assert.ok(mode === 'all' || !pending.some((one) => isHeld(one) && isFree(one)), `${id}: held for nothing`)
    if (mode === 'all') {
      assert.ok(joined.length === 0 || joined.length === invitees.length, `${id}: some joined, and others not`)
      if (state.name !== 'completed') assert.ok(!invitees.some((one) => isIn(one.participantId)), `${id}: one is in`)
      const all = pending.length > 0 && pending.every((one) => isHeld(one) && isFree(one))
      assert.ok(!all, `${id}: all are there, and held`)
    }
    if (mode !== 'first') continue
    assert.ok(joined.length <= 1, `${id}: more than one joined`)
    assert.equal(joined.length === 1, state.name === 'completed', `${id}: ${joined.length} joined, ${state.name}`)
  }
}

/** Whoever is named by what a call set up is there. */
function checkActs({ participants, calls, audioRoutingGroups, contentSharing }: Conversation): void {
  const isIn = (participantId: string): boolean => participants.some(({ id }) => id === participantId)
  const isUp = (callId: string): boolean => calls.some(({ id, state }) => id === callId && state.name !== 'terminated')
  for (const { id, callId, sources, receivers } of audioRoutingGroups) {
    assert.ok(isUp(callId), `${id} belongs to a call that has ended`)
    assert.ok([...sources, ...receivers].every(isIn), `${id} names somebody who left`)
    assert.ok(sources.length === 1 && receivers.length > 0, `${id} routes nothing`)
  }
  if (contentSharing) assert.ok(isIn(contentSharing.presenterParticipantId), 'somebody presents who left')
  assert.ok(participants.filter(({ screen }) => screen).length <= 1, 'two share their screens')
  for (const { id, party, screen } of participants) {
    const presents = contentSharing?.presenterParticipantId === id
    assert.ok(
      party.type !== 'person' || presents === (screen !== undefined),
      `${id}: a screen without a session, or not`,
    )
  }
  const numbers = participants.flatMap(({ sourceId, camera, screen }) => [sourceId, camera?.sourceId, screen?.sourceId])
  const streams = numbers.filter((number) => number !== undefined)
  assert.equal(new Set(streams).size, streams.length, 'two streams have the same number')
  assert.ok(participants.every(({ camera, cameraOff, party }) => !camera || (!cameraOff && party.type === 'person')))
  for (const { id, party } of participants) {
    if (party.type === 'service') assert.ok(isUp(party.callId), `${id} serves a call that has ended`)
  }
  for (const { id, isMuted, serverMuted } of participants) assert.ok(isMuted || !serverMuted, `${id}: muted or not`)
}

/** Every invitation serves something that waits for it, and everything that waits has its invitation. */
function checkInvitations({ invitations, operations, calls, participants }: Conversation): void {
  const pending = operations
    .filter(isInvite)
    .flatMap(({ invitees }) => invitees.filter(({ outcome }) => outcome.name === 'pending'))
  for (const { participantId } of pending) {
    assert.ok(
      invitations.some(({ id }) => id === participantId),
      `nobody reaches for ${participantId}`,
    )
  }
  for (const invitation of invitations) {
    const { id, purpose, state } = invitation
    const operation =
      purpose.type === 'operation' ? operations.find((one) => one.id === purpose.operationId) : undefined
    if (purpose.type === 'meet') {
      assert.equal(state.name === 'moving' || state.name === 'granted' || purpose.transferee !== undefined, true)
      continue
    }
    if (purpose.type === 'talk') {
      const caller = participants.find((one) => one.id === purpose.callerId)
      assert.equal(caller?.state.name, 'calling', `${id} is called by nobody who waits`)
      continue
    }
    const owner = calls.find((call) => call.id === ('callId' in purpose ? purpose.callId : operation?.callId))
    assert.ok(owner && waitsFor(purpose.type, owner), `${id} is rung to ${purpose.type}: ${owner?.state.name}`)
    if (purpose.type === 'operation')
      assert.ok(
        pending.some((one) => one.participantId === id),
        `${id} is settled`,
      )
    const ownId = ownCallId(invitation)
    if (ownId === undefined) continue
    const own = calls.find((call) => call.id === ownId)?.state.name
    const isRung = state.name === 'waiting' && (own === 'incoming' || own === 'redirecting')
    assert.ok(own === 'establishing' || isRung, `${id} waits for ${own}`)
  }
}

/** Whether a call in this state waits for whoever is rung for this purpose. */
function waitsFor(purpose: InvitationPurpose['type'], call: Call): boolean {
  const { state } = call
  if (purpose === 'redirect') return state.name === 'redirecting' && state.takenUntil === undefined
  if (purpose === 'transfer') return state.name.startsWith('transfer')
  return state.name === 'establishing' || isCallIn(call)
}

/** Whoever is passed on has somewhere to go: a target that is rung, or one that is in while the caller comes up. */
function checkRerouting(conversation: Conversation): void {
  const { calls, invitations, mode } = conversation
  // A target that is held is on the way; a caller who is held for a recorder is there.
  const isTarget = ({ id }: Participant): boolean => invitations.some((one) => one.id === id)
  const sides = parties(conversation).filter((one) => one.state.name !== 'held' || !isTarget(one))
  for (const { id, state } of calls) {
    const own = invitations.filter(({ purpose }) => 'callId' in purpose && purpose.callId === id)
    if (state.name === 'transferring' || state.name === 'transferAccepted') {
      if (state.out) {
        const targets = own.filter(({ purpose }) => purpose.type === 'transfer')
        assert.equal(targets.length, 0, `${id} is ${state.name} out of the group, and rings the target itself`)
        assert.notEqual(mode, 'peerToPeer')
        continue
      }
      assert.equal(own.length, 1, `${id} is ${state.name} to ${own.length}`)
      assert.equal(mode, 'peerToPeer')
      assert.equal(sides.length, 2, `${id} is ${state.name} with ${sides.length}`)
    } else if (state.name === 'redirecting') {
      assert.equal(own.length === 0, state.takenUntil !== undefined, `${id} is redirecting to ${own.length}`)
    }
  }
}

/** A conversation is over exactly when nobody is in it or on the way; only a meeting begins anew; a group stays one. */
function checkConversation({ before, command, decision: { conversation }, now }: Step): void {
  const { calls, participants, invitations, endedAt, mode } = conversation
  const isEmpty =
    participants.length === 0 && invitations.length === 0 && calls.every(({ state }) => state.name === 'terminated')
  assert.equal(endedAt !== undefined, isEmpty, `over: ${endedAt !== undefined}, empty: ${isEmpty}`)
  if (now < conversation.endBy) assert.ok(!isDeserted(conversation), 'nobody is left to talk to, and it goes on')
  const going = new Set(conversation.departures.map(({ participantId }) => participantId))
  assert.equal(going.size, conversation.departures.length, 'somebody is let go twice')
  if (before?.endedAt !== undefined && !['JoinMeeting', 'PersonJoins'].includes(command.type))
    assert.equal(endedAt, before.endedAt)
  if (before && before.mode !== mode) assert.equal(`${before.mode} ${mode}`, 'peerToPeer group')
}

function isDeserted(conversation: Conversation): boolean {
  const { mode, calls, invitations } = conversation
  const participants = parties(conversation)
  const isLive = calls.some(({ state, recorder }) => state.name !== 'terminated' && !recorder)
  // Two whom an application connected go on without it.
  if (mode === 'peerToPeer') return !isLive && participants.length === 1 && invitations.length === 0
  return mode === 'group' && invitations.length === 0 && participants.length === 1
}

/** Something is always going to happen, and waking up makes it happen. */
function checkDeadline({ command, decision: { conversation }, now }: Step): void {
  const next = nextDeadline(conversation)
  assert.equal(next === undefined, conversation.endedAt !== undefined)
  if (command.type === 'Wake' && next !== undefined) assert.ok(next > now, 'woken, and still due')
}

/** Effects name what there is, and each is asked for once. */
function checkEffects({ before, decision: { conversation, effects } }: Step): void {
  const seen = new Set<string>()
  for (const effect of effects) {
    const key = JSON.stringify(effect)
    assert.ok(!seen.has(key), `twice: ${key}`)
    seen.add(key)
    assert.ok(isApt(effect, before, conversation), `out of place: ${key}`)
  }
}

function isApt(effect: Effect, before: Conversation | undefined, after: Conversation): boolean {
  if (isMediaEffect(effect)) return isAptMedia(effect, before, after)
  const invitation = 'participantId' in effect && after.invitations.find(({ id }) => id === effect.participantId)
  const participant = 'participantId' in effect && after.participants.find(({ id }) => id === effect.participantId)
  switch (effect.type) {
    case 'Ring':
      if (effect.caller.kind !== 'application' && !isRerouted(invitation)) return false
      return invitation !== undefined && invitation !== false && /^(ringing|connecting)$/.test(invitation.state.name)
    case 'MoveLeg':
      // Into this conversation, or back into it.
      if (before?.departures.some((one) => one.participantId === effect.participantId) === true) return true
      return invitation !== undefined && invitation !== false && invitation.state.name === 'granted'
    case 'ConnectLeg':
    case 'WatchLeg':
      return participant !== undefined || (invitation !== undefined && invitation !== false)
    case 'ConnectCall':
      return after.calls.some(({ id, state }) => id === effect.callId && state.name === 'establishing')
    case 'DropLeg': {
      const known = [before?.invitations, before?.participants].some((ones) =>
        ones?.some(({ id }) => id === effect.participantId),
      )
      const departing = before?.departures.some((one) => one.participantId === effect.participantId) === true
      const earlier = before?.invitations.find(({ id }) => id === effect.participantId)
      return (known || departing) && (!invitation || isLater(invitation, earlier)) && !participant
    }
    case 'Tell':
      return effect.command.type.startsWith('Move') || effect.conversationId === after.id
  }
}

function isRerouted(invitation: Invitation | false | undefined): boolean {
  return (
    invitation !== undefined && invitation !== false && /^(redirect|transfer|meet|talk)$/.test(invitation.purpose.type)
  )
}

/** Whether another one of the chain is being reached than before. */
function isLater(invitation: Invitation | undefined, earlier: Invitation | undefined): boolean {
  return (invitation?.link ?? 0) > (earlier?.link ?? 0)
}

/** Whoever was rung or connected and is no longer wanted is dropped, unless their own endpoint said that they are gone. */
function checkLegsDropped({ before, command, decision: { conversation, effects } }: Step): void {
  const reported = command.type === 'LegFailed' || command.type === 'LegLeft' ? command.participantId : undefined
  const isGone = (id: string): boolean =>
    id !== reported &&
    !conversation.invitations.some((one) => one.id === id) &&
    !conversation.participants.some((one) => one.id === id)
  const isDropped = (id: string): boolean =>
    effects.some((effect) => effect.type === 'DropLeg' && effect.participantId === id)
  for (const earlier of before?.invitations ?? []) {
    const { id, address, state } = earlier
    const hasLeg = address !== undefined && /^(ringing|connecting|lobby|held)$/.test(state.name)
    const isReplaced =
      id !== reported &&
      isLater(
        conversation.invitations.find((one) => one.id === id),
        earlier,
      )
    if (hasLeg && (isGone(id) || isReplaced)) assert.ok(isDropped(id), `${id} was ${state.name} and nobody stopped it`)
  }
  for (const { id } of before?.participants.filter(isPerson) ?? []) {
    const isMoved = before?.departures.some(({ participantId }) => participantId === id)
    if (!isMoved && isGone(id)) assert.ok(isDropped(id), `the leg of ${id} is still up`)
  }
}
