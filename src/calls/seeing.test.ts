import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Command, PersonActs } from './commands.ts'
import { hold, unhold } from './media-scene.suite.ts'
import { Scene, a, ann, bob, connects, create, cyd, invitee, leaves, rules, waits } from './scene.suite.ts'
import { seenBy } from './seeing.ts'

/** A group call of bot a with ann, bob and cyd, of whom ann and bob show their cameras. */
const begun = [create(a, [invitee(ann), invitee(bob), invitee(cyd)]), connects(ann), connects(bob)]
const shown = [camera('ann'), camera('bob')]

function camera(participantId: string, shown = true): PersonActs {
  return { type: 'PersonShowsCamera', participantId, shown }
}

function shares(participantId: string): PersonActs {
  return { type: 'PersonShares', participantId, sessionId: 'session' }
}

/** Whom everybody sees who wants to see everybody, such as `ann: bob, screen of cyd`. */
function seenAfter(...commands: readonly Command[]): readonly string[] {
  const scene = new Scene(rules)
  for (const command of commands) scene.do('here', command)
  const conversation = scene.conversations.get('here')
  assert.ok(conversation)
  return ['ann', 'bob', 'cyd'].flatMap((name) => {
    const watching = { cameras: ['bob', null, 'ann', 'cyd', 'bob', 'nobody', 'A'], screen: true }
    const { cameras, screen } = seenBy(conversation, name, watching)
    const seen = [
      ...cameras.filter((one) => one !== undefined),
      ...(screen === undefined ? [] : [`screen of ${screen}`]),
    ]
    return seen.length > 0 ? [`${name}: ${seen.join(', ')}`] : []
  })
}

const cases: readonly [string, readonly Command[], readonly string[]][] = [
  ['everybody sees the cameras of the others, once each', [], ['ann: bob', 'bob: ann', 'cyd: bob, ann']],
  ['a camera is hidden', [camera('ann', false)], ['ann: bob', 'cyd: bob']],
  [
    'whoever presents is seen by the others',
    [shares('bob')],
    ['ann: bob, screen of bob', 'bob: ann', 'cyd: bob, ann, screen of bob'],
  ],
  [
    'one presents at a time',
    [shares('bob'), shares('ann')],
    ['ann: bob', 'bob: ann, screen of ann', 'cyd: bob, ann, screen of ann'],
  ],
  [
    'nobody presents any more',
    [shares('bob'), { type: 'PersonStopsSharing', participantId: 'bob' }],
    ['ann: bob', 'bob: ann', 'cyd: bob, ann'],
  ],
  [
    'whoever has put the call on hold neither sees nor is seen',
    [shares('ann'), { type: 'PersonHolds', participantId: 'ann', away: true }],
    ['cyd: bob'],
  ],
  ['whoever is on hold neither sees nor is seen', [hold(a, 'hold', ann)], ['cyd: bob']],
  ['and does again after', [hold(a, 'hold', ann), unhold(a, 'unhold', ann)], ['ann: bob', 'bob: ann', 'cyd: bob, ann']],
  ['whoever leaves is seen no more', [leaves(ann)], ['cyd: bob']],
]

for (const [what, commands, expected] of cases) {
  test(what, () => assert.deepEqual(seenAfter(...begun, connects(cyd), ...shown, ...commands), expected))
}

test('in the lobby nobody sees anybody', () => {
  assert.deepEqual(seenAfter(...begun, waits(cyd), ...shown), ['ann: bob', 'bob: ann'])
})
