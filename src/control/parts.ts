/** What the control API works with, and how its routes read and refuse. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { CallError } from '../calls/errors.ts'
import type { CallManners } from '../calls/manners.ts'
import type { Config } from '../config.ts'
import type { LiveDirectory } from '../directory/live.ts'
import type { Media } from '../media/media.ts'
import type { ScriptBook } from '../endpoints/scripted/script-book.ts'
import type { People } from '../endpoints/people.ts'
import { HttpError } from '../http/http-error.ts'
import type { Journal } from '../http/journal.ts'
import type { JoinTokens } from '../meetings/join-token.ts'
import type { Meetings } from '../meetings/meetings.ts'
import type { Throttles } from '../http/throttles.ts'
import type { Outbox } from '../notifications/outbox.ts'
import type { Records } from '../records/records.ts'
import type { Activity, Clock, Ids, VirtualClock } from '../runtime.ts'
import type { Backups } from '../store/backup.ts'
import type { Store } from '../store/store.ts'
import type { Subscriptions } from '../subscriptions/subscriptions.ts'
import type { Switchboard, SwitchboardError } from '../switchboard/switchboard.ts'

/** What the control API works with. */
export interface ControlParts {
  readonly config: Config
  readonly clock: Clock | VirtualClock
  readonly ids: Ids
  readonly activity: Activity
  readonly store: Store
  readonly backups: Backups
  readonly switchboard: Switchboard
  readonly outbox: Outbox
  readonly records: Records
  readonly subscriptions: Subscriptions
  readonly directory: LiveDirectory
  readonly scripts: ScriptBook
  readonly meetings: Meetings
  readonly people: People
  readonly media: Pick<Media, 'service' | 'recordings' | 'rooms' | 'heard' | 'sound' | 'callRecordings' | 'whole'>
  /** Makes tokens by which recorders can come in again. */
  readonly joinTokens: JoinTokens
  readonly journal: Journal
  readonly throttles: Throttles
  /** What of the published API is there: one object for each operation. */
  readonly coverage: readonly object[]
  /** The certificate (PEM) of the local authority that clients must trust, if there is one. */
  readonly authority: string | undefined
  /** What the core or the switchboard refused, as an answer. */
  readonly refused: (error: CallError | SwitchboardError) => HttpError
  readonly mannersOf: (wireVersion: string | undefined) => CallManners
}

/** Registers some of the control API's routes. */
export type ControlRoutes = (app: FastifyInstance, parts: ControlParts) => void

/** Something that control was asked for and that is not there. */
export function notFound(explanation: string): HttpError {
  return new HttpError(404, 'itemNotFound', 'The resource could not be found.', explanation)
}

/** A request to control that cannot be carried out as it stands. */
export function invalid(explanation: string): HttpError {
  return new HttpError(400, 'invalidRequest', 'The request is invalid.', explanation)
}

/** Reads a body or query by its schema; every mistake is named in one sentence. */
export function readAs<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const read = schema.safeParse(value ?? {})
  if (read.success) return read.data
  const mistakes = read.error.issues.map(({ path, message }) => `${path.join('.') || 'the request'}: ${message}`)
  throw invalid(`${mistakes.join('; ')}.`)
}

/** A parameter of the path. */
export function pathParameter(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string | undefined>)[name] ?? ''
}
