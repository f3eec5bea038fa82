/** The page asks control: with the key, beside itself, and says what came of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { questions } from './answers.ts'
import { Control, isKey } from './control.ts'

interface Asked {
  readonly url: string
  readonly authorization: string | undefined
}

function bench(address: string, answer: () => Response): { readonly control: Control; readonly asked: Asked[] } {
  const kept = new Map<string, string>()
  const asked: Asked[] = []
  const control = new Control({
    address: new URL(address),
    storage: {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => void kept.set(name, value),
      removeItem: (name) => void kept.delete(name),
    },
    fetch: async (url, { headers }) => {
      const { authorization } = headers as { authorization?: string }
      asked.push({ url: url.href, authorization })
      return answer()
    },
  })
  return { control, asked }
}

const refusal = (status: number, explanation?: string): Response =>
  new Response('{}', { status, headers: explanation === undefined ? {} : { 'rollcall-explanation': explanation } })

test('it is asked beside the page, whatever stands before both; the key is in no address', async () => {
  const { control, asked } = bench('https://host.example/voice/console/?x=1', () => new Response('{"live":1}'))
  assert.deepEqual(await control.get('live?limit=1'), { state: 'told', body: { live: 1 } })
  control.setKey('secret')
  await control.get('calls/1')
  control.forgetKey()
  await control.get('calls/1')
  assert.deepEqual(asked, [
    { url: 'https://host.example/voice/control/live?limit=1', authorization: undefined },
    { url: 'https://host.example/voice/control/calls/1', authorization: 'Bearer secret' },
    { url: 'https://host.example/voice/control/calls/1', authorization: undefined },
  ])
  assert.deepEqual(['secret', 'two words', 'schlüssel', ''].map(isKey), [true, false, false, false])
})

test('what is refused is told with its explanation; what is no answer of the server is a fault', async () => {
  const answers = [refusal(401, 'It takes the key.'), refusal(404, 'No such call.'), refusal(502), new Response('<p>')]
  const { control } = bench('http://localhost/console/', () => answers.shift() ?? refusal(500))
  assert.deepEqual(await control.get('live'), { state: 'locked', explanation: 'It takes the key.' })
  assert.deepEqual(await control.get('calls/1'), { state: 'refused', explanation: 'No such call.' })
  await assert.rejects(control.get('live'), /it answers 502/)
  await assert.rejects(control.get('live'), SyntaxError)
})

test('what control tells of a call is lines', () => {
  const [timeline, explain, audibility] = questions
  assert.deepEqual(timeline?.read({ value: [{ at: 'then', text: 'rung', why: 'so' }] }), [
    { at: 'then', text: 'rung', more: 'so' },
  ])
  const body = {
    sentence: 'It rings.',
    causes: [{ what: 'asked', when: 'then', rule: 'a rule', doNext: 'wait' }],
    notifications: [{ why: 'Notification 1 is owed.' }],
  }
  assert.deepEqual(explain?.read(body), [
    { text: 'It rings.' },
    { at: 'then', text: 'asked', more: 'a rule wait' },
    { text: 'Notification 1 is owed.' },
  ])
  const from = '2026-11-21T12:00:00.000Z'
  const until = '2026-11-21T12:00:02.500Z'
  const row = (speaker: string, listener: string): object => ({
    speaker: { id: speaker, identity: { id: 'u', displayName: speaker } },
    listener: { id: listener },
    from,
    until,
    level: -20,
  })
  assert.deepEqual(audibility?.read({ value: [row('Ada', 'b'), row('Ada', 'c'), row('Ben', 'a')] }), [
    { at: from, text: 'Ada was heard by b, c for 2.5 s at -20 dB' },
    { at: from, text: 'Ben was heard by a for 2.5 s at -20 dB' },
  ])
})
