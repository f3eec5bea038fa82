/** Everything that makes the sound of calls, put together. */
import { dirname, join, resolve } from 'node:path'
import type { Config } from '../config.ts'
import { version } from '../config.ts'
import type { Destinations } from '../outbound/destinations.ts'
import type { Activity, Clock } from '../runtime.ts'
import type { Documents } from '../store/store.ts'
import { Audibility } from './audibility.ts'
import { CallRecordings } from './call-recordings.ts'
import { EmbeddedEngine } from './embedded/embedded.ts'
import { studioSettings } from './embedded/settings.ts'
import type { SoundEngine } from './engine.ts'
import { LiveEngine } from './live.ts'
import { KeptHeard } from './kept-heard.ts'
import { Prompts } from './prompts.ts'
import type { RecordingFiles } from './recording-files.ts'
import { filesInFolder, filesInMemory } from './recording-files.ts'
import { Recordings } from './recordings.ts'
import { Rooms } from './rooms.ts'
import { ServiceMedia } from './service/service-media.ts'
import { TONE } from './service/task.ts'
import type { Sound } from './sound.ts'
import type { ReadSound } from './sound-files.ts'
import { readSoundFile } from './sound-files.ts'

/** What media is made with. */
export interface MediaParts {
  readonly config: Config
  readonly clock: Clock
  /** Real time without jumps: sound goes by it. */
  readonly wall: Clock
  readonly activity: Activity
  readonly documents: Documents
  /** Where prompts may come from. */
  readonly destinations: Destinations
  /** What carries sound, in place of the engine that comes with the server. */
  readonly sound?: SoundEngine | undefined
  /** The directory file: in its folder are the files that people say. */
  readonly directoryFile: string
  /** Makes an id. */
  readonly mint: () => string
  /** Hears of faults that nobody waits for. */
  readonly onFault: (fault: unknown) => void
}

/** The media of one server. */
export interface Media {
  /** What applications have done for them. */
  readonly service: ServiceMedia
  /** Who makes sound where, and who hears it. */
  readonly rooms: Rooms
  /** Who heard whom in them. */
  readonly heard: KeptHeard
  /** Where scripted people speak. */
  readonly stage: {
    readonly clock: Clock
    readonly rooms: Rooms
    /** The sound of a file that people say; undefined, and a fault, if it cannot be used (any more). */
    readonly soundOf: (file: string) => Sound | undefined
  }
  readonly recordings: Recordings
  /** Recordings of whole conversations that are stored, and those under way. */
  readonly callRecordings: Recordings
  readonly whole: CallRecordings
  /** Carries the sound of those who are here with a microphone and ears. */
  readonly sound: SoundEngine
  /** Breaks off what is under way. */
  close(): Promise<void>
}

/** Opens media on what was kept before. */
export async function openMedia(parts: MediaParts): Promise<Media> {
  const { config, clock, onFault } = parts
  const audibility = new Audibility(config.audibilityLimit)
  const rooms = new Rooms(clock, audibility)
  const heard = new KeptHeard({ ...parts, rooms, audibility, limit: config.audibilityKept, run: parts.mint() })
  const prompts = promptsOf(parts)
  const { recordings, callRecordings, whole } = await recordingsOf(parts, rooms)
  const settings = studioSettings(config)
  const capacity = { legs: config.maxMediaLegs, load: config.mediaLoadLimit / 100 }
  const engine = parts.sound ?? new EmbeddedEngine({ clock: parts.wall, settings, capacity, onFault })
  const sound = new LiveEngine({ engine, rooms, clock, wall: parts.wall })
  const service = new ServiceMedia({
    clock,
    rooms,
    prompts,
    press: (conversationId, callId, tone) => sound.press({ conversationId, speaker: callId }, tone, TONE),
    keep: (callId, key, wav) => recordings.add(callId, key, wav),
    onFault,
  })
  return {
    service,
    rooms,
    heard,
    stage: { clock, rooms, soundOf: soundReader(parts) },
    recordings,
    callRecordings,
    whole,
    sound,
    close: async () => {
      await Promise.all([prompts.close(), sound.close()])
    },
  }
}

function promptsOf({ config, clock, activity, destinations }: MediaParts): Prompts {
  return new Prompts({
    clock,
    activity,
    limits: {
      size: config.promptSizeLimit,
      timeout: config.promptTimeout,
      redirects: config.promptRedirects,
      downloads: config.promptDownloads,
      queue: config.promptQueueLimit,
      cacheSize: config.promptCacheSize,
      cacheLifetime: config.promptCacheLifetime,
    },
    userAgent: `Rollcall/${version}`,
    destinations,
  })
}

/** What was recorded, and what is. */
async function recordingsOf(
  { config, clock, activity, documents, mint, onFault }: MediaParts,
  rooms: Rooms,
): Promise<Pick<Media, 'recordings' | 'callRecordings' | 'whole'>> {
  const store = { clock, activity, documents, onFault }
  const files = (folder: string): RecordingFiles =>
    config.data === 'memory' ? filesInMemory() : filesInFolder(join(resolve(config.data), folder))
  const recordings = await Recordings.open({
    ...store,
    kind: 'recording',
    files: files('recordings'),
    limits: {
      number: config.recordingLimit,
      bytes: config.recordingSpace,
      retention: config.recordingRetention,
      tokenLifetime: config.recordingTokenLifetime,
    },
  })
  const callFiles = files('call-recordings')
  const callRecordings = await Recordings.open({
    ...store,
    kind: 'callRecording',
    files: callFiles,
    limits: {
      number: config.recordingLimit,
      bytes: config.callRecordingSpace,
      retention: config.callRecordingRetention,
      tokenLifetime: 0,
    },
  })
  const whole = new CallRecordings({
    clock,
    activity,
    rooms,
    all: config.callRecording === 'all',
    longest: config.callRecordingDuration,
    begin: (id) => callFiles.begin(id),
    keep: (conversationId, file, owed) => callRecordings.adopt(conversationId, file, owed),
    mint,
    onFault,
  })
  return { recordings, callRecordings, whole }
}

function soundReader({ config, directoryFile, onFault }: MediaParts): (file: string) => Sound | undefined {
  return (file) => {
    const read = readSaid(file, directoryFile, config)
    if (read.ok) return read.sound
    onFault(new Error(read.problem))
    return undefined
  }
}

/** What is wrong with a file that people say, as a clause; undefined if nothing is. */
export function soundProblem(path: string, directoryFile: string, config: Config): string | undefined {
  const read = readSaid(path, directoryFile, config)
  return read.ok ? undefined : read.problem
}

function readSaid(path: string, directoryFile: string, config: Config): ReadSound {
  return readSoundFile(dirname(resolve(directoryFile)), path, config.promptSizeLimit)
}
