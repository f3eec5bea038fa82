import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultScript, parseScript, type Script } from './script.ts'
import type { Step } from './steps.ts'

function answers(steps?: readonly Step[]): Script {
  return { outcome: 'answer', afterMs: 1000, ...(steps && { steps }) }
}

const valid: [string, unknown, Script][] = [
  ['answer, by default after a second', { answer: {} }, { outcome: 'answer', afterMs: 1000 }],
  ['answer after a while', { answer: { after: '2s' } }, { outcome: 'answer', afterMs: 2000 }],
  ['answer with nothing after the colon', { answer: null }, { outcome: 'answer', afterMs: 1000 }],
  ['answer at once', { answer: { after: '0s' } }, { outcome: 'answer', afterMs: 0 }],
  [
    'answer, then leave, inside',
    { answer: { after: 'PT2S', leaveAfter: '5m' } },
    { outcome: 'answer', afterMs: 2000, leaveAfterMs: 300_000 },
  ],
  ['leaveAfter beside', { answer: {}, leaveAfter: '1s' }, { outcome: 'answer', afterMs: 1000, leaveAfterMs: 1000 }],
  ['lobby', { answer: { lobby: true } }, { outcome: 'answer', afterMs: 1000, lobby: {} }],
  ['no lobby', { answer: {}, lobby: false }, { outcome: 'answer', afterMs: 1000 }],
  [
    'lobby beside, with a moment',
    { answer: {}, lobby: { admitAfter: '5s' } },
    { outcome: 'answer', afterMs: 1000, lobby: { admitAfterMs: 5000 } },
  ],
  ['say a file', { answer: { say: 'a/hello.WAV' } }, answers([{ type: 'say', file: 'a/hello.WAV' }])],
  ['say for a while, beside', { answer: null, say: '3s' }, answers([{ type: 'babble', ms: 3000 }])],
  ['press', { answer: { press: '0*#D' } }, answers([{ type: 'press', tones: ['tone0', 'star', 'pound', 'd'] }])],
  [
    'steps',
    { answer: {}, steps: [{ wait: '2s' }, { say: '1s' }, { press: '9' }] },
    answers([
      { type: 'wait', ms: 2000 },
      { type: 'babble', ms: 1000 },
      { type: 'press', tones: ['tone9'] },
    ]),
  ],
  ['no steps', { answer: { steps: [] } }, answers()],
  ['voicemail', { voicemail: {} }, { outcome: 'voicemail', afterMs: 1000 }],
  ['decline', { decline: {} }, { outcome: 'decline', afterMs: 0 }],
  ['busy, later', { busy: { after: '250ms' } }, { outcome: 'busy', afterMs: 250 }],
  ['offline', { offline: {} }, { outcome: 'offline', afterMs: 0 }],
  ['unreachable', { unreachable: {} }, { outcome: 'unreachable', afterMs: 0 }],
  ['ignore', { ignore: {} }, { outcome: 'ignore' }],
  [
    'fail',
    { fail: { reason: 'callee-not-routable', after: '1s' } },
    { outcome: 'fail', reason: 'callee-not-routable', afterMs: 1000 },
  ],
]

for (const [name, written, script] of valid) {
  test(`reads: ${name}`, () => assert.deepEqual(parseScript(written), { ok: true, script }))
}

const invalid: [string, unknown, string, RegExp][] = [
  ['no outcome', {}, '', /exactly one of answer, voicemail, decline/],
  ['two outcomes', { answer: {}, busy: {} }, '', /not answer and busy together/],
  ['not an object', 'answer', '', /a script must be an object/],
  ['nothing at all', undefined, '', /a script must be an object/],
  ['an unknown outcome', { anser: {} }, 'anser', /"anser" is not a known key; .*answer, voicemail/],
  ['an unknown key inside', { busy: { later: '1s' } }, 'busy.later', /"later" is not a known key; .* after$/],
  ['a key inside ignore', { ignore: { after: '1s' } }, 'ignore.after', /no keys are allowed here/],
  ['an outcome that is text', { busy: 'yes' }, 'busy', /"busy" must be an object/],
  ['a bad duration', { answer: { after: 'soon' } }, 'answer.after', /"answer.after" must be a duration such as/],
  ['a bare number', { answer: { after: 2 } }, 'answer.after', /must be a duration such as/],
  ['a duration past the bound', { answer: { after: '31d' } }, 'answer.after', /30 days at most/],
  ['an endless duration', { answer: { after: `${'9'.repeat(400)}d` } }, 'answer.after', /30 days at most/],
  ['an unknown reason', { fail: { reason: 'tired' } }, 'fail.reason', /is not a known reason, such as callee-busy/],
  ['an inherited name as reason', { fail: { reason: 'toString' } }, 'fail.reason', /is not a known reason/],
  ['fail without a reason', { fail: {} }, 'fail.reason', /must be the name of a reason/],
  ['lobby of the wrong kind', { answer: { lobby: 'yes' } }, 'answer.lobby', /must be true, false or/],
  [
    'an unknown key in lobby',
    { answer: { lobby: { wait: '1s' } } },
    'answer.lobby.wait',
    /allowed here are admitAfter/,
  ],
  ['a bad duration in lobby', { answer: {}, lobby: { admitAfter: 'x' } }, 'lobby.admitAfter', /must be a duration/],
  ['leaveAfter for busy', { busy: {}, leaveAfter: '1s' }, 'leaveAfter', /answer or voicemail only/],
  ['lobby for ignore', { ignore: {}, lobby: true }, 'lobby', /answer or voicemail only/],
  ['keys that are none', { answer: { press: '1x' } }, 'answer.press', /must be keys such as "1"/],
  ['a key that is a number', { answer: { press: 1 } }, 'answer.press', /must be keys such as "1", .* in quotes/],
  ['saying neither file nor duration', { answer: { say: 'hello' } }, 'answer.say', /must be the path of a WAV file/],
  ['say and press', { answer: { say: '1s', press: '1' } }, '', /has one of say, press and steps/],
  ['steps for busy', { busy: {}, steps: [] }, 'steps', /answer or voicemail only/],
  ['steps that are no list', { answer: { steps: 'x' } }, 'answer.steps', /must be a list of steps/],
  ['an empty step', { answer: { steps: [{}] } }, 'answer.steps.0', /must be one of \{ wait: 2s \}/],
  ['two steps in one', { answer: { steps: [{ wait: '1s', say: '1s' }] } }, 'answer.steps.0', /must be one of/],
  ['an unknown step', { answer: { steps: [{ sing: 'a' }] } }, 'answer.steps.0', /must be one of/],
  ['leaveAfter twice', { answer: { leaveAfter: '1s' }, leaveAfter: '2s' }, 'leaveAfter', /keep one of them/],
]

for (const [name, written, path, message] of invalid) {
  test(`refuses: ${name}`, () => {
    const parsed = parseScript(written)
    assert.ok(!parsed.ok)
    assert.equal(parsed.errors.length, 1, JSON.stringify(parsed.errors))
    assert.equal(parsed.errors[0]?.path.join('.'), path)
    assert.match(parsed.errors[0]?.message ?? '', message)
  })
}

test('reports every error at once', () => {
  const parsed = parseScript({ answer: { after: 'x', foo: 1 }, bar: 2 })
  assert.ok(!parsed.ok)
  assert.deepEqual(parsed.errors.map((error) => error.path.join('.')).sort(), ['answer.after', 'answer.foo', 'bar'])
})

test('the default script is what an empty answer reads as', () => {
  assert.deepEqual(parseScript({ answer: {} }), { ok: true, script: defaultScript })
})
