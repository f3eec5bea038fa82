/**
 * Recordings of whole conversations, for whoever runs the server: what everybody could hear, mixed, written to a file as it
 * is said. Which conversations are recorded is theirs to say; this follows them.
 */
import type { CallRecordingEnded, RecordConversation } from '../calls/call-recording-commands.ts'
import type { Conversation } from '../calls/conversation.ts'
import type { Hearing } from '../calls/hearing.ts'
import { isConnected } from '../calls/participant.ts'
import type { Activity, Cancel, Clock } from '../runtime.ts'
import type { Document } from '../store/store.ts'
import type { RecordingWriter } from './recording-files.ts'
import type { KeptFile, RecordedCall } from './recordings.ts'
import type { Listener, Rooms } from './rooms.ts'
import { mixed } from './service/listening.ts'
import { heardUntil } from './utterance.ts'
import { PER_MILLISECOND, wavHeader } from './wav.ts'

/** What they are made with. */
export interface CallRecordingParts {
  readonly clock: Clock
  readonly activity: Activity
  readonly rooms: Rooms
  /** Whether every conversation is recorded from when somebody is in it, or on demand. */
  readonly all: boolean
  /** The longest one, in milliseconds. */
  readonly longest: number
  /** Opens a file. */
  readonly begin: (fileId: string) => Promise<RecordingWriter>
  /** Keeps a file that is complete, and who must hear of it. */
  readonly keep: (conversationId: string, file: StoredFile, owed: readonly Document[]) => Promise<void>
  readonly mint: () => string
  readonly onFault: (fault: unknown) => void
}

/** A file of a whole conversation. */
export type StoredFile = Required<Omit<KeptFile, 'at'>>

/** Who hears of recordings. */
export interface RecordingAudience {
  /** Tells a conversation what becomes of its recording. */
  readonly report: (conversationId: string, command: RecordConversation | CallRecordingEnded) => void
  /** What is owed to whoever wants to hear of a file, to be kept with it. */
  readonly announce: (file: StoredFile) => readonly Document[]
  /** Takes over what was kept. */
  readonly deliver: (owed: readonly Document[]) => void
}

/** Sound is written this often while there is any, in milliseconds. */
const PIECE = 10_000
/** Live sound comes that late at most, in milliseconds: what is younger waits for the next piece. */
const LATEST = 1000
/** Whoever hears the common mix of a room, and is nobody in it. */
const EVERYBODY = ' '
const HEADER = 44

/** The recordings that are under way. */
export class CallRecordings {
  readonly #parts: CallRecordingParts
  readonly #running = new Map<string, Running>()
  #audience: RecordingAudience = { report: () => undefined, announce: () => [], deliver: () => undefined }

  constructor(parts: CallRecordingParts) {
    this.#parts = parts
  }

  /** Says who hears what becomes of recordings. */
  tell(audience: RecordingAudience): void {
    this.#audience = audience
  }

  /** A conversation is like this from now on. */
  follow(conversation: Conversation): void {
    const { id, callRecording, endedAt, participants } = conversation
    const { all, mint } = this.#parts
    if (all && !callRecording && endedAt === undefined && participants.some(isConnected)) {
      this.#audience.report(id, { type: 'RecordConversation', on: true, recordingId: mint() })
    }
    const running = this.#running.get(id)
    const isOn = callRecording?.state === 'recording' && endedAt === undefined
    if (running && (!isOn || running.recordingId !== callRecording.id)) void this.#end(id, running)
    if (isOn && this.#running.get(id)?.recordingId !== callRecording.id) {
      this.#running.set(id, new Running(this.#parts, this.#audience, conversation, callRecording.id))
    }
  }

  /** The server stops: what is under way is stored as far as it is. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map(([id, running]) => this.#end(id, running)))
  }

  #end(conversationId: string, running: Running): Promise<void> {
    this.#running.delete(conversationId)
    return this.#parts.activity.track(running.end())
  }
}

type About = Omit<RecordedCall, 'recordingId' | 'from' | 'until'>

/** What is known of a recording when it begins. */
function aboutOf({ tenantId, callChainId, chatInfo, participants }: Conversation): About {
  const user = participants.find((one) => isConnected(one) && one.identity.kind === 'user')?.identity
  const userId = user?.tenantId === tenantId ? user.id : undefined
  return {
    tenantId,
    callChainId,
    ...(chatInfo && { threadId: chatInfo.threadId }),
    ...(userId !== undefined && { userId }),
  }
}

/** One recording. */
class Running {
  readonly recordingId: string
  readonly #about: About
  readonly #audience: RecordingAudience
  /** A recording that goes on after a restart has another file. */
  readonly #fileId: string
  readonly #parts: CallRecordingParts
  readonly #conversationId: string
  readonly #since: number
  readonly #listener: Listener
  readonly #cancelLongest: Cancel
  /** Each write waits for those before; none comes after a fault. */
  #writing: Promise<RecordingWriter>
  readonly #opened: Promise<RecordingWriter>
  #written: number
  #cancelPiece: Cancel | undefined

