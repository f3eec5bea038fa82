/** What the page itself sounds like: the bell of an incoming call, the tone while one's own call rings, keys. */
import type { Cancel, Runtime } from '../runtime.ts'

/** A sound that is repeated: frequencies in Hz, lengths in seconds. */
interface Signal {
  readonly notes: readonly { readonly at: number; readonly length: number; readonly frequencies: readonly number[] }[]
  readonly every: number
  readonly loudness: number
}

/** Two soft thirds, twice, then a rest. */
const BELL: Signal = {
  notes: [
    { at: 0, length: 0.32, frequencies: [659.3, 830.6] },
    { at: 0.36, length: 0.32, frequencies: [740, 932.3] },
    { at: 0.9, length: 0.32, frequencies: [659.3, 830.6] },
    { at: 1.26, length: 0.32, frequencies: [740, 932.3] },
  ],
  every: 3.4,
  loudness: 0.1,
}
/** While one is in a call, a second one only knocks. */
const KNOCK: Signal = { notes: [{ at: 0, length: 0.18, frequencies: [740] }], every: 5, loudness: 0.05 }
/** What one hears while the other phone rings. */
const RINGBACK: Signal = { notes: [{ at: 0, length: 1, frequencies: [425] }], every: 5, loudness: 0.04 }

const SIGNALS = { bell: BELL, knock: KNOCK, ringback: RINGBACK } as const
export type SignalName = keyof typeof SIGNALS

const ROWS = [697, 770, 852, 941]
const COLUMNS = [1209, 1336, 1477, 1633]
const KEYS = '123A456B789C*0#D'

/** Plays them by Web Audio: no files. */
export class Tones {
  readonly #runtime: Runtime
  readonly #context: () => AudioContext
  #playing: SignalName | undefined
  #cancel: Cancel = () => undefined

  constructor(runtime: Runtime, context: () => AudioContext) {
    this.#runtime = runtime
    this.#context = context
  }

  /** Plays this signal again and again, in place of any other; without a name, none. */
  signal(name: SignalName | undefined): void {
    if (name === this.#playing) return
    this.#playing = name
    this.#cancel()
    if (name !== undefined) this.#repeat(SIGNALS[name])
  }

  /** What one hears oneself of a key that one presses. */
  key(key: string): void {
    const index = KEYS.indexOf(key)
    const frequencies = [ROWS[Math.floor(index / 4)], COLUMNS[index % 4]].filter((one) => one !== undefined)
    if (index >= 0) this.#note(frequencies, 0, 0.14, 0.04)
  }

  #repeat(signal: Signal): void {
    for (const { at, length, frequencies } of signal.notes) this.#note(frequencies, at, length, signal.loudness)
    this.#cancel = this.#runtime.later(signal.every * 1000, () => this.#repeat(signal))
  }

  #note(frequencies: readonly number[], at: number, length: number, loudness: number): void {
    const context = this.#context()
    // Before anybody has clicked, browsers let a page make no sound; what was due then is not made up for.
    if (context.state !== 'running') return
    const start = context.currentTime + at
    const gain = context.createGain()
    gain.gain.setValueAtTime(0, start)
    gain.gain.linearRampToValueAtTime(loudness, start + 0.02)
    gain.gain.setValueAtTime(loudness, start + length - 0.06)
    gain.gain.linearRampToValueAtTime(0, start + length)
    gain.connect(context.destination)
    for (const frequency of frequencies) {
      const oscillator = context.createOscillator()
      oscillator.frequency.value = frequency
      oscillator.connect(gain)
      oscillator.start(start)
      oscillator.stop(start + length)
    }
  }
}
