/** What playPrompt, recordResponse and sendDtmfTones operations say beside the members that all operations have. */
import type { Prompt, RecordTask } from '../../calls/media.ts'
import type { MediaOperation } from '../../calls/operation.ts'
import type { ReasonName } from '../../calls/reasons.ts'
import type { Json } from './identity.ts'
import { toneKey } from './tone.ts'

/** `recordOperation.completionReason`; the enumeration has no word for the end of the call. */
const RECORD_REASONS: { readonly [Name in ReasonName]?: string | null } = {
  'record-call-ended': null,
  'media-cancelled': 'operationCanceled',
  'stop-tone': 'stopToneDetected',
  'record-max-time': 'maxRecordDurationReached',
  'record-initial-silence': 'initialSilenceTimeout',
  'record-max-silence': 'maxSilenceTimeout',
  'prompt-failed': 'playPromptFailed',
  'prompt-bad-format': 'playPromptFailed',
  'prompt-download-failed': 'playPromptFailed',
  'beep-failed': 'playBeepFailed',
  'media-receive-timeout': 'mediaReceiveTimeout',
}

/** `completionReason`; null while it is under way, and where no published word fits. */
export function completionReason({ type, state }: MediaOperation): string | null {
  if (state.name === 'running') return null
  const name = state.name === 'failed' ? state.reasons[0]?.name : state.reason?.name
  if (type === 'record') {
    const word = name && RECORD_REASONS[name]
    return word === undefined ? 'unspecifiedError' : word
  }
  if (name === 'media-completed') return 'completedSuccessfully'
  return name === 'media-cancelled' ? 'mediaOperationCanceled' : 'unknown'
}

/** Where a recording can be read; undefined unless the operation made one. */
export function recordingAt(
  { task, state }: MediaOperation,
  baseUrl: string,
): { readonly location: string; readonly accessToken: string } | undefined {
  if (task.type !== 'record' || state.name !== 'completed') return undefined
  return { location: `${baseUrl}/recordings/${task.recording.id}`, accessToken: task.recording.accessToken }
}

/** The members of the answer, in the versions since 2020: what is not known yet is null. */
export function mediaAnswer(operation: MediaOperation, betaMembers: boolean, baseUrl: string): Json {
  const recording = recordingAt(operation, baseUrl)
  return {
    ...(operation.type === 'record' && {
      recordingLocation: recording?.location ?? null,
      recordingAccessToken: recording?.accessToken ?? null,
    }),
    ...(hasReason(operation, betaMembers) && { completionReason: completionReason(operation) }),
  }
}

/** The members of the notification of the end, in the versions since 2020. */
export function mediaEnd(operation: MediaOperation, betaMembers: boolean, baseUrl: string): Json {
  const recording = recordingAt(operation, baseUrl)
  const reason = completionReason(operation)
  return {
    ...(recording && { recordingLocation: recording.location, recordingAccessToken: recording.accessToken }),
    ...(hasReason(operation, betaMembers) && reason !== null && { completionReason: reason }),
  }
}

/** v1.0 tells the reason of tones alone. */
function hasReason({ type }: MediaOperation, betaMembers: boolean): boolean {
  return betaMembers || type === 'sendDtmfTones'
}

/**
 * The members of 2018 and 2019. In 2018 the parameters of the request are repeated, and the recording has other names
 * (contract: versions, names in the metadata).
 */
export function legacyMedia(operation: MediaOperation, repeatsParameters: boolean, baseUrl: string): Json {
  const recording = recordingAt(operation, baseUrl)
  const reason = completionReason(operation)
  return {
    ...(repeatsParameters && parameters(operation)),
    ...(recording &&
      (repeatsParameters
        ? { recordResourceLocation: recording.location, recordResourceAccessToken: recording.accessToken }
        : { recordingLocation: recording.location, recordingAccessToken: recording.accessToken })),
    ...(reason !== null && { completionReason: reason }),
  }
}

function parameters({ task }: MediaOperation): Json {
  switch (task.type) {
    case 'play':
      return { prompts: task.prompts.map(writePrompt) }
    case 'record':
      return recordParameters(task)
    case 'sendTones':
      return {}
  }
}

function recordParameters(task: RecordTask): Json {
  return {
    prompts: task.prompts.map(writePrompt),
    bargeInAllowed: task.bargeInAllowed,
    initialSilenceTimeoutInSeconds: task.initialSilenceTimeout / 1000,
    maxSilenceTimeoutInSeconds: task.maxSilenceTimeout / 1000,
    maxRecordDurationInSeconds: task.maxDuration / 1000,
    playBeep: task.playBeep,
    stopTones: task.stopTones.map(toneKey),
  }
}

function writePrompt({ uri, resourceId, loops }: Prompt): Json {
  return {
    '@odata.type': '#microsoft.graph.mediaPrompt',
    mediaInfo: {
      '@odata.type': '#microsoft.graph.mediaInfo',
      uri,
      ...(resourceId !== undefined && { resourceId }),
    },
    ...(loops !== undefined && { loop: loops }),
  }
}
