/** The bodies of media operations, decoded. */
import type { PlayTask, Prompt, RecordTask, SendTonesTask, MediaInfo } from '../../calls/media.ts'
import type { PlainActionRequest } from './action-requests.ts'
import { readPlainAction } from './action-requests.ts'
import { BadRequest, Reader } from './reader.ts'
import { readMediaInfo } from './requests.ts'
import { readTone } from './tone.ts'

/** Prompts per request (contract: behaviour, limits). */
const MOST_PROMPTS = 20
/** Seconds that each of a recording's timers may have, and what it has without a word. */
const TIMER = { least: 1, most: 120, standard: 5 }
/** How often one prompt can be played by its own `loop`. */
const MOST_LOOPS = 1000
const MOST_TONES = 500
/** Milliseconds. */
const LONGEST_DELAY = 60_000

/** Reads the body of `playPrompt`. @throws BadRequest */
export function readPlayPrompt(body: unknown): PlainActionRequest & { readonly task: PlayTask } {
  const reader = new Reader(body, '')
  const prompts = readPrompts(reader, MOST_PROMPTS)
  if (prompts.length === 0) throw new BadRequest('prompts is required: what is to be played.')
  return { ...readPlainAction(body), task: { type: 'play', prompts, loop: reader.flag('loop') ?? false } }
}

/** Reads the body of `recordResponse`, all of which may be absent. @throws BadRequest */
export function readRecord(body: unknown): PlainActionRequest & { readonly task: Omit<RecordTask, 'recording'> } {
  const reader = new Reader(body ?? {}, '')
  // Recordings can be read when they have ended, so there is nothing to stream; the member is checked all the same.
  reader.flag('streamWhileRecording')
  return {
    ...readPlainAction(body),
    task: {
      type: 'record',
      prompts: readPrompts(reader, 1),
      bargeInAllowed: reader.flag('bargeInAllowed') ?? false,
      playBeep: reader.flag('playBeep') ?? true,
      initialSilenceTimeout: readTimer(reader, 'initialSilenceTimeoutInSeconds'),
      maxSilenceTimeout: readTimer(reader, 'maxSilenceTimeoutInSeconds'),
      maxDuration: readTimer(reader, 'maxRecordDurationInSeconds'),
      stopTones: reader.elements('stopTones', 100)?.map(({ value, path }) => readTone(value, path)) ?? [],
    },
  }
}

/** Milliseconds. */
function readTimer(reader: Reader, name: string): number {
  return (reader.integer(name, TIMER.least, TIMER.most) ?? TIMER.standard) * 1000
}

/** Reads the body of `sendDtmfTones`. @throws BadRequest */
export function readSendTones(body: unknown): PlainActionRequest & { readonly task: SendTonesTask } {
  const reader = new Reader(body, '')
  const tones = reader.elements('tones', MOST_TONES)?.map(({ value, path }) => readTone(value, path)) ?? []
  if (tones.length === 0) throw new BadRequest('tones is required: which keys are to be pressed.')
  const delayBetweenTones = reader.integer('delayBetweenTonesMs', 0, LONGEST_DELAY) ?? 0
  return { ...readPlainAction(body), task: { type: 'sendTones', tones, delayBetweenTones } }
}

/** Reads the body of `cancelMediaProcessing`; everything is cancelled, whatever `all` (2018) says. @throws BadRequest */
export function readCancel(body: unknown): PlainActionRequest {
  new Reader(body ?? {}, '').flag('all')
  return readPlainAction(body)
}

/** Reads the body of `startHoldMusic`. @throws BadRequest */
export function readHoldMusic(body: unknown): PlainActionRequest & { readonly prompt?: MediaInfo } {
  const prompt = new Reader(body ?? {}, '').object('customPrompt')
  return { ...readPlainAction(body), ...(prompt && { prompt: readPrompt(prompt) }) }
}

function readPrompts(reader: Reader, most: number): readonly Prompt[] {
  const prompts = reader.elements('prompts') ?? []
  if (prompts.length > most)
    throw new BadRequest(`prompts has ${prompts.length} elements; at most ${most} are allowed.`)
  return prompts.map(({ value, path }) => readPrompt(new Reader(value, path)))
}

/** A `mediaPrompt`, the only kind of prompt. Its own `loop`, of beta and before, says how often it is played. */
function readPrompt(reader: Reader): Prompt {
  if ((reader.odataType() ?? 'mediaprompt') !== 'mediaprompt') {
    throw new BadRequest(`${reader.at('@odata.type')} must be #microsoft.graph.mediaPrompt.`)
  }
  const media = reader.object('mediaInfo')
  if (!media) throw new BadRequest(`${reader.at('mediaInfo')} is required: where the prompt is.`)
  const loops = reader.integer('loop', 0, MOST_LOOPS) ?? 1
  return { ...readMediaInfo(media), ...(loops > 1 && { loops }) }
}
