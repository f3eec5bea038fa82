/** Live voices on a virtual clock: it stands while they speak, and is wound while they do. The engine is a test's own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RecordTask } from '../calls/media.ts'
import { Scene, bot as cast, connects, create, invitee, leaves, user } from '../calls/scene.suite.ts'
import { Activity, virtualClock, wallClock } from '../runtime.ts'
import { Audibility } from './audibility.ts'
import { CallRecordings } from './call-recordings.ts'
import type { SoundEngine, SoundEvents, Voice } from './engine.ts'
import { LiveTime } from './live-time.ts'
import { LiveEngine } from './live.ts'
import type { Prompts } from './prompts.ts'
import { filesInMemory } from './recording-files.ts'
import { Rooms } from './rooms.ts'
import { ServiceMedia } from './service/service-media.ts'
import { meanSquare } from './sound.ts'
import { readWav } from './wav.ts'

const HERE = 'here'
const START = Date.UTC(2026, 0, 1)
const FRAME = 20
const bot = { ...cast('bot'), callId: 'call' }
const people = ['ada', 'ben'].map(user)

/** As much of an engine as carries what a test has somebody say. */
class Speaking {
  #hears: ((voice: Voice) => void) | undefined
  #events: SoundEvents = {}
  /** The engine's clock, which is the real one. */
  #at = 5_000_000

  readonly seam = {
    on: (events: SoundEvents) => {
      this.#events = events
    },
    listen: (_conversationId: string, on: (voice: Voice) => void) => {
      this.#hears = on
      return () => {
        this.#hears = undefined
      }
    },
    enter: () => undefined,
    arrange: () => undefined,
    play: () => ({ stop: () => undefined }),
  } as unknown as SoundEngine

  /** Somebody speaks for so long, and then pauses unless they go on. */
  say(speaker: string, milliseconds: number, goesOn = false): void {
    const from = this.#at
    for (let passed = 0; passed < milliseconds; passed += FRAME) {
      this.#hears?.({ type: 'frame', speaker, at: this.#at, samples: new Int16Array(FRAME * 16).fill(8000) })
      this.#at += FRAME
    }
    if (!goesOn) {
      this.#hears?.({ type: 'ended', speaker, at: this.#at })
      this.#at += 700
    }
    const span = { conversationId: HERE, speaker, listeners: ['call'], from, until: from + milliseconds, level: -12 }
    this.#events.onHeard?.([span])
  }
}

function setUp() {
  const clock = virtualClock(START)
  const wall = wallClock()
  const rooms = new Rooms(clock, new Audibility(1000))
  const engine = new Speaking()
  const live = new LiveEngine({ engine: engine.seam, rooms, clock, wall })
  const scene = new Scene()
  const files = new Map<string, Buffer>()
  const lines: string[] = []
  const kept = filesInMemory()
  const onFault = (fault: unknown): never => assert.fail(String(fault))
  const media = new ServiceMedia({
    clock,
    rooms,
    prompts: undefined as unknown as Prompts,
    press: () => undefined,
    keep: (_callId, { id }, wav) => Promise.resolve(void files.set(id, wav)),
    onFault,
  })
  const whole = new CallRecordings({
    clock,
    activity: new Activity(),
    rooms,
    all: true,
    longest: 3_600_000,
    begin: (id) => kept.begin(id),
    keep: async (_conversationId, { id }) => {
      const chunks: Buffer[] = []
      for await (const chunk of (await kept.read(id)) ?? []) chunks.push(chunk as Buffer)
      files.set('whole', Buffer.concat(chunks))
    },
    mint: () => 'file',
    onFault,
  })
  const follow = (command: Parameters<Scene['do']>[1]): void => {
    const { conversation } = scene.do(HERE, command)
    rooms.follow(conversation)
    whole.follow(conversation)
  }
  whole.tell({
    report: (_conversationId, command) => follow(command),
    announce: () => [],
    deliver: () => undefined,
  })
  follow(
    create(
      bot,
      people.map((one) => invitee(one)),
    ),
  )
  for (const one of people) {
    follow(connects(one))
    live.enter(`leg-${one.name}`, { conversationId: HERE, speaker: one.name })
  }
  const record = (more: Partial<RecordTask> = {}): void => {
    const task: RecordTask = {
      type: 'record',
      prompts: [],
      playBeep: false,
      initialSilenceTimeout: 5000,
      maxSilenceTimeout: 5000,
      maxDuration: 60_000,
      bargeInAllowed: false,
      stopTones: ['pound'],
      recording: { id: 'r', accessToken: 'secret' },
      ...more,
    }
    const effect = { type: 'StartMedia', callId: 'call', operationId: 'op', task, since: clock.now() } as const
    media.perform(HERE, effect, ({ outcome }) => lines.push(`${outcome.name} ${outcome.reason?.name ?? ''}`))
  }
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  const stop = (cause: 'stopTone' | 'callEnded'): void =>
    media.perform(HERE, { type: 'StopMedia', callId: 'call', operationId: 'op', cause }, () => undefined)
  return {
    clock,
    engine,
    rooms,
    live,
    follow,
    record,
    stop,
    turns,
    lines,
    files,
    whole,
    wind: (ms: number) => clock.advance(ms, turns),
  }
}

