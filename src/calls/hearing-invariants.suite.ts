/** What must hold of who hears whom, whatever has happened in a conversation. */
import assert from 'node:assert/strict'
import { canHear, hasMedia } from './call.ts'
import type { Conversation } from './conversation.ts'
import { gainOf, heardBy, hearingOf, holdMusicFor, speakerOf, whileTalking } from './hearing.ts'
import { isConnected } from './participant.ts'

/** Checks who hears whom. */
export function checkHearing(conversation: Conversation): void {
  const hearing = hearingOf(conversation)
  const { participants, calls, audioRoutingGroups } = conversation
  const held = calls.flatMap(({ hold }) => (hold ? [hold.participantId] : []))
  const sources = new Set(audioRoutingGroups.flatMap((group) => group.sources))
  const hasMixer = calls.some(({ mixerLevels }) => mixerLevels !== undefined)
  const everybody = new Set(hearing.ducking ? Object.values(hearing.ducking).flatMap(({ by }) => by) : [])
  assert.equal(new Set(hearing.listeners).size, hearing.listeners.length)
  for (const participant of participants) {
    const { id, isMuted, audio, outsideDefaultMix } = participant
    const name = speakerOf(participant)
    if (name === undefined) continue
    const call = calls.find((one) => one.participantId === id)
    const isIn = isConnected(participant) && audio && !participant.away && (!call || hasMedia(call))
    assert.ok(isIn || !hearing.listeners.includes(name), `${id} is not in, and hears`)
    const heard = heardBy(hearing, name)
    assert.ok(!Object.hasOwn(heard, name), `${id} hears themselves`)
    for (const [speaker, gain] of Object.entries(heard)) {
      assert.ok(gain > 0 && gain <= 1, `${id} hears ${speaker} ${gain} times as loud`)
      assert.ok(
        gainOf(whileTalking(hearing, everybody), speaker, name) <= gain,
        `${speaker} gets louder by being ducked`,
      )
    }
    const hears = isIn && (!call || canHear(call))
    assert.equal(hearing.listeners.includes(name), hears)
    if (held.includes(id)) assert.deepEqual(Object.keys(heard), hears ? [holdMusicFor(id)] : [])
    for (const listener of hearing.listeners) {
      const gain = gainOf(hearing, name, listener)
      if (!isIn || isMuted || held.includes(id)) assert.equal(gain, 0, `${id} cannot be heard by ${listener}`)
      if (outsideDefaultMix && !sources.has(id)) assert.equal(gain, 0, `${id} is not in the default mix`)
    }
  }
  if (hasMixer || sources.size > 0 || held.length > 0 || participants.some((one) => one.outsideDefaultMix)) return
  assert.deepEqual([hearing.apart, hearing.ducking], [{}, {}], 'somebody hears something else for no reason')
}
