/**
 * Sound: people per processor core, all of them by WebRTC with encryption, in one room and in rooms of three; how long a
 * voice takes to the other side; and what is lost, for a minute at half load too. Beside it Janus' AudioBridge with the
 * same people, where it is installed. Processor time is counted, not time: the machine may do other things meanwhile.
 */
import { Helper, cpuSeconds } from './kit/children.ts'
import type { Bench, Figures } from './kit/bench.ts'
import { arrange, openEngine, pass } from './kit/engine.ts'
import { Janus, machineAddress, noJanus } from './peers/janus.ts'
import type { Counted, PeersQuestion } from './sound-peers.ts'
import type { Config } from '../src/config.ts'

/** People of a full round. */
const PEOPLE = 100
/** Seconds for which is measured, and that pass before. */
const [SECONDS, BEFORE] = [10, 3]
const MINUTE = 60
/** How often the delay is measured. */
const DELAYS = 12
const IDLE_ROOMS = 500
/** How Janus encodes; its complexity is said where it is started. */
const EQUAL: Partial<Config> = { mediaCoding: 'speech', mediaComplexity: 2 }

/** A mixer that can be measured. */
interface Mixer {
  readonly pid: number
  /** Where its people are to be; loopback is no place for every mixer. */
  readonly address: string
  connect(room: number, number: number, offer: string): Promise<string>
  /** Everybody is in. */
  begin(rooms: readonly (readonly number[])[]): void
  readonly stop: () => Promise<void>
}

/** What is measured of a mixer. */
interface Scene {
  readonly people: number
  /** People in one room. */
  readonly size: number
  /** One of so many talks. */
  readonly each?: number
  readonly seconds?: number
  readonly delays?: boolean
}

export const sound: Bench = {
  name: 'sound',
  what: 'people by WebRTC for each processor core, milliseconds from one to the other, frames heard in a second',
  async round({ scale }) {
    const people = Math.max(3, Math.round((PEOPLE * scale) / 3) * 3)
    const figures: Record<string, number> = {}
    const run = async (name: string, make: () => Promise<Mixer>, scene: Scene, only?: string): Promise<void> => {
      for (const [key, figure] of Object.entries(await play(make, scene))) {
        if (only === undefined || key === only) figures[`${name} ${key}`] = figure
      }
    }
    const [room, threes] = [
      { people, size: people, delays: true },
      { people, size: 3 },
    ]
    const equal = (): Promise<Mixer> => ours(EQUAL)
    await run('room', ours, room)
    await run('threes', ours, threes)
    await run('threes of whom one talks', ours, { ...threes, each: 3 }, 'people')
    await run('equal room', equal, { ...room, delays: false }, 'people')
    await run('equal threes', equal, threes, 'people')
    const half = Math.min(people, Math.max(3, Math.round((figures['room people'] ?? 0) / 2)))
    const seconds = Math.max(SECONDS, Math.round(MINUTE * Math.min(1, scale)))
    await run('half load', ours, { people: half, size: half, seconds })
    figures['half load of how many'] = half
    figures['idle rooms, share of a core'] = await idleRooms(Math.round(IDLE_ROOMS * scale))
    const missing = noJanus()
    if (missing !== undefined) {
      console.log(`  Without Janus: ${missing}`)
      return figures
    }
    await run('janus room', janus, room)
    await run('janus threes', janus, threes)
    await run('janus threes of whom one talks', janus, { ...threes, each: 3 }, 'people')
    return figures
  },
  compare: [
    { what: 'people per core in one room, beside Janus', ours: 'room people', peer: 'janus room people', aim: 3 },
    {
      what: 'people per core in one room, encoding as Janus does',
      ours: 'equal room people',
      peer: 'janus room people',
      aim: 2,
    },
    {
      what: 'people per core in rooms of three, beside Janus',
      ours: 'threes people',
      peer: 'janus threes people',
      aim: 3,
    },
    {
      what: 'people per core in rooms of three, encoding as Janus does',
      ours: 'equal threes people',
      peer: 'janus threes people',
      aim: 2,
    },
    {
      what: 'people per core in rooms of three of whom one talks, beside Janus',
      ours: 'threes of whom one talks people',
      peer: 'janus threes of whom one talks people',
    },
    { what: 'delay in one room, beside Janus', ours: 'room delay', peer: 'janus room delay' },
  ],
}

