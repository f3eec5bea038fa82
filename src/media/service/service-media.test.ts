/** What is done for applications, whatever they ask. Times are in seconds from the start. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import type { MediaEffect, MediaTask, PlayTask, RecordTask, SendTonesTask } from '../../calls/media.ts'
import type { Command } from '../../calls/commands.ts'
import type { Conversation } from '../../calls/conversation.ts'
import type { Bot } from '../../calls/scene.suite.ts'
import { Scene as CallScene, bot as cast, connects, create, invitee, user } from '../../calls/scene.suite.ts'
import { defaultConfig } from '../../config.ts'
import { createDestinations } from '../../outbound/destinations.ts'
import { resultInfo } from '../../calls/reasons.ts'
import type { VirtualClock } from '../../runtime.ts'
import { Activity, virtualClock } from '../../runtime.ts'
import { spokenWav, startFileServer } from '../media.suite.ts'
import { Audibility } from '../audibility.ts'
import { Prompts } from '../prompts.ts'
import { Rooms } from '../rooms.ts'
import { decibels, meanSquare, speechLike } from '../sound.ts'
import { readWav } from '../wav.ts'
import { ServiceMedia } from './service-media.ts'

/** The media of applications, with what a test needs around it. */
export interface Bench {
  readonly media: ServiceMedia
  readonly clock: VirtualClock
  readonly activity: Activity
  readonly rooms: Rooms
  /** Somebody speaks from now on, for some seconds. */
  readonly speak: (participantId: string, seconds: number) => void
  /** A WAV file of some seconds, to be fetched: its address. */
  serve(seconds: number): string
  /** An address from which no WAV file comes, and one from which nothing comes at all. */
  readonly notWav: string
  readonly nothing: string
  /** The recording that was kept under an id. */
  recording(id: string): Promise<Buffer | undefined>
}

const CALL = 'call'
const HERE = 'here'
const bot: Bot = { ...cast('bot'), callId: CALL }
const people = ['ada', 'ben', 'cleo'].map(user)

/** A group call of the application with three people, in which something has happened. */
function groupCall(...further: readonly Command[]): Conversation {
  const scene = new CallScene()
  scene.do(
    HERE,
    create(
      bot,
      people.map((one) => invitee(one)),
    ),
  )
  for (const command of [...people.map((one) => connects(one)), ...further]) scene.do(HERE, command)
  const conversation = scene.conversations.get(HERE)
  assert.ok(conversation)
  return conversation
}

function muted(participantId: string): Command {
  return { type: 'PersonMutes', participantId, muted: true }
}

/** One such, and what it has reported. */
class Scene {
  readonly bench: Bench
  readonly #start: number
  readonly lines: string[] = []

  constructor(bench: Bench) {
    this.bench = bench
    this.#start = bench.clock.now()
  }

  perform(effect: MediaEffect): void {
    this.bench.media.perform(HERE, effect, ({ operationId, outcome }) => {
      const info = outcome.reason ? resultInfo(outcome.reason) : { code: 200, subcode: 0 }
      this.lines.push(`${this.now()} ${operationId} ${outcome.name} ${info.code}/${info.subcode}`)
    })
  }

  start(operationId: string, task: MediaTask, ago = 0): void {
    const since = this.bench.clock.now() - ago * 1000
    this.perform({ type: 'StartMedia', callId: CALL, operationId, task, since })
  }

  stop(operationId: string, cause: 'cancelled' | 'stopTone' | 'callEnded'): void {
    this.perform({ type: 'StopMedia', callId: CALL, operationId, cause })
  }

