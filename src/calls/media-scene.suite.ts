/** What applications, people and the media engine ask of the media of calls, for tests of the core. */
import type { Command, HangUp, PlayPrompt, RecordResponse, SendDtmfTones } from './commands.ts'
import type { MediaOutcome, PlayTask, RecordTask, Tone } from './media.ts'
import type { EndReason } from './reasons.ts'
import { SECOND } from './scene.suite.ts'

/** Whose call it is. */
type Caller = Pick<HangUp, 'callId' | 'appId'>
interface Named {
  readonly name: string
}

/** Something is played: `how` says otherwise than one prompt, once. */
export function play({ callId, appId }: Caller, operationId: string, how: Partial<PlayTask> = {}): PlayPrompt {
  const task = { type: 'play', prompts: [{ uri: 'https://bot.example/a.wav' }], loop: false, ...how } as const
  return { type: 'PlayPrompt', callId, appId, operationId, task }
}

/** A recording, ended by a pound key. */
export function record({ callId, appId }: Caller, operationId: string, how: Partial<RecordTask> = {}): RecordResponse {
  const task: RecordTask = {
    type: 'record',
    prompts: [],
    bargeInAllowed: false,
    playBeep: true,
    initialSilenceTimeout: 5 * SECOND,
    maxSilenceTimeout: 5 * SECOND,
    maxDuration: 5 * SECOND,
    stopTones: ['pound'],
    recording: { id: `${operationId}.wav`, accessToken: 'secret' },
    ...how,
  }
  return { type: 'RecordResponse', callId, appId, operationId, task }
}

export function sendTones({ callId, appId }: Caller, operationId: string): SendDtmfTones {
  const task = { type: 'sendTones', tones: ['tone1', 'pound'], delayBetweenTones: 100 } as const
  return { type: 'SendDtmfTones', callId, appId, operationId, task }
}

export function cancelMedia({ callId, appId }: Caller, operationId: string): Command {
  return { type: 'CancelMediaProcessing', callId, appId, operationId }
}

export function subscribe({ callId, appId }: Caller, operationId: string): Command {
  return { type: 'SubscribeToTone', callId, appId, operationId }
}

export function hold({ callId, appId }: Caller, operationId: string, { name: participantId }: Named): Command {
  return { type: 'HoldParticipant', callId, appId, operationId, participantId }
}

export function unhold({ callId, appId }: Caller, operationId: string, { name: participantId }: Named): Command {
  return { type: 'UnholdParticipant', callId, appId, operationId, participantId }
}

/** The media engine reports the end of a task; well, unless `reason` says otherwise. */
export function mediaDone(
  { callId }: Pick<Caller, 'callId'>,
  operationId: string,
  reason?: EndReason['name'],
): Command {
  const outcome: MediaOutcome = reason ? { name: 'failed', reason: { name: reason } } : { name: 'completed' }
  return { type: 'MediaEnded', callId, operationId, outcome }
}

export function presses({ name: participantId }: Named, tone: Tone): Command {
  return { type: 'TonePressed', participantId, tone }
}
