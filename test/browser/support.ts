/** What tests in real browsers share: those of the system, with a microphone that says a tone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { chromium, firefox } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { SAMPLE_RATE, writeWav } from '../../src/media/wav.ts'
import * as installed from '../../tools/browsers.ts'

/** For `test(…, { skip })`: why tests in a browser cannot run here; false if they can. */
export const noChromium: string | false = installed.without(installed.chromium)
export const noFirefox: string | false = installed.without(installed.chromium, installed.firefox)

/** How a browser is started. */
export interface BrowserOptions {
  /** The tone that its microphone hears, in Hz; without it there is silence. One browser has one microphone. */
  readonly microphone?: number
  /** What its camera sees, if it is not the browser's own test picture: a colour, on which something moves. */
  readonly camera?: Colour
  readonly arguments?: readonly string[]
  /** Whether it may use the addresses of this machine alone for sound; true if it is not said. */
  readonly loopback?: boolean
}

/** Starts a browser for one test; it is closed with it. */
export async function startBrowser(t: TestContext, options: BrowserOptions = {}): Promise<Browser> {
  const { browser, close } = await launchBrowser(options)
  t.after(close)
  return browser
}

/** Starts a browser that several tests share; whoever starts it closes it. */
export async function launchBrowser(
  options: BrowserOptions = {},
): Promise<{ readonly browser: Browser; readonly close: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-browser-'))
  const microphone = join(folder, 'microphone.wav')
  writeFileSync(microphone, toneWav(options.microphone))
  const camera = join(folder, 'camera.y4m')
  if (options.camera) writeFileSync(camera, film(options.camera))
  const browser = await chromium.launch({
    ...pathOf(installed.chromium),
    // A process that is told to end does so, and its browsers with it.
    handleSIGTERM: false,
    args: [
      '--no-sandbox',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${microphone}`,
      ...(options.camera ? [`--use-file-for-fake-video-capture=${camera}`] : []),
      '--autoplay-policy=no-user-gesture-required',
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      ...(options.loopback === false ? [] : ['--allow-loopback-in-peer-connection']),
      ...(options.arguments ?? []),
    ],
  })
  const close = async (): Promise<void> => {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { browser, close }
}

/**
 * Starts Firefox as it is installed, driven by WebDriver BiDi. Its microphone and its camera are its own stand-ins: a tone,
 * and colours that change; it has no screen to present.
 * @param microphone the tone, in Hz
 */
export async function launchFirefox(
  microphone: number,
): Promise<{ readonly browser: Browser; readonly close: () => Promise<void> }> {
  const browser = await firefox.launch({
    channel: 'moz-firefox',
    ...pathOf(installed.firefox),
    handleSIGTERM: false,
    firefoxUserPrefs: {
      'media.navigator.streams.fake': true,
      'media.navigator.audio.fake_frequency': microphone,
      'media.navigator.permission.disabled': true,
      'ui.prefersReducedMotion': 1,
    },
  })
  return { browser, close: () => browser.close() }
}

function pathOf(browser: installed.TestBrowser): { readonly executablePath?: string } {
  const executablePath = installed.findBrowser(browser)
  return executablePath === undefined ? {} : { executablePath }
}

/** A whole number of periods, so that the file can be played again and again without a click. */
function toneWav(frequency: number | undefined): Buffer {
  const samples = Int16Array.from({ length: SAMPLE_RATE }, (_, index) =>
    frequency === undefined ? 0 : Math.round(10_000 * Math.sin((2 * Math.PI * frequency * index) / SAMPLE_RATE)),
  )
  return writeWav(samples)
}

/** Colours that cameras see, as luma and two chromas. */
const COLOURS = { red: [82, 90, 240], green: [80, 90, 60], blue: [70, 200, 110] } as const
export type Colour = keyof typeof COLOURS

/** Two seconds of a colour, on which a grey bar moves: 320 by 240 pixels in Y4M, 4:2:0. */
function film(colour: Colour): Buffer {
  const [width, height, frames] = [320, 240, 20]
  const [luma, blueness, redness] = COLOURS[colour]
  const chroma = (width / 2) * (height / 2)
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420\n`)]
  for (let frame = 0; frame < frames; frame++) {
    const light = Buffer.alloc(width * height, luma)
    for (let row = 0; row < height; row++) light.fill(160, row * width + frame * 15, row * width + frame * 15 + 15)
    parts.push(Buffer.from('FRAME\n'), light, Buffer.alloc(chroma, blueness), Buffer.alloc(chroma, redness))
  }
  return Buffer.concat(parts)
}

/** Words for the page that say how to open the microphone: nothing may mend or mute a tone. */
export const MICROPHONE = '{ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } }'

/** Measures which tones a page hears, in decibels, on the loudest of its `<audio>` elements' streams. */
export async function hears(page: Page, frequencies: readonly number[], over = 1000): Promise<readonly number[]> {
  const isFirefox = page.context().browser()?.browserType().name() === 'firefox'
  const looks = await page.evaluate<number[][]>(
    `(${isFirefox ? RECORD : LISTEN})(${JSON.stringify(frequencies)}, ${over})`,
  )
  // Of several looks the one in the middle counts, so that a click is no tone and a gap is no silence.
  return looks.map((look) => look.toSorted((a, b) => a - b)[look.length >> 1] ?? -200)
}

/** Looks again and again at what is heard: for each frequency, how loud it was each time. */
const LISTEN = `async (frequencies, over) => {
  const context = new AudioContext()
  await context.resume()
  const analysers = [...document.querySelectorAll('audio')].filter((one) => one.srcObject).map((one) => {
    const analyser = context.createAnalyser()
    analyser.fftSize = 8192
    analyser.smoothingTimeConstant = 0
    context.createMediaStreamSource(one.srcObject).connect(analyser)
    return analyser
  })
  const looks = frequencies.map(() => [-200])
  const data = new Float32Array(4096)
  for (let end = performance.now() + over; performance.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    for (const look of looks) look.push(-200)
    for (const analyser of analysers) {
      analyser.getFloatFrequencyData(data)
      frequencies.forEach((frequency, index) => {
        const bin = Math.round((frequency * 8192) / context.sampleRate)
        const last = looks[index].length - 1
        looks[index][last] = Math.max(looks[index][last], data[bin - 1], data[bin], data[bin + 1])
      })
    }
  }
  await context.close()
  return looks
}`

/** The same in Firefox, where an AudioContext waits for a loudspeaker, which not every machine has: it records, and looks then. */
const RECORD = `async (frequencies, over) => {
  const streams = [...document.querySelectorAll('audio')].map((one) => one.srcObject).filter(Boolean)
  const recordings = await Promise.all(streams.map(async (stream) => {
    const recorder = new MediaRecorder(stream)
    const parts = []
    recorder.ondataavailable = ({ data }) => parts.push(data)
    const stopped = new Promise((resolve) => { recorder.onstop = resolve })
    recorder.start()
    await new Promise((resolve) => setTimeout(resolve, over))
    recorder.stop()
    await stopped
    const context = new OfflineAudioContext(1, 1, 48000)
    return (await context.decodeAudioData(await new Blob(parts).arrayBuffer())).getChannelData(0)
  }))
  const size = 4800
  const loudness = (samples, frequency) => {
    let [cosine, sine] = [0, 0]
    samples.forEach((sample, n) => {
      const value = sample * (1 - Math.cos((2 * Math.PI * n) / size))
      cosine += value * Math.cos((2 * Math.PI * frequency * n) / 48000)
      sine += value * Math.sin((2 * Math.PI * frequency * n) / 48000)
    })
    return 20 * Math.log10((2 * Math.hypot(cosine, sine)) / size + 1e-10)
  }
  return frequencies.map((frequency) => {
    const looks = []
    for (let at = 0; recordings.some(({ length }) => length >= at + size); at += size) {
      looks.push(Math.max(...recordings.map((one) => loudness(one.subarray(at, at + size), frequency))))
    }
    return looks
  })
}`

/** Waits until a page hears some tones and not others, and says what it heard instead if it never does. */
export async function expectHears(
  page: Page,
  { loud, quiet = [] }: { readonly loud: readonly number[]; readonly quiet?: readonly number[] },
  patience = 20_000,
): Promise<void> {
  const end = Date.now() + patience
  for (;;) {
    const levels = await hears(page, [...loud, ...quiet])
    const isLoud = levels.slice(0, loud.length).every((level) => level > -50)
    const bound = Math.min(-60, ...levels.slice(0, loud.length).map((level) => level - 30))
    const isQuiet = levels.slice(loud.length).every((level) => level < bound)
    if (isLoud && isQuiet) return
    if (Date.now() > end) {
      const told = [...loud, ...quiet].map((frequency, index) => `${frequency} Hz ${levels[index]?.toFixed(0)} dB`)
      throw new Error(`heard ${told.join(', ')}; loud should be ${loud.join(', ')}, quiet ${quiet.join(', ')}`)
    }
  }
}