  now(): number {
    return (this.bench.clock.now() - this.#start) / 1000
  }

  async advance(seconds: number): Promise<void> {
    await this.bench.clock.advance(seconds * 1000, () => this.bench.activity.idle(5000))
  }

  phases(): string[] {
    return this.bench.media.view(HERE).tasks.map(({ operationId, phase }) => `${operationId} ${phase}`)
  }

  /** How long a recording is, and when in it somebody is heard, in seconds. */
  async heard(id: string): Promise<{ length: number; heard: number[] }> {
    const file = await this.bench.recording(id)
    assert.ok(file, `there is no recording ${id}`)
    const wav = readWav(file)
    if (!wav.ok) return { length: 0, heard: [] }
    const heard = new Set<number>()
    wav.samples.forEach((sample, index) => {
      if (Math.abs(sample) > 300) heard.add(Math.floor(index / 16_000))
    })
    return { length: wav.samples.length / 16_000, heard: [...heard] }
  }
}

function play(uris: readonly string[], loop = false): PlayTask {
  return { type: 'play', prompts: uris.map((uri) => ({ uri })), loop }
}

function record(id: string, more: Partial<RecordTask> = {}): RecordTask {
  return {
    type: 'record',
    prompts: [],
    playBeep: false,
    initialSilenceTimeout: 5000,
    maxSilenceTimeout: 3000,
    maxDuration: 20_000,
    bargeInAllowed: false,
    stopTones: [],
    recording: { id, accessToken: 'secret' },
    ...more,
  }
}

function scenario(title: string, run: (scene: Scene) => Promise<void>): void {
  test(title, async (t) => run(new Scene(await open(t))))
}

describe('playing', () => {
  scenario('prompts are played one after the other, for as long as they are', async (scene) => {
    const { bench } = scene
    scene.start('op', play([bench.serve(2), bench.serve(1.5)]))
    await scene.advance(3)
    assert.deepEqual([scene.lines, scene.phases()], [[], ['op playing']])
    await scene.advance(10)
    assert.deepEqual([scene.lines, scene.phases()], [['3.5 op completed 200/0'], []])
  })

  scenario('a prompt that is played several times', async (scene) => {
    const [once, thrice] = [scene.bench.serve(1), scene.bench.serve(2)]
    scene.start('op', { type: 'play', prompts: [{ uri: once }, { uri: thrice, loops: 3 }], loop: false })
    await scene.advance(20)
    assert.deepEqual(scene.lines, ['7 op completed 200/0'])
  })

  scenario('a loop goes on until it is stopped', async (scene) => {
    scene.start('op', play([scene.bench.serve(1)], true))
    await scene.advance(3600)
    assert.deepEqual(scene.phases(), ['op playing'])
    scene.stop('op', 'cancelled')
    await scene.advance(10)
    assert.deepEqual([scene.lines, scene.phases()], [[], []])
  })

  scenario('prompts that are none fail before anything is played', async (scene) => {
    const { bench } = scene
    scene.start('bad', play([bench.serve(5), bench.notWav]))
    scene.start('missing', play([bench.nothing]))
    scene.start('recorded', record('r', { prompts: [{ uri: bench.nothing }] }))
    await scene.advance(0)
    assert.deepEqual(scene.lines.sort(), [
      '0 bad failed 400/8535',
      '0 missing failed 400/8536',
      '0 recorded failed 400/8536',
    ])
    assert.equal(await bench.recording('r'), undefined)
  })

  scenario('the same task twice is done once', async (scene) => {
    const task = play([scene.bench.serve(1)])
    scene.start('op', task)
    scene.start('op', task)
    await scene.advance(10)
    assert.deepEqual(scene.lines, ['1 op completed 200/0'])
  })
})

describe('recording', () => {
  scenario('what is said is recorded, until there is silence', async (scene) => {
    scene.start('op', record('r'))
    await scene.advance(2)
    scene.bench.speak('ada', 4)
    await scene.advance(30)
    assert.deepEqual(scene.lines, ['9 op completed 200/8509'])
    assert.deepEqual(await scene.heard('r'), { length: 9, heard: [2, 3, 4, 5] })
  })

  scenario('nobody says anything', async (scene) => {
    scene.start('op', record('r'))
    await scene.advance(30)
    assert.deepEqual(scene.lines, ['5 op failed 400/8510'])
    assert.equal(await scene.bench.recording('r'), undefined)
  })

  scenario('a pause that is short enough belongs to it', async (scene) => {
    scene.start('op', record('r'))
    scene.bench.speak('ada', 1)
    await scene.advance(3)
    scene.bench.speak('ada', 1)
    await scene.advance(30)
    assert.deepEqual(scene.lines, ['7 op completed 200/8509'])
    assert.deepEqual(await scene.heard('r'), { length: 7, heard: [0, 3] })
  })

  scenario('it is as long as it may be', async (scene) => {
    scene.start('op', record('r', { maxDuration: 10_000 }))
    scene.bench.speak('ada', 60)
    await scene.advance(30)
    assert.deepEqual(scene.lines, ['10 op completed 200/8515'])
    assert.equal((await scene.heard('r')).length, 10)
  })

  scenario('it begins after the prompt and the beep, which are not in it', async (scene) => {
    scene.start('op', record('r', { prompts: [{ uri: scene.bench.serve(2) }], playBeep: true }))
    scene.bench.speak('ada', 1)
    await scene.advance(4)
    assert.deepEqual(scene.phases(), ['op listening'])
    scene.bench.speak('ada', 1)
    await scene.advance(30)
    assert.deepEqual(scene.lines, ['8 op completed 200/8509'])
    const { length, heard } = await scene.heard('r')
    assert.ok(length > 5 && length < 6, `it is ${length} seconds long`)
    assert.equal(heard[0], 1)
  })

  scenario('several people are mixed, and whoever is muted is not heard meanwhile', async (scene) => {
    const { rooms, speak } = scene.bench
    rooms.follow(groupCall(muted('cleo')))
    scene.start('op', record('r'))
    speak('ada', 2)
    speak('cleo', 9)
    await scene.advance(1)
    speak('ben', 3)
    await scene.advance(4)
    rooms.follow(groupCall())
    await scene.advance(2)
    rooms.follow(groupCall(muted('cleo')))
    await scene.advance(30)
    assert.deepEqual(scene.lines, ['10 op completed 200/8509'])
    assert.deepEqual(await scene.heard('r'), { length: 10, heard: [0, 1, 2, 3, 5, 6] })
  })

  scenario('a source at a level of 50 percent is 6 dB quieter', async (scene) => {
    const { rooms, speak } = scene.bench
    scene.start('loud', record('loud', { maxDuration: 1000 }))
    speak('ada', 20)
    await scene.advance(1)
    const sources = [{ participantId: 'ada', level: 50, duckOthers: false }]
    const levels = [{ participantId: 'bot', exclusive: false, sources }]
    rooms.follow(groupCall({ type: 'ConfigureMixer', callId: CALL, appId: bot.appId, operationId: 'mix', levels }))
    scene.start('low', record('low', { maxDuration: 1000 }))
    await scene.advance(3)
    const loudness = async (id: string): Promise<number> => {
      const wav = readWav((await scene.bench.recording(id)) ?? Buffer.alloc(0))
      assert.ok(wav.ok)
      return decibels(meanSquare(wav.samples))
    }
    assert.ok(Math.abs((await loudness('loud')) - (await loudness('low')) - 6.02) < 0.1)
  })

  scenario('whoever lowers others by talking', async (scene) => {
    const { rooms, speak } = scene.bench
    const ducking = { rampActive: 0, rampInactive: 1000, lowerLevel: 0, upperLevel: 100 }
    const sources = [{ participantId: 'ada', level: 0, duckOthers: true }]
    const levels = [{ participantId: 'bot', exclusive: false, ducking, sources }]
    rooms.follow(groupCall({ type: 'ConfigureMixer', callId: CALL, appId: bot.appId, operationId: 'mix', levels }))
    scene.start('op', record('r', { maxDuration: 8000 }))
    speak('ben', 20)
    await scene.advance(2)
    speak('ada', 2)
    await scene.advance(30)
    const wav = readWav((await scene.bench.recording('r')) ?? Buffer.alloc(0))
    assert.ok(wav.ok)
    const level = (from: number, until: number): number =>
      Math.round(Math.sqrt(meanSquare(wav.samples.subarray(from * 16_000, until * 16_000))) / 100)
    const full = level(0, 2)
    const rising = level(4, 5)
    assert.deepEqual([level(2, 4), level(5, 8)], [0, full])
    assert.ok(rising > 0.4 * full && rising < 0.8 * full, `${rising} of ${full}`)
  })
})

describe('stopping', () => {
  for (const cause of ['stopTone', 'callEnded'] as const) {
    scenario(`${cause}: what was recorded is kept, and nothing reported`, async (scene) => {
      scene.start('op', record('r'))
      scene.bench.speak('ada', 10)
      await scene.advance(2)
      scene.stop('op', cause)
      await scene.advance(30)
      assert.deepEqual([scene.lines, scene.phases()], [[], []])
      assert.deepEqual(await scene.heard('r'), { length: 2, heard: [0, 1] })
    })
  }

  scenario('a recording that is stopped during its prompt is empty', async (scene) => {
    scene.start('op', record('r', { prompts: [{ uri: scene.bench.serve(5) }] }))
    await scene.advance(2)
    scene.stop('op', 'stopTone')
    await scene.advance(30)
    assert.deepEqual(await scene.heard('r'), { length: 0, heard: [] })
  })

  scenario('a recording that is cancelled is thrown away', async (scene) => {
    scene.start('op', record('r'))
    scene.bench.speak('ada', 10)
    await scene.advance(2)
    scene.stop('op', 'cancelled')
    await scene.advance(30)
    assert.deepEqual([scene.lines, await scene.bench.recording('r')], [[], undefined])
  })

  scenario('stopped as a whole: nothing is reported any more', async (scene) => {
    scene.start('play', play([scene.bench.serve(1)]))
    scene.start('record', record('r'))
    await scene.advance(0)
    scene.bench.media.stop()
    await scene.advance(30)
    assert.deepEqual([scene.lines, scene.phases()], [[], []])
  })
})

describe('resuming', () => {
  scenario('after a restart a prompt goes on where it would be', async (scene) => {
    const uri = scene.bench.serve(5)
    scene.start('going', play([uri]), 3)
    scene.start('over', play([uri]), 60)
    scene.start('loop', play([uri], true), 100_000)
    await scene.advance(10)
    assert.deepEqual(scene.lines, ['0 over completed 200/0', '2 going completed 200/0'])
    assert.deepEqual(scene.phases(), ['loop playing'])
  })

  scenario('after a restart a recording ends when it would have', async (scene) => {
    scene.start('going', record('r'), 3)
    scene.start('over', record('s'), 60)
    await scene.advance(10)
    assert.deepEqual(scene.lines, ['0 over failed 400/8510', '2 going failed 400/8510'])
  })
})

describe('beside', () => {
  scenario('tones take their time, and are to be seen', async (scene) => {
    const task: SendTonesTask = { type: 'sendTones', tones: ['tone1', 'pound'], delayBetweenTones: 900 }
    scene.start('op', task)
    await scene.advance(0.5)
    const sent = (): string[] => scene.bench.media.view(HERE).tones.map(({ tone }) => tone)
    assert.deepEqual(sent(), ['tone1'])
    await scene.advance(10)
    assert.deepEqual(sent(), ['tone1', 'pound'])
    assert.deepEqual(scene.lines, ['1.1 op completed 200/0'])
  })

  scenario('hold music plays, or what was asked for cannot', async (scene) => {
    const hold = { type: 'StartHoldMusic', callId: CALL } as const
    const [uri, bad] = [scene.bench.serve(1), scene.bench.notWav]
    scene.perform({ ...hold, operationId: 'plain', participantId: 'ada' })
    scene.perform({ ...hold, operationId: 'own', participantId: 'ben', prompt: { uri } })
    scene.perform({ ...hold, operationId: 'bad', participantId: 'cleo', prompt: { uri: bad } })
    await scene.advance(1)
    assert.deepEqual(scene.lines.sort(), ['0 bad failed 400/8535', '0 own completed 200/0', '0 plain completed 200/0'])
    const music = (): string[] => scene.bench.rooms.speaking(HERE).map(({ speaker }) => speaker)
    assert.deepEqual(music(), ['hold-music:ada', 'hold-music:ben'])
    assert.deepEqual(scene.bench.media.view(HERE).speaking, [])
    scene.perform({ type: 'StopHoldMusic', callId: CALL, operationId: 'stop', participantId: 'ada' })
    scene.perform({ type: 'StopHoldMusic', callId: CALL, participantId: 'ben' })
    await scene.advance(1)
    assert.deepEqual(scene.lines.slice(3), ['1 stop completed 200/0'])
    assert.deepEqual(music(), [])
  })
})

async function open(t: TestContext): Promise<Bench> {
  const server = await startFileServer(t)
  server.files.set('/text', Buffer.from('no sound'))
  const clock = virtualClock(Date.UTC(2026, 0, 1))
  const activity = new Activity()
  const rooms = new Rooms(clock, new Audibility(1000))
  rooms.follow(groupCall())
  const limits = { size: 1e7, timeout: 15_000, redirects: 3, downloads: 4, queue: 100, cacheSize: 0, cacheLifetime: 1 }
  const destinations = createDestinations({ config: defaultConfig(), hostsOf: () => undefined })
  const prompts = new Prompts({ clock, activity, limits, userAgent: 'test', destinations })
  const recordings = new Map<string, Buffer>()
  const media = new ServiceMedia({
    clock,
    rooms,
    prompts,
    press: () => undefined,
    keep: (_callId, { id }, wav) => {
      recordings.set(id, wav)
      return Promise.resolve()
    },
    onFault: (fault) => assert.fail(String(fault)),
  })
  t.after(async () => {
    media.stop()
    clock.stop()
    await prompts.close()
  })
  return {
    media,
    rooms,
    clock,
    activity,
    notWav: `${server.url}/text`,
    nothing: `${server.url}/nothing`,
    speak: (participantId, seconds) => {
      rooms.speak('here', participantId, speechLike(seconds * 1000))
    },
    serve: (seconds) => {
      const path = `/${server.files.size}.wav`
      server.files.set(path, spokenWav(seconds))
      return server.url + path
    },
    recording: (id) => Promise.resolve(recordings.get(id)),
  }
}
