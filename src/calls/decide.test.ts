/** Properties of the core: whatever people, applications, endpoints, time and restarts do, in any order. */
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import type { CallError } from './errors.ts'
import type { Event } from './events.ts'
import type { Deed, DeedName } from './deeds.suite.ts'
import { WEIGHTS, act } from './deeds.suite.ts'
import { World } from './world.suite.ts'

const names: fc.Arbitrary<DeedName> = fc.oneof(
  ...(Object.keys(WEIGHTS) as DeedName[]).map((name) => ({ weight: WEIGHTS[name], arbitrary: fc.constant(name) })),
)
const pick = fc.noBias(fc.nat(9999))
const deeds: fc.Arbitrary<Deed[]> = fc.array(fc.record({ name: names, picks: fc.tuple(pick, pick, pick) }), {
  minLength: 20,
  maxLength: 80,
  size: 'max',
})

/** Each property is looked at in parts, so that a busy machine has time for each. */
const PARTS = 4
const numRuns = 1000

/** Everything that can happen and be refused in the world of these tests. */
const ALL: readonly (Event['type'] | CallError['name'])[] = [
  'CallCreated',
  'CallRecordingBegan',
  'CallRecordingFailed',
  'CallRecordingStopped',
  'CallRecordingStored',
  'CallStateChanged',
  'ConversationEnded',
  'Escalated',
  'HoldBegan',
  'HoldEnded',
  'IncomingUndelivered',
  'InviteeAnswered',
  'FallbackSkipped',
  'InviteeFailed',
  'InviteeHeld',
  'InviteeRings',
  'InviteeRung',
  'KeptAlive',
  'MediaStarted',
  'MoveAllowed',
  'MoveAsked',
  'MoveFinished',
  'MoveRefused',
  'OperationEnded',
  'OperationStarted',
  'ParticipantAdmitted',
  'ParticipantJoined',
  'ParticipantLeft',
  'RecorderAsked',
  'RecorderAttached',
  'RecorderCalled',
  'RecorderFailed',
  'RecordingStatusUpdated',
  'Resumed',
  'RosterChanged',
  'TonePressed',
  'TranscriptionStarted',
  'TranscriptionStopped',
  'alreadyInCall',
  'badTransferee',
  'callEnded',
  'callNotEstablished',
  'callNotFound',
  'callNotIncoming',
  'callNotKeepable',
  'conversationFull',
  'holdInUse',
  'notGroupCall',
  'notInLobby',
  'notOnHold',
  'notPeerToPeer',
  'ownParticipant',
  'participantNotFound',
  'recorderInvites',
  'redirectsInCircle',
  'replacesItself',
  'tooManyMediaOperations',
  'wrongMediaMode',
  'transferConflict',
]

// What one part came to is told before the next begins: it may take a minute each, and whoever runs them waits for news.
beforeEach(() => turn())

const seen = new Set<string>()

/** Every rule holds after every step of so many worlds. */
function anyOrder(worlds: number): void {
  fc.assert(
    fc.property(fc.boolean(), deeds, (begun, all) => {
      const world = new World(seen)
      if (begun) world.begin()
      for (const deed of all) act(world, deed)
    }),
    { numRuns: worlds },
  )
}

for (let part = 1; part <= PARTS; part++) {
  test(`every rule holds after every step, in any order of deeds, part ${part}`, () => anyOrder(numRuns))
}

test('everything that can happen has happened by then', async () => {
  const missed = (): string[] => ALL.filter((name) => !seen.has(name))
  // Some things are rare: a few more worlds are walked for them, and then it is no accident.
  for (let part = 1; part <= 40 && missed().length > 0; part++) {
    anyOrder(numRuns / 4)
    await turn()
  }
  assert.deepEqual(missed(), [], 'the deeds are too tame: this never happened')
})

for (let part = 1; part <= PARTS; part++) {
  test(`whatever has happened, time and delivery end every operation and every conversation, part ${part}`, () => {
    fc.assert(
      fc.property(fc.boolean(), deeds, (begun, all) => {
        const world = new World()
        if (begun) world.begin()
        for (const deed of all) act(world, deed)
        world.settle()
        assert.deepEqual(world.ghosts, [])
        for (let wakes = 0; world.wakeNext(); wakes += 1) {
          assert.ok(wakes < 100, 'it never ends')
          world.settle()
        }
        for (const { operations, departures } of world.conversations.values()) {
          assert.ok(operations.every(({ state }) => state.name !== 'running'))
          assert.deepEqual(departures, [])
        }
        if (!world.hasRestarted) assert.deepEqual(world.legsUp, new Set())
      }),
      { numRuns },
    )
  })
}