  constructor(parts: CallRecordingParts, audience: RecordingAudience, conversation: Conversation, recordingId: string) {
    const { clock, rooms, longest } = parts
    const { id: conversationId } = conversation
    this.recordingId = recordingId
    this.#fileId = parts.mint()
    this.#about = aboutOf(conversation)
    this.#audience = audience
    this.#parts = parts
    this.#conversationId = conversationId
    this.#since = clock.now()
    this.#written = this.#since
    this.#opened = parts.activity.track(parts.begin(this.#fileId))
    this.#writing = this.#opened
    this.#writing.catch((fault: unknown) => this.#fail(fault))
    this.#listener = rooms.listen(conversationId, EVERYBODY, () => this.#heard(), withEverybody)
    this.#cancelLongest = clock.schedule(this.#since + longest, () =>
      this.#report({ type: 'RecordConversation', on: false }),
    )
    if (this.#listener.said.length > 0) this.#heard()
  }

  /** Something is said: it is written after a while. Nothing is done while nobody says anything. */
  #heard(): void {
    const { clock } = this.#parts
    if (this.#cancelPiece) return
    this.#written = Math.max(this.#written, Math.min(clock.now(), ...this.#listener.said.map(({ from }) => from)))
    this.#cancelPiece = clock.schedule(clock.now() + PIECE, () => {
      this.#cancelPiece = undefined
      this.#write(clock.now() - LATEST)
      if (this.#listener.said.length > 0) this.#heard()
    })
  }

  /** Writes what was heard until now. Where nothing was, the file has a hole, which is silence. */
  #write(until: number): void {
    const from = this.#written
    // Where nobody says anything it can go on for long, and who hears whom may change often.
    if (this.#listener.said.length === 0) this.#listener.forget(until)
    if (until <= from || this.#listener.said.length === 0) return
    this.#written = until
    const samples = mixed(this.#listener, from, until)
    this.#listener.forget(until)
    const at = HEADER + Math.round((from - this.#since) * PER_MILLISECOND) * 2
    const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
    this.#writing = this.#parts.activity.track(
      this.#writing.then(async (writer) => {
        await writer.write(bytes, at)
        return writer
      }),
    )
    this.#writing.catch((fault: unknown) => this.#fail(fault))
  }

  async end(): Promise<void> {
    const { clock } = this.#parts
    this.#cancelPiece?.()
    this.#cancelLongest()
    const now = heardUntil(this.#listener.said, clock.now())
    this.#write(now)
    this.#listener.stop()
    const duration = now - this.#since
    const length = Math.round(duration * PER_MILLISECOND) * 2
    try {
      const writer = await this.#writing
      await writer.write(wavHeader(length), 0)
      await writer.close(HEADER + length)
      await this.#keep(HEADER + length, now)
      const outcome = { name: 'stored', fileId: this.#fileId, bytes: HEADER + length, duration } as const
      this.#report({ type: 'CallRecordingEnded', recordingId: this.recordingId, outcome })
    } catch (fault) {
      this.#fail(fault)
    }
  }

  async #keep(bytes: number, until: number): Promise<void> {
    const { recordingId } = this
    const call = { ...this.#about, recordingId, from: this.#since, until }
    const file = { id: this.#fileId, bytes, call }
    const owed = this.#audience.announce(file)
    await this.#parts.keep(this.#conversationId, file, owed)
    this.#audience.deliver(owed)
  }

  #report(command: RecordConversation | CallRecordingEnded): void {
    this.#audience.report(this.#conversationId, command)
  }

  #failed = false
  #fail(fault: unknown): void {
    if (this.#failed) return
    this.#failed = true
    const { activity, onFault } = this.#parts
    onFault(fault)
    const discarded = this.#opened.then((writer) => writer.discard()).catch(() => undefined)
    void activity.track(discarded)
    const detail = fault instanceof Error ? fault.message : String(fault)
    const outcome = { name: 'failed', detail } as const
    this.#report({ type: 'CallRecordingEnded', recordingId: this.recordingId, outcome })
  }
}

/** Who hears whom, with one more who hears the common mix. */
function withEverybody(hearing: Hearing): Hearing {
  return { ...hearing, listeners: [...hearing.listeners, EVERYBODY] }
}
