/** An invite with `replacesCallId`: how two conversations pass a person on, message by message, restarts included. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Command } from './commands.ts'
import type { Invitee } from './reach.ts'
import { MINUTE, a, ann, answer, application, b, bot, calls, connects, create, dan, effectLine } from './scene.suite.ts'
import { hangUp, invite, invitee, old, remove, replacing, rules, user, waits, wake } from './scene.suite.ts'
import { Talk, annOutOf, granted, group, move, moving, newAnn, pair, x } from './talk.suite.ts'

// Message by message

test('established --invite, replacing--> moving: nobody rings, the other conversation is asked', () => {
  const talk = new Talk().start([...pair, ...group])
  assert.deepEqual(talk.say('here', move), {
    state: 'group; A established; in bob a cyd; moving ann2; op running',
    told: [],
    effects: ['Tell there MoveAsked'],
  })
})

test('asked --may go--> departing, and the answer is sent', () => {
  assert.deepEqual(moving().next(), {
    state: 'peerToPeer; X established; in ann x; departing ann to here',
    told: [],
    effects: ['Tell here MoveGranted'],
  })
})

test('moving --granted--> granted: the leg is moved', () => {
  const talk = moving()
  talk.next()
  assert.deepEqual(talk.next(), {
    state: 'group; A established; in bob a cyd; granted ann2; op running',
    told: [],
    effects: ['MoveLeg ann2 from there/ann'],
  })
})

test('granted --media connected--> in: the operation, the roster, then word to the replaced call', () => {
  assert.deepEqual(granted().next(), {
    state: 'group; A established; in bob a cyd ann2; op completed',
    told: ['A deleted op completed', 'A updated roster bob a cyd ann2'],
    effects: ['Tell there MoveDone'],
  })
})

test("departing --done--> terminated, told after the inviting call's roster", () => {
  const talk = granted()
  talk.next()
  assert.deepEqual(talk.next(), {
    state: 'peerToPeer; X terminated moved; over',
    told: ['X deleted terminated 200/7000 after A#6'],
    effects: [],
  })
})

test('departing, 2018 --done--> terminated, then gone', () => {
  const oldPair = create(x, [invitee(ann)], { conversationId: 'there', manners: old })
  const talk = new Talk().start([['there', oldPair], ['there', connects(ann)], ...group])
  talk.say('here', move)
  talk.settle()
  assert.deepEqual(talk.told.slice(-2), ['X updated terminated 200/7000 after A#6', 'X deleted gone after A#6'])
})

test('departing from a group --done--> the group goes on without them', () => {
  const three = create(x, [invitee(ann), invitee(dan)], { conversationId: 'there' })
  const there = [
    ['there', three],
    ['there', connects(ann)],
    ['there', connects(dan)],
  ] as const
  const talk = new Talk().start([...there, ...group])
  talk.say('here', move)
  talk.settle()
  assert.equal(talk.state('there'), 'group; X established; in x dan')
  assert.deepEqual(talk.told, [
    'A deleted op completed',
    'A updated roster bob a cyd ann2',
    'X updated roster x dan after A#6',
  ])
})

test('an incoming call that was answered can be replaced', () => {
  const incoming = [
    ['there', calls(ann, x, { conversationId: 'there' })],
    ['there', answer(x)],
    ['there', connects(ann)],
  ] as const
  const talk = new Talk().start([...incoming, ...group])
  talk.say('here', move)
  talk.settle()
  assert.equal(talk.state('there'), 'peerToPeer; X terminated moved; over')
  assert.equal(talk.state('here'), 'group; A established; in bob a cyd ann2; op completed')
})

test('a call can be created with a target that is pulled out of another', () => {
  const talk = new Talk().start(pair)
  talk.say('here', create(a, [annOutOf(x.callId)]))
  talk.settle()
  assert.equal(talk.state('here'), 'peerToPeer; A established; in ann2 a')
  assert.deepEqual(talk.told, [
    'A updated establishing',
    'A updated established',
    'X deleted terminated 200/7000 after A#2',
  ])
})

// Refusals

const refusals: [name: string, there: readonly (readonly [string, Command])[], invited: Invitee, result: string][] = [
  ['a call that nobody knows', pair, replacing(newAnn, 'unknown'), '404/10202'],
  ['a call of which only the door has heard', pair, annOutOf('gone'), '404/10202'],
  ['a conversation that is gone', [], annOutOf(x.callId), '404/10202'],
  ['a call that has ended', [...pair, ['there', hangUp(x)]], annOutOf(x.callId), '404/10202'],
  ['a call that is still ringing', pair.slice(0, 1), annOutOf(x.callId), '400/8501'],
  ['a call that is incoming', [['there', calls(ann, x, { conversationId: 'there' })]], annOutOf(x.callId), '400/8501'],
  [
    "another application's call",
    [
      ['there', create({ ...x, appId: b.appId }, [invitee(ann)], { conversationId: 'there' })],
      ['there', connects(ann)],
    ],
    annOutOf(x.callId),
    '404/10202',
  ],
  [
    'a call that the invitee is not on',
    pair,
    replacing(dan, x.callId, { callId: x.callId, conversationId: 'there' }),
    '400/8523',
  ],
  [
    'a call that the invitee is only being rung for',
    [
      ['there', create(x, [invitee(ann), invitee(dan)], { conversationId: 'there' })],
      ['there', connects(dan)],
    ],
    annOutOf(x.callId),
    '400/8523',
  ],
  [
    'a call in whose lobby the invitee waits',
    [
      ['there', create(x, [invitee(ann), invitee(dan)], { conversationId: 'there' })],
      ['there', connects(dan)],
      ['there', waits(ann)],
    ],
    annOutOf(x.callId),
    '400/8523',
  ],
]

for (const [name, there, invited, result] of refusals) {
  test(`moving --refused: ${name}--> failed ${result}, and nothing else changes`, () => {
    const talk = new Talk().start([...there, ...group])
    const before = talk.state('there')
    talk.say('here', invite(a, 'op', [invited]))
    talk.settle()
    assert.deepEqual(talk.told, [`A deleted op failed ${result}`])
    assert.equal(talk.state('here'), 'group; A established; in bob a cyd; op failed')
    assert.equal(talk.state('there'), before)
  })
}

test('moving --refused: another invite is moving them already--> failed 409/8519', () => {
  const third = { ...bot('y'), appId: a.appId }
  const third2 = create(third, [invitee(dan)], { conversationId: 'third' })
  const talk = new Talk().start([...pair, ...group, ['third', third2], ['third', connects(dan)]])
  talk.say('here', move)
  talk.next()
  talk.say('third', invite(third, 'op3', [replacing(newAnn, x.callId, { callId: x.callId, conversationId: 'there' })]))
  talk.settle()
  assert.equal(talk.state('third'), 'group; Y established; in dan y; op3 failed')
  assert.ok(talk.told.includes('Y deleted op3 failed 409/8519'))
  assert.equal(talk.state('here'), 'group; A established; in bob a cyd ann2; op completed')
})

test('an application cannot be pulled out of a call', () => {
  const talk = new Talk({ ...rules, applicationsMayBeInvited: true }).start([...pair, ...group])
  talk.say(
    'here',
    invite(a, 'op', [
      application(b, { replaces: { callId: x.callId, call: { callId: x.callId, conversationId: 'there' } } }),
    ]),
  )
  talk.settle()
  assert.deepEqual(talk.told, ['A deleted op failed 400/8523'])
})

// Restarts

const ENDS = {
  here: 'group; A established; in bob a cyd ann2; op completed',
  there: 'peerToPeer; X terminated moved; over',
  told: ['A deleted op completed', 'A updated roster bob a cyd ann2', 'X deleted terminated 200/7000 after A#6'],
}

function ends(talk: Talk): typeof ENDS {
  return { here: talk.state('here'), there: talk.state('there'), told: talk.told }
}

for (const after of [0, 1, 2, 3, 4]) {
  test(`a restart after ${after} of the four messages of a move changes nothing`, () => {
    const talk = moving()
    for (let delivered = 0; delivered < after; delivered += 1) talk.next()
    talk.restart()
    talk.settle()
    assert.deepEqual(ends(talk), ENDS)
  })
}

test('a restart after every message of a move changes nothing', () => {
  const talk = moving()
  for (let messages = 0; messages < 12; messages += 1) {
    talk.next()
    talk.restart()
    talk.next()
  }
  talk.settle()
  assert.deepEqual(ends(talk), ENDS)
})

for (const copies of [2, 3]) {
  test(`every message of a move delivered ${copies} times changes nothing`, () => {
    const talk = moving()
    while (talk.effects.length > 0) {
      const [first] = talk.effects
      const news = talk.effects.length
      for (let copy = 1; copy < copies && first; copy += 1) talk.effects.unshift(first)
      for (let copy = 0; copy < copies; copy += 1) talk.next()
      assert.ok(talk.effects.length <= news * copies * 4, 'messages breed')
      talk.effects = onlyFirst(talk.effects)
    }
    assert.deepEqual(ends(talk), ENDS)
  })
}

/** Without repetitions: one of each kind of effect. */
function onlyFirst(effects: Talk['effects']): Talk['effects'] {
  const lines = effects.map(({ effect }) => effectLine(effect))
  return effects.filter((_, index) => lines.indexOf(lines[index] ?? '') === index)
}

