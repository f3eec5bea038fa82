/** Live people, scripted ones and applications in one room, with the real engine: each hears whom they should. Takes real time. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Command } from '../calls/commands.ts'
import type { RecordTask } from '../calls/media.ts'
import type { Bot } from '../calls/scene.suite.ts'
import { Scene, bot as cast, connects, create, invitee, user } from '../calls/scene.suite.ts'
import { defaultConfig } from '../config.ts'
import { createDestinations } from '../outbound/destinations.ts'
import { Activity, steadyClock, wallClock } from '../runtime.ts'
import { Audibility } from './audibility.ts'
import { EmbeddedEngine } from './embedded/embedded.ts'
import { studioSettings } from './embedded/settings.ts'
import type { PcmLeg } from './engine.ts'
import { LiveEngine } from './live.ts'
import { Prompts } from './prompts.ts'
import { Rooms } from './rooms.ts'
import { ServiceMedia } from './service/service-media.ts'
import { AUDIBLE, meanSquare, soundOf, speechLike } from './sound.ts'
import { readWav } from './wav.ts'

const HERE = 'here'
const bot: Bot = { ...cast('bot'), callId: 'call' }
const ADA = 440
const BEN = 880

/** How much of the samples is one frequency, from 0 to 1. */
function share(samples: Int16Array, frequency: number): number {
  const turn = (2 * Math.PI * frequency) / 16_000
  let [sine, cosine] = [0, 0]
  samples.forEach((sample, index) => {
    sine += sample * Math.sin(turn * index)
    cosine += sample * Math.cos(turn * index)
  })
  const power = meanSquare(samples) * samples.length ** 2
  return power === 0 ? 0 : (2 * (sine ** 2 + cosine ** 2)) / power
}

function tone(frequency: number, seconds: number): Int16Array {
  return Int16Array.from({ length: seconds * 16_000 }, (_, index) =>
    Math.round(6000 * Math.sin((2 * Math.PI * frequency * index) / 16_000)),
  )
}

/** A live person who hears by a leg of raw sound. */
class Person {
  readonly heard: Int16Array[] = []
  readonly #leg: PcmLeg

  constructor(engine: LiveEngine, name: string) {
    this.#leg = engine.connectPcm(`leg-${name}`, {
      hears: 'mix',
      onFrames: (frames) => this.heard.push(...frames.map(({ samples }) => samples)),
    })
  }

  /** @returns whether the engine takes it already */
  say(samples: Int16Array): boolean {
    return this.#leg.say(samples)
  }

  /** What came since the last time. */
  take(): Int16Array {
    const all = this.heard.splice(0)
    const samples = new Int16Array(all.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const piece of all) {
      samples.set(piece, at)
      at += piece.length
    }
    return samples
  }
}

