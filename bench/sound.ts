/**
 * Sound: people per processor core, all of them by WebRTC with encryption and all talking, in one room and in rooms of
 * three; how long a voice takes to the other side; and what is lost. Beside it Janus' AudioBridge with the same people,
 * where it is installed. Processor time is counted, not time: the machine may do other things meanwhile.
 *
 * Legs of plain RTP are not built, so nothing is measured with G.711.
 */
import { Helper, cpuSeconds } from './kit/children.ts'
import type { Bench, Figures } from './kit/bench.ts'
import { Janus, machineAddress, noJanus } from './peers/janus.ts'
import type { Counted, PeersQuestion } from './sound-peers.ts'
import { defaultConfig } from '../src/config.ts'
import { EmbeddedEngine } from '../src/media/embedded/embedded.ts'
import { studioSettings } from '../src/media/embedded/settings.ts'
import { wallClock } from '../src/runtime.ts'

/** People of a full round. */
const PEOPLE = 100
/** Seconds for which is measured, and that pass before. */
const [SECONDS, BEFORE] = [10, 3]
/** How often the delay is measured. */
const DELAYS = 20
const IDLE_ROOMS = 500

/** A mixer that can be measured. */
interface Mixer {
  readonly pid: number
  connect(room: number, number: number, offer: string): Promise<string>
  /** Everybody is in. */
  begin(rooms: readonly (readonly number[])[]): void
  stop(): Promise<void>
}

export const sound: Bench = {
  name: 'sound',
  what: 'people who talk by WebRTC for each processor core, milliseconds from one to the other, frames heard in a second',
  async round({ scale }) {
    const people = Math.max(3, Math.round((PEOPLE * scale) / 3) * 3)
    const figures: Record<string, number> = {}
    const add = (name: string, found: Figures): void => {
      for (const [key, figure] of Object.entries(found)) figures[`${name} ${key}`] = figure
    }
    add('room', await talk(ours, people, people))
    add('threes', await talk(ours, people, 3))
    figures['idle rooms, share of a core'] = await idleRooms(Math.round(IDLE_ROOMS * scale))
    const missing = noJanus()
    if (missing !== undefined) {
      console.log(`  Without Janus: ${missing}`)
      return figures
    }
    add('janus room', await talk(janus, people, people))
    add('janus threes', await talk(janus, people, 3))
    return figures
  },
  compare: [
    { what: 'people per core in one room, beside Janus', ours: 'room people', peer: 'janus room people', aim: 3 },
    {
      what: 'people per core in rooms of three, beside Janus',
      ours: 'threes people',
      peer: 'janus threes people',
      aim: 2,
    },
    { what: 'delay in one room, beside Janus', ours: 'room delay', peer: 'janus room delay' },
  ],
}

/** People talk in rooms of some size. */
async function talk(make: () => Promise<Mixer>, people: number, size: number): Promise<Figures> {
  const peers = await Helper.start('sound-peers.ts')
  const ask = <T>(question: PeersQuestion): Promise<T> => peers.ask<T>(question)
  const mixer = await make()
  try {
    const address = make === janus ? machineAddress() : undefined
    const offers = await ask<string[]>({ type: 'offer', count: people, address: address ?? '127.0.0.1' })
    const answers: string[] = []
    for (const [number, offer] of offers.entries()) {
      answers.push(await mixer.connect(Math.floor(number / size) + 1, number, offer))
    }
    await ask({ type: 'accept', answers })
    const numbers = Array.from({ length: people }, (_, number) => number)
    mixer.begin(
      Array.from({ length: Math.ceil(people / size) }, (_, room) => numbers.slice(room * size, (room + 1) * size)),
    )
    await ask({ type: 'talk', count: people })
    await pass(BEFORE)
    await ask({ type: 'count' })
    const before = cpuSeconds(mixer.pid)
    await pass(SECONDS)
    const used = (cpuSeconds(mixer.pid) - before) / SECONDS
    const { rate, worstGap } = await ask<Counted>({ type: 'counted' })
    const delays = (await ask<number[]>({ type: 'delays', times: DELAYS })).toSorted((a, b) => a - b)
    return {
      people: people / used,
      delay: delays[delays.length >> 1] ?? Number.NaN,
      frames: rate,
      'worst gap': worstGap,
    }
  } finally {
    peers.stop()
    await mixer.stop()
  }
}

async function ours(): Promise<Mixer> {
  const { clock, engine } = openEngine()
  return {
    // The process is there once somebody is connected.
    get pid() {
      return engine.pid ?? 0
    },
    async connect(room, number, offer) {
      const answer = await engine.connect(`leg-${number}`, offer)
      engine.enter(`leg-${number}`, { conversationId: `room-${room}`, speaker: `person-${number}` })
      return answer
    },
    begin(rooms) {
      for (const [index, room] of rooms.entries()) {
        const listeners = room.map((number) => `person-${number}`)
        const gains = Object.fromEntries(listeners.map((one) => [one, 1]))
        engine.arrange(`room-${index + 1}`, { room: gains, apart: {}, ducking: {}, listeners })
      }
    },
    async stop() {
      await engine.close()
      clock.stop()
    },
  }
}

/** The engine as it is by default, without its bounds. */
function openEngine(): { readonly clock: ReturnType<typeof wallClock>; readonly engine: EmbeddedEngine } {
  const clock = wallClock()
  const settings = studioSettings(defaultConfig())
  const capacity = { legs: 10_000, load: 100 }
  return { clock, engine: new EmbeddedEngine({ clock, settings, capacity, onFault: (fault) => console.error(fault) }) }
}

async function janus(): Promise<Mixer> {
  const running = await Janus.start()
  return {
    pid: running.pid,
    connect: (room, _number, offer) => running.connect(room, offer),
    begin: () => undefined,
    stop: () => running.stop(),
  }
}

/** Rooms in which somebody may speak, and nobody does. @returns the share of a core that they take */
async function idleRooms(count: number): Promise<number> {
  const { clock, engine } = openEngine()
  engine.connectPcm('leg', { hears: 'mix', onFrames: () => undefined })
  for (let room = 0; room < count; room++) {
    engine.arrange(`room-${room}`, { room: { a: 1, b: 1 }, apart: {}, ducking: {}, listeners: ['a', 'b'] })
  }
  await pass(BEFORE)
  const before = cpuSeconds(engine.pid ?? 0)
  await pass(SECONDS)
  const used = (cpuSeconds(engine.pid ?? 0) - before) / SECONDS
  await engine.close()
  clock.stop()
  return used
}

function pass(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}
