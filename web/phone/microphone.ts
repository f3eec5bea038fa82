/** The microphone: one stream for everything that uses it, taken when the first wants it, given back when none does. */
import type { KeptSettings } from './settings.ts'

/** Takes a stream, or the name of the problem why there is none. */
export type MicrophoneUser = (stream: MediaStream | undefined, problem: string | undefined) => void

/** See the head of this file. */
export class Microphone {
  readonly #settings: KeptSettings
  readonly #context: () => AudioContext
  readonly #users = new Set<MicrophoneUser>()
  #stream: MediaStream | undefined
  #problem: string | undefined
  #opening: Promise<void> | undefined
  #opened = ''
  #meter: { readonly analyser: AnalyserNode; readonly source: MediaStreamAudioSourceNode } | undefined
  readonly #samples = new Float32Array(1024)

  /** @param context the page's one audio context, made when it is first needed */
  constructor(settings: KeptSettings, context: () => AudioContext) {
    this.#settings = settings
    this.#context = context
    settings.follow(() => {
      if (this.#users.size > 0 && this.#opened !== this.#wanted()) this.again()
    })
    // A device that was taken away, or brought, may change which one there is.
    navigator.mediaDevices?.addEventListener('devicechange', () => {
      if (this.#users.size > 0 && this.#stream?.getAudioTracks()[0]?.readyState !== 'live') this.again()
    })
  }

  /** From now on `user` has the stream, and every later one; returns how to give it back. */
  use(user: MicrophoneUser): () => void {
    this.#users.add(user)
    if (this.#stream) user(this.#stream, undefined)
    else this.#opening ??= this.#open()
    return () => {
      if (this.#users.delete(user) && this.#users.size === 0) this.#close()
    }
  }

  /** Resolves when it is known whether there is a microphone. */
  async ready(): Promise<void> {
    await this.#opening
  }

  /** Asks for it once more. */
  again(): void {
    this.#opening = this.#open()
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

  #wanted(): string {
    const { microphone, cleanVoice } = this.#settings.current
    return `${microphone} ${cleanVoice}`
  }

  async #open(): Promise<void> {
    const { microphone, cleanVoice } = this.#settings.current
    this.#opened = this.#wanted()
    try {
      // Not there at all where the page is not secure.
      if (!navigator.mediaDevices) throw new DOMException('no secure context', 'insecure')
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: {
          ...(microphone !== '' && { deviceId: { ideal: microphone } }),
          echoCancellation: cleanVoice,
          noiseSuppression: cleanVoice,
          autoGainControl: cleanVoice,
        },
      })
      this.#take(stream)
    } catch (error) {
      this.#take(undefined, error instanceof DOMException ? error.name : 'unknown')
    } finally {
      this.#opening = undefined
    }
  }

  #take(stream: MediaStream | undefined, problem?: string): void {
    this.#close()
    if (this.#users.size === 0) return stopAll(stream)
    this.#stream = stream
    this.#problem = problem
    if (stream) {
      const context = this.#context()
      const analyser = context.createAnalyser()
      analyser.fftSize = this.#samples.length
      const source = context.createMediaStreamSource(stream)
      source.connect(analyser)
      this.#meter = { analyser, source }
      stream.getAudioTracks()[0]?.addEventListener('ended', () => {
        if (this.#stream === stream) this.again()
      })
    }
    for (const user of this.#users) user(stream, this.#problem)
  }

  #close(): void {
    this.#meter?.source.disconnect()
    this.#meter = undefined
    stopAll(this.#stream)
    this.#stream = undefined
  }
}

function stopAll(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop()
}