/** People talk in rooms of some size. */
async function play(make: () => Promise<Mixer>, scene: Scene): Promise<Figures> {
  const { people, size, each = 1, seconds = SECONDS } = scene
  const peers = await Helper.start('sound-peers.ts')
  const ask = <T>(question: PeersQuestion): Promise<T> => peers.ask<T>(question)
  const mixer = await make()
  try {
    const offers = await ask<string[]>({ type: 'offer', count: people, address: mixer.address })
    const answers: string[] = []
    for (const [number, offer] of offers.entries()) {
      answers.push(await mixer.connect(Math.floor(number / size) + 1, number, offer))
    }
    await ask({ type: 'accept', answers })
    const numbers = Array.from({ length: people }, (_, number) => number)
    mixer.begin(
      Array.from({ length: Math.ceil(people / size) }, (_, room) => numbers.slice(room * size, (room + 1) * size)),
    )
    await ask({ type: 'talk', each })
    await pass(BEFORE)
    await ask({ type: 'count' })
    const before = cpuSeconds(mixer.pid)
    await pass(seconds)
    const used = (cpuSeconds(mixer.pid) - before) / seconds
    const { rate, worstGap, missing } = await ask<Counted>({ type: 'counted' })
    const delays = scene.delays ? await ask<number[]>({ type: 'delays', times: DELAYS }) : []
    const sorted = delays.toSorted((a, b) => a - b)
    return {
      people: people / used,
      ...(scene.delays && { delay: sorted[sorted.length >> 1] ?? Number.NaN }),
      frames: rate,
      missing,
      'worst gap': worstGap,
    }
  } finally {
    peers.stop()
    await mixer.stop()
  }
}

// It waits for nothing: its process is started with whoever connects first.
// oxlint-disable-next-line require-await
async function ours(settings: Partial<Config> = {}): Promise<Mixer> {
  const engine = openEngine(settings)
  const { sound: mixer } = engine
  return {
    get pid() {
      return mixer.pid ?? 0
    },
    address: '127.0.0.1',
    async connect(room, number, offer) {
      const answer = await mixer.connect(`leg-${number}`, offer)
      mixer.enter(`leg-${number}`, { conversationId: `room-${room}`, speaker: `person-${number}` })
      return answer
    },
    begin(rooms) {
      for (const [index, room] of rooms.entries()) {
        arrange(
          mixer,
          `room-${index + 1}`,
          room.map((number) => `person-${number}`),
        )
      }
    },
    stop: () => engine.stop(),
  }
}

async function janus(): Promise<Mixer> {
  const running = await Janus.start()
  return {
    pid: running.pid,
    address: machineAddress() ?? '',
    connect: (room, _number, offer) => running.connect(room, offer),
    begin: () => undefined,
    stop: () => running.stop(),
  }
}

/** Rooms in which somebody may speak, and nobody does. @returns the share of a core that they take */
async function idleRooms(count: number): Promise<number> {
  const { sound: mixer, stop } = openEngine()
  mixer.connectPcm('leg', { hears: 'mix', onFrames: () => undefined })
  for (let room = 0; room < count; room++) arrange(mixer, `room-${room}`, ['a', 'b'])
  await pass(BEFORE)
  const before = cpuSeconds(mixer.pid ?? 0)
  await pass(SECONDS)
  const used = (cpuSeconds(mixer.pid ?? 0) - before) / SECONDS
  await stop()
  return used
}
