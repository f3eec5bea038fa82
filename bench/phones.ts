/**
 * Telephones: people per processor core who all talk in one room, by G.711 over plain RTP, with every frame counted; what
 * is missing in a minute at half load; and Janus' AudioBridge beside it with the same telephones, where it is installed.
 * Both mix at 16 kHz. The engine here mixes in one thread and Janus in many: with 1,200 one of them may run out of processor.
 */
import { Helper, cpuSeconds } from './kit/children.ts'
import type { Bench, Figures } from './kit/bench.ts'
import { arrange, openEngine, pass } from './kit/engine.ts'
import { Janus, noJanus } from './peers/janus.ts'
import type { PhonesCounted, PhonesQuestion } from './rtp-peers.ts'

/** Telephones of a full round. */
const SIZES = [400, 1200] as const
/** Seconds for which is measured, and that pass before. */
const [SECONDS, BEFORE] = [10, 3]
const MINUTE = 60

/** A mixer that can be measured. */
interface Mixer {
  readonly pid: number
  /** @param port where the telephone is @returns the port that it sends to */
  connect(number: number, port: number): Promise<number>
  readonly stop: () => Promise<void>
}

export const phones: Bench = {
  name: 'phones',
  what: 'people by G.711 over plain RTP for each processor core, in one room, and frames that are missing',
  async round({ scale }) {
    const figures: Record<string, number> = {}
    const add = (name: string, found: Figures): void => {
      for (const [key, figure] of Object.entries(found)) figures[`${name} ${key}`] = figure
    }
    const missing = noJanus()
    if (missing !== undefined) console.log(`  Without Janus: ${missing}`)
    for (const size of SIZES) {
      const count = Math.max(2, Math.round(size * scale))
      add(`${size}`, await talk(() => ours(count), count, SECONDS))
      if (missing === undefined) add(`janus ${size}`, await talk(janus, count, SECONDS))
    }
    const most = Math.max(2, Math.round(SIZES[1] * scale))
    const half = Math.min(most, Math.max(2, Math.round((figures['400 people'] ?? 0) / 2)))
    const minute = Math.max(SECONDS, Math.round(MINUTE * Math.min(1, scale)))
    add('half load', await talk(() => ours(half), half, minute))
    figures['half load of how many'] = half
    return figures
  },
  compare: SIZES.map((size) => ({
    what: `people per core, ${size} in one room, beside Janus`,
    ours: `${size} people`,
    peer: `janus ${size} people`,
    aim: 2,
  })),
}

/** Telephones talk in one room. */
async function talk(make: () => Promise<Mixer>, count: number, seconds: number): Promise<Figures> {
  const peers = await Helper.start('rtp-peers.ts')
  const ask = <T>(question: PhonesQuestion): Promise<T> => peers.ask<T>(question)
  const mixer = await make()
  try {
    const places = await ask<number[]>({ type: 'open', count, address: '127.0.0.1' })
    const ports: number[] = []
    for (const [number, port] of places.entries()) ports.push(await mixer.connect(number, port))
    await ask({ type: 'talk', ports })
    await pass(BEFORE)
    await ask({ type: 'count' })
    const before = cpuSeconds(mixer.pid)
    await pass(seconds)
    const used = (cpuSeconds(mixer.pid) - before) / seconds
    const { rate, worstGap, missing, late } = await ask<PhonesCounted>({ type: 'counted' })
    // Whoever does not get their frames is not served.
    const served = count * Math.min(1, rate / 50)
    return { people: served / used, frames: rate, missing, 'worst gap': worstGap, 'sent late': late }
  } finally {
    peers.stop()
    await mixer.stop()
  }
}

/** Ours, in which everybody hears everybody else from the first. */
// It waits for nothing: its process is started with whoever connects first.
// oxlint-disable-next-line require-await
async function ours(count: number): Promise<Mixer> {
  const { sound: mixer, stop } = openEngine({ mediaSampleRate: '16kHz' })
  arrange(
    mixer,
    'room',
    Array.from({ length: count }, (_, number) => `person-${number}`),
  )
  return {
    get pid() {
      return mixer.pid ?? 0
    },
    async connect(number, port) {
      const remote = { address: '127.0.0.1', port }
      const formats = [{ codec: 'PCMU', comesAs: 0, goesAs: 0 }] as const
      const place = await mixer.connectRtp(`leg-${number}`, { remote, formats })
      mixer.enter(`leg-${number}`, { conversationId: 'room', speaker: `person-${number}` })
      return place.port
    },
    stop,
  }
}

async function janus(): Promise<Mixer> {
  const running = await Janus.start()
  return {
    pid: running.pid,
    connect: (_number, port) => running.connectRtp(1, port),
    stop: () => running.stop(),
  }
}
