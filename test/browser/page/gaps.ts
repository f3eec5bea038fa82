/** Runs in a page, as a script: looks for gaps in what its loudspeaker would play. `phones.ts` brings it there. */

/** Listens to everything that the page plays. */
function listening(length: number): { readonly context: AudioContext; readonly analyser: AnalyserNode } {
  const context = new AudioContext()
  const analyser = new AnalyserNode(context, { fftSize: length })
  for (const audio of document.querySelectorAll('audio')) {
    if (audio.srcObject instanceof MediaStream && !audio.muted) {
      context.createMediaStreamSource(audio.srcObject).connect(analyser)
    }
  }
  return { context, analyser }
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Below this a sample is silence. */
const SILENCE = 0.003

/** The longest silence in what is heard while the watch lasts, in milliseconds. */
class GapWatch {
  readonly #length = 32_768
  readonly #ears = listening(this.#length)
  #longest = 0
  #missed = 0
  #stopped = false
  readonly #done: Promise<void>

  constructor() {
    this.#done = this.#watch()
  }

  async stop(): Promise<{ readonly longest: number; readonly missed: number }> {
    this.#stopped = true
    await this.#done
    await this.#ears.context.close()
    return { longest: this.#longest, missed: this.#missed }
  }

  /** Looks at the last 0.7 seconds again and again, at least twice in that time, so that no gap falls between two looks. */
  async #watch(): Promise<void> {
    const { context, analyser } = this.#ears
    const values = new Float32Array(this.#length)
    const span = this.#length / context.sampleRate
    while (context.currentTime < span) await pause(20)
    let seen = context.currentTime
    while (!this.#stopped) {
      await pause(100)
      // What was not looked at in time is told, not guessed.
      this.#missed += Math.max(0, context.currentTime - seen - span)
      seen = context.currentTime
      analyser.getFloatTimeDomainData(values)
      this.#longest = Math.max(this.#longest, (longestSilence(values) / context.sampleRate) * 1000)
    }
  }
}

function longestSilence(values: Float32Array): number {
  let longest = 0
  let silent = 0
  for (const value of values) {
    silent = Math.abs(value) < SILENCE ? silent + 1 : 0
    longest = Math.max(longest, silent)
  }
  return longest
}

let watch: GapWatch | undefined

Object.assign(globalThis, {
  gaps: {
    begin: () => {
      watch = new GapWatch()
    },
    end: () => watch?.stop(),
  },
})
