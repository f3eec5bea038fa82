/** What must hold of recordings by policy after every command. */
import assert from 'node:assert/strict'
import type { Conversation } from './conversation.ts'
import { awaitsRecorder, requirementOf } from './conversation.ts'
import { SERVER_ITSELF } from './identity.ts'
import { isFinished, isInvite } from './operation.ts'

/** Recorders are there for somebody, nobody sees them, and nobody is kept waiting, or let in, without a reason. */
export function checkRecordings(conversation: Conversation): void {
  const { recordings, calls, participants, invitations } = conversation
  for (const { participantId, duty, state } of recordings) {
    const person = participants.find(({ id }) => id === participantId)
    const invited = invitations.some(({ id }) => id === participantId)
    assert.ok(person ?? invited, `${participantId} is to be recorded and is not there`)
    const isIn = person?.state.name === 'connected' || person?.state.name === 'held'
    if (state.name === 'due') assert.ok(!isIn, `nobody was called to record ${participantId}`)
    else {
      const call = calls.find(({ id }) => id === state.callId)
      const expected = state.name === 'ringing' ? ['incoming', 'establishing'] : ['established']
      assert.ok(call?.recorder && expected.includes(call.state.name), `${participantId} is recorded by ${state.callId}`)
      assert.equal(call.appId, duty.leg.appId)
    }
    if (person?.state.name === 'connected' && state.name !== 'attached') {
      assert.ok(
        !requirementOf(conversation, { participantId, duty, state, method: 'DialIn' }).before,
        'let in too early',
      )
    }
  }
  const isTogether = conversation.operations.some((one) => isInvite(one) && one.mode === 'all' && !isFinished(one))
  for (const { id, state, party, recording } of participants) {
    const saying = recordings.flatMap((one) =>
      one.participantId === id && one.state.name === 'attached' ? [one.state.callId] : [],
    )
    if (party.type === 'application') saying.push(party.callId)
    const said = calls.filter((call) => saying.includes(call.id)).map(({ recordingStatus }) => recordingStatus)
    const whole = conversation.callRecording?.state ?? 'stopped'
    if (recording?.by.id === SERVER_ITSELF.id) assert.equal(recording.status, whole, `${id} shows another state`)
    else if (recording) assert.ok(said.includes(recording.status), `${id} shows what nobody said`)
    else if (party.type !== 'service') assert.equal(whole, 'stopped', `${id} does not show that all is recorded`)
    if (!recording)
      assert.ok(
        said.every((one) => one === undefined),
        `${id} shows nothing of its recording`,
      )
    if (state.name === 'held') assert.ok(isTogether || awaitsRecorder(conversation, id), `${id} waits for nobody`)
  }
  for (const { id, recorder, state, participantId, participantCapacity = 1 } of calls) {
    if (!recorder || state.name === 'terminated') continue
    const count = recordings.filter((one) => 'callId' in one.state && one.state.callId === id).length
    assert.ok(count > 0, `recorder ${id} records nobody`)
    assert.ok(count <= Math.max(participantCapacity, 1), `recorder ${id} records more than it can`)
    assert.ok(participants.find((one) => one.id === participantId)?.hidden ?? true, `recorder ${id} is seen`)
  }
}