test('a restart after the invite was cancelled: the replaced conversation asks, and the person stays', () => {
  const talk = granted()
  talk.say('here', remove(a, newAnn))
  talk.restart()
  talk.settle()
  assert.equal(talk.state('there'), 'peerToPeer; X established; in ann x')
  assert.deepEqual(talk.told, ['A deleted op failed 487/8542'])
})

test('a restart after the inviting conversation was forgotten: the person stays', () => {
  const talk = granted()
  talk.conversations.delete('here')
  talk.restart()
  talk.settle()
  assert.equal(talk.state('there'), 'peerToPeer; X established; in ann x')
})

test('a late grant to a conversation that gave up is answered, and the person stays', () => {
  const talk = moving()
  talk.now += MINUTE
  const [asked] = talk.effects
  talk.say('here', wake)
  talk.effects.reverse()
  assert.ok(asked)
  talk.settle()
  assert.equal(talk.state('there'), 'peerToPeer; X established; in ann x')
})

test('a late grant to a conversation that is gone is answered, and the person stays', () => {
  const talk = moving()
  talk.next()
  talk.conversations.delete('here')
  talk.settle()
  assert.equal(talk.state('there'), 'peerToPeer; X established; in ann x')
})

test('somebody invited without replacing is rung though another call of theirs is up', () => {
  const talk = new Talk().start([...pair, ...group])
  assert.deepEqual(talk.say('here', invite(a, 'op', [invitee(user('ann'))])).effects, ['Ring ann for app-a'])
})

test('a restart after a new call took somebody over and ended again: the replaced call ends', () => {
  const talk = new Talk().start(pair)
  talk.say('here', create(a, [annOutOf(x.callId)]))
  for (const _ of ['asked', 'granted', 'moved']) talk.next()
  talk.restart()
  talk.say('here', hangUp(a))
  talk.settle()
  assert.equal(talk.state('here'), 'peerToPeer; A terminated ended-by-bot; over')
  assert.equal(talk.state('there'), 'peerToPeer; X terminated moved; over')
})

test('a restart after a long outage: the replaced call still hears that its person has come', () => {
  const talk = granted()
  talk.next()
  talk.now += 2 * rules.operationRetention
  talk.restart()
  talk.settle()
  assert.equal(talk.state('there'), 'peerToPeer; X terminated moved; over')
})