/** The length of a file and in which of its tenths of a second somebody is heard, as ranges. */
function heardIn(file: Buffer | undefined): { seconds: number; heard: string } {
  const wav = readWav(file ?? Buffer.alloc(0))
  assert.ok(wav.ok)
  const tenths = Array.from({ length: Math.round(wav.samples.length / 1600) }, (_, index) =>
    meanSquare(wav.samples.subarray(index * 1600, (index + 1) * 1600)) > 10_000 ? 'x' : '.',
  ).join('')
  const ranges = [...tenths.matchAll(/x+/g)].map(
    ({ index, 0: found }) => `${index / 10}-${(index + found.length) / 10}`,
  )
  return { seconds: wav.samples.length / 16_000, heard: ranges.join(' ') }
}

test('while the clock stands words follow each other; silence passes as it is wound', async () => {
  const { engine, record, turns, wind, lines, files } = setUp()
  record()
  await turns()
  engine.say('ada', 2000)
  engine.say('ada', 1000)
  await wind(7900)
  assert.deepEqual(lines, [])
  await wind(200)
  assert.deepEqual(lines, ['completed record-max-silence'])
  assert.deepEqual(heardIn(files.get('r')), { seconds: 8, heard: '0-3' })
})

test('who speaks while the clock is wound is heard before and after', async () => {
  const { engine, record, turns, wind, lines, files } = setUp()
  record()
  await turns()
  engine.say('ada', 2000, true)
  await wind(4000)
  engine.say('ada', 1000, true)
  await wind(500)
  engine.say('ada', 1000)
  await wind(11_000)
  assert.deepEqual(lines, ['completed record-max-silence'])
  assert.deepEqual(heardIn(files.get('r')), { seconds: 11, heard: '0-2 4-6' })
})

for (const cause of ['stopTone', 'callEnded'] as const) {
  test(`a recording that ends by ${cause} where the clock stands has what was said`, async () => {
    const { engine, record, follow, stop, turns, files } = setUp()
    record()
    await turns()
    engine.say('ada', 2000)
    engine.say('ben', 1000, true)
    if (cause === 'callEnded') for (const one of people) follow(leaves(one))
    stop(cause)
    await turns()
    assert.deepEqual(heardIn(files.get('r')), { seconds: 2, heard: '0-2' })
  })
}

test('whoever mutes where the clock stands was heard before, and is not after', async () => {
  const { engine, record, follow, stop, turns, files } = setUp()
  record()
  await turns()
  engine.say('ada', 1000)
  follow({ type: 'PersonMutes', participantId: 'ada', muted: true })
  engine.say('ada', 1000)
  follow({ type: 'PersonMutes', participantId: 'ada', muted: false })
  engine.say('ada', 1000)
  stop('stopTone')
  await turns()
  assert.deepEqual(heardIn(files.get('r')), { seconds: 3, heard: '0-1 2-3' })
})

test('the longest duration counts what is said while the clock stands', async () => {
  const { engine, record, turns, wind, lines, files } = setUp()
  record({ maxDuration: 3000 })
  await turns()
  engine.say('ada', 9000)
  await wind(3000)
  assert.deepEqual(lines, ['completed record-max-time'])
  assert.deepEqual(heardIn(files.get('r')), { seconds: 3, heard: '0-3' })
})

test('whole calls have it all, in pieces, however the clock is wound', async () => {
  const { engine, follow, turns, wind, files, whole } = setUp()
  await turns()
  engine.say('ada', 2000, true)
  await wind(60_000)
  engine.say('ada', 3000)
  engine.say('ben', 1000)
  await wind(30_000)
  engine.say('ben', 12_000)
  for (const one of people) follow(leaves(one))
  await turns()
  await whole.close()
  assert.deepEqual(heardIn(files.get('whole')), { seconds: 102, heard: '0-2 60-63 90-102' })
})

test('who was heard is told where the clock stands, and for how long', async () => {
  const { engine, rooms, wind } = setUp()
  engine.say('ada', 3000)
  engine.say('ada', 1000)
  engine.say('ben', 1000)
  await wind(60_000)
  engine.say('ada', 2000)
  const rows = rooms
    .heard(HERE, { limit: 10 })
    .heard.map(({ speaker, from, until }) => [speaker, from - START, until - START])
  assert.deepEqual(rows, [
    ['ada', 0, 4000],
    ['ben', 0, 1000],
    ['ada', 60_000, 62_000],
  ])
})

test('what is too far ahead of a clock that stands is told of nobody', async () => {
  const { engine, rooms, wind } = setUp()
  engine.say('ada', 601_000)
  engine.say('ada', 1000)
  await wind(60_000)
  engine.say('ada', 2000)
  const rows = rooms.heard(HERE, { limit: 10 }).heard.map(({ from, until }) => [from - START, until - START])
  assert.deepEqual(rows, [[0, 603_000]])
})

test('what is said more than ten minutes ahead of a virtual clock has no place; a real one is never left so far', () => {
  const [virtual, real] = [new LiveTime({ kind: 'virtual' }), new LiveTime({ kind: 'real' })]
  for (const time of [virtual, real]) time.ended('ada', START + 600_001)
  assert.deepEqual([virtual.begin('ada', START), virtual.begin('ben', START)], [undefined, START])
  assert.equal(virtual.begin('ada', START + 1), START + 600_001)
  assert.equal(real.begin('ada', START), START)
  assert.equal(real.begin('ada', START + 599_999), START + 600_001)
})
