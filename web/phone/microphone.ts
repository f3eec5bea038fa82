/** The microphone, and how loud it is. */
import type { KeptSettings } from './settings.ts'
import { SharedStream } from './shared-stream.ts'

/** See the head of this file. */
export class Microphone extends SharedStream {
  readonly #context: () => AudioContext
  #meter: { readonly analyser: AnalyserNode; readonly source: MediaStreamAudioSourceNode } | undefined
  readonly #samples = new Float32Array(1024)

  /** @param context the page's one audio context, made when it is first needed */
  constructor(settings: KeptSettings, context: () => AudioContext) {
    super({
      settings,
      constraints: ({ microphone, cleanVoice }) => ({
        audio: {
          ...(microphone !== '' && { deviceId: { ideal: microphone } }),
          echoCancellation: cleanVoice,
          noiseSuppression: cleanVoice,
          autoGainControl: cleanVoice,
        },
      }),
      looksOn: true,
    })
    this.#context = context
  }

  /** How loud it is just now, from 0 to 1 on a scale for eyes. */
  level(): number {
    const analyser = this.#meter?.analyser
    if (!analyser) return 0
    analyser.getFloatTimeDomainData(this.#samples)
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length
    const decibels = 10 * Math.log10(power + 1e-9)
    return Math.min(Math.max((decibels + 60) / 50, 0), 1)
  }

  protected override took(stream: MediaStream | undefined): void {
    this.#meter?.source.disconnect()
    this.#meter = undefined
    if (!stream) return
    const context = this.#context()
    const analyser = context.createAnalyser()
    analyser.fftSize = this.#samples.length
    const source = context.createMediaStreamSource(stream)
    source.connect(analyser)
    this.#meter = { analyser, source }
  }
}