/** A group call of the application with ada and ben, who are live, and cleo, who is not. */
class Bench {
  readonly clock = steadyClock()
  readonly wall = wallClock()
  readonly rooms = new Rooms(this.clock, new Audibility(10_000))
  readonly lines: string[] = []
  readonly recordings = new Map<string, Buffer>()
  readonly #scene = new Scene()
  readonly #config = defaultConfig()
  readonly engine = new LiveEngine({
    engine: new EmbeddedEngine({
      clock: this.wall,
      settings: studioSettings(this.#config),
      capacity: { legs: 10, load: 100 },
      onFault: (fault) => assert.fail(String(fault)),
    }),
    rooms: this.rooms,
    clock: this.clock,
    wall: this.wall,
  })
  readonly prompts = new Prompts({
    clock: this.clock,
    activity: new Activity(),
    limits: { size: 1e7, timeout: 15_000, redirects: 3, downloads: 4, queue: 9, cacheSize: 0, cacheLifetime: 1 },
    userAgent: 'test',
    destinations: createDestinations({ config: this.#config, hostsOf: () => undefined }),
  })
  readonly media = new ServiceMedia({
    clock: this.clock,
    rooms: this.rooms,
    prompts: this.prompts,
    press: (conversationId, speaker, key) => this.engine.press({ conversationId, speaker }, key, 100),
    keep: (_callId, { id }, wav) => {
      this.recordings.set(id, wav)
      return Promise.resolve()
    },
    onFault: (fault) => assert.fail(String(fault)),
  })
  readonly ada: Person
  readonly ben: Person

  constructor(t: TestContext) {
    const people = ['ada', 'ben', 'cleo'].map(user)
    this.do(
      create(
        bot,
        people.map((one) => invitee(one)),
      ),
    )
    for (const one of people) this.do(connects(one))
    this.ada = this.#person('ada')
    this.ben = this.#person('ben')
    t.after(async () => {
      this.media.stop()
      await this.engine.close()
      await this.prompts.close()
      this.clock.stop()
      this.wall.stop()
    })
  }

  #person(name: string): Person {
    const person = new Person(this.engine, name)
    this.engine.enter(`leg-${name}`, { conversationId: HERE, speaker: name })
    return person
  }

  do(command: Command): void {
    this.rooms.follow(this.#scene.do(HERE, command).conversation)
  }

  record(id: string, more: Partial<RecordTask>): void {
    const task: RecordTask = {
      type: 'record',
      prompts: [],
      playBeep: false,
      initialSilenceTimeout: 5000,
      maxSilenceTimeout: 1000,
      maxDuration: 20_000,
      bargeInAllowed: false,
      stopTones: [],
      recording: { id, accessToken: 'secret' },
      ...more,
    }
    const effect = { type: 'StartMedia', callId: 'call', operationId: id, task, since: this.clock.now() } as const
    this.media.perform(HERE, effect, ({ operationId, outcome }) => {
      this.lines.push(`${operationId} ${outcome.name} ${outcome.reason?.name ?? ''}`)
    })
  }

  pass(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.wall.schedule(this.wall.now() + milliseconds, resolve))
  }

  /** Waits until something is so. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    for (let tries = 0; tries < 100; tries++) {
      if (isSo()) return
      await this.pass(100)
    }
    assert.fail(`it never happened: ${what}`)
  }

  /** Waits until the engine carries sound. */
  async ready(): Promise<void> {
    await this.until('ada hears ben', () => {
      this.ben.say(tone(BEN, 0.1))
      return share(this.ada.take(), BEN) > 0.5
    })
    // What he said until then is heard to its end.
    do {
      this.ada.take()
      await this.pass(400)
    } while (this.ada.take().some((sample) => sample !== 0))
    this.ben.take()
  }

  pairs(): readonly string[] {
    const { heard } = this.rooms.heard(HERE, { limit: 1000 })
    return [...new Set(heard.map(({ speaker, listener }) => `${speaker} ${listener}`))].toSorted()
  }
}

describe('live people', { concurrency: true, timeout: 240_000 }, () => {
  test('hear each other and scripted people, and are recorded until they are silent', async (t) => {
    const bench = new Bench(t)
    await bench.ready()
    bench.record('r', {})
    bench.ada.say(tone(ADA, 1))
    await bench.pass(1200)
    const heard = bench.ben.take()
    // A frame that was made up on a busy machine turns the phase of a tone, and halves its share.
    assert.ok(share(heard, ADA) > 0.3, `ben hears ada: ${share(heard, ADA)}`)
    assert.equal(share(bench.ada.take(), ADA) > 0.1, false, 'ada hears herself')
    await bench.until('the recording ends', () => bench.lines.length > 0)
    assert.deepEqual(bench.lines, ['r completed record-max-silence'])
    const wav = readWav(bench.recordings.get('r') ?? Buffer.alloc(0))
    assert.ok(wav.ok)
    const seconds = wav.samples.length / 16_000
    assert.ok(seconds > 1.5 && seconds < 3.5, `${seconds} s`)
    const begins = wav.samples.findIndex((sample) => Math.abs(sample) > 3000)
    const spoken = wav.samples.subarray(begins, begins + 16_000)
    assert.ok(share(spoken, ADA) > 0.3, `ada is in the recording: ${share(spoken, ADA)}`)

    bench.rooms.speak(HERE, 'cleo', speechLike(1000))
    await bench.pass(1500)
    for (const person of [bench.ada, bench.ben]) {
      assert.ok(meanSquare(person.take()) > AUDIBLE, 'a live person hears a scripted one')
    }
    const pairs = ['ada ben', 'ada call', 'ada cleo', 'ben ada', 'ben call', 'ben cleo']
    await bench.until('who heard whom is told', () => bench.pairs().includes('cleo call'))
    assert.deepEqual(bench.pairs(), [...pairs, 'cleo ada', 'cleo ben', 'cleo call'])
  })

  test('whoever comes in the middle of a sound hears the rest; whoever is on hold hears music, and nobody hears them', async (t) => {
    const bench = new Bench(t)
    await bench.ready()
    const { callId, appId } = bot
    bench.do({ type: 'HoldParticipant', callId, appId, operationId: 'hold', participantId: 'ben' })
    const hold = { type: 'StartHoldMusic', callId, operationId: 'hold', participantId: 'ben' } as const
    bench.media.perform(HERE, hold, () => undefined)
    bench.ada.say(tone(ADA, 1))
    bench.ben.say(tone(BEN, 1))
    await bench.pass(1500)
    const music = bench.ben.take()
    assert.ok(meanSquare(music) > AUDIBLE, 'music')
    assert.ok(share(music, ADA) < 0.5, 'ada is not in it')
    assert.ok(share(bench.ada.take(), BEN) < 0.1, 'nobody hears who is on hold')
    await bench.until('the music is told', () => bench.pairs().includes('hold-music:ben ben'))
    bench.do({ type: 'UnholdParticipant', callId, appId, operationId: 'unhold', participantId: 'ben' })
    bench.media.perform(HERE, { type: 'StopHoldMusic', callId, participantId: 'ben' }, () => undefined)

    bench.engine.leave('leg-ada')
    bench.engine.leave('leg-ben')
    // A tone that changes after two seconds: whoever comes then hears the second one only.
    const changing = new Int16Array([...tone(300, 2), ...tone(700, 2)])
    bench.rooms.speak(HERE, 'cleo', soundOf(changing))
    await bench.pass(2000)
    bench.ben.take()
    bench.engine.enter('leg-ben', { conversationId: HERE, speaker: 'ben' })
    await bench.pass(1000)
    const late = bench.ben.take()
    assert.ok(share(late, 700) > 0.5, `the second tone: ${share(late, 700)}`)
    assert.ok(share(late, 300) < 0.2, `the first tone: ${share(late, 300)}`)
  })
})
