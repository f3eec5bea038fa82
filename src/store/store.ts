/**
 * What is kept. The store loads and commits; it knows no rules. Every implementation passes `store.suite.ts`.
 */
import type { Call } from '../calls/call.ts'
import type { Conversation } from '../calls/conversation.ts'
import type { Event } from '../calls/events.ts'
import type { Notification } from '../calls/notification.ts'

/** A conversation as committed. `version` counts its commits from 1. */
export interface StoredConversation {
  readonly conversation: Conversation
  readonly version: number
}

/** Where a call lives, and whose it is. */
export interface CallKey {
  readonly callId: string
  readonly conversationId: string
  readonly appId: string
}

/**
 * How far a notification's journey is.
 *
 *     pending ──2xx──► delivered
 *        └──given up, 410──► dead
 */
export type DeliveryState = 'pending' | 'delivered' | 'dead'

/** A notification on its way: the outbox row. */
export interface Delivery {
  /** GUID; also the `X-Microsoft-Skype-Message-ID`, the same on every attempt. */
  readonly id: string
  /** Place in the one order of everything that this server recorded. */
  readonly order: number
  readonly conversationId: string
  readonly notification: Notification
  readonly createdAt: number
  readonly state: DeliveryState
  readonly attempts: number
  readonly firstAttemptAt?: number
  readonly settledAt?: number
  /** The bytes that every further attempt carries; absent if the notification alone says what they are. */
  readonly body?: string
}

/** One try at delivering a notification. */
export interface Attempt {
  readonly deliveryId: string
  readonly number: number
  readonly order: number
  readonly at: number
  readonly url: string
  /** HTTP status of the answer, if there was one. */
  readonly status?: number
  /** What went wrong, in words, if it failed. */
  readonly error?: string
  /** Real milliseconds from the request to the answer or failure. */
  readonly latency: number
  /** The beginning of the answer's body. */
  readonly answer?: string
  /** Asked for by hand, after the fact. */
  readonly replay: boolean
}

/** Who brought a command to its conversation, where a request or the command's type does not say it. */
export type CommandOrigin =
  /** An application, by a request. */
  | { readonly type: 'application'; readonly appId: string }
  /** The endpoint of a person or phone: its script. */
  | { readonly type: 'endpoint' }
  /** A conversation, itself or another one. */
  | { readonly type: 'conversation'; readonly conversationId: string }

/** One commit's contribution to a conversation's timeline. */
export interface TimelineEntry {
  readonly order: number
  readonly at: number
  readonly conversationId: string
  /** The type of the command that was decided. */
  readonly command: string
  /** The request that the command came from, if one did. */
  readonly requestId?: string
  readonly by?: CommandOrigin
  readonly events: readonly Event[]
}

/** The answer to a request that carried an idempotency key, kept so that a repetition gets it again. */
export interface KeptAnswer {
  readonly appId: string
  readonly key: string
  /** Hash of what was asked: the same key with another one is a mistake. */
  readonly fingerprint: string
  readonly at: number
  /** The answer, as its route made it. */
  readonly answer: unknown
}

/** Everything that one decision changes: committed whole or not at all. */
export interface Commit {
  readonly conversation: Conversation
  /** The version that was decided upon; 0 for a new conversation. */
  readonly version: number
  /** The conversation that was decided upon, as it was loaded or committed: then only what changed need be written. */
  readonly before?: Conversation | undefined
  readonly newCalls: readonly Call[]
  readonly deliveries: readonly Delivery[]
  readonly timeline: TimelineEntry
  /** Commits once only: a second one under the same key fails. */
  readonly answer?: KeptAnswer
  /** What is kept with the change: the record of a conversation that ends, and who must hear of that. */
  readonly documents?: readonly Document[]
}

/** Which deliveries to list: newest first. */
export interface DeliveryQuery {
  readonly callId?: string
  readonly conversationId?: string
  readonly appId?: string
  readonly state?: DeliveryState
  readonly limit: number
  /** Deliveries are read until their texts have so many characters: rosters of a thousand make long ones. */
  readonly most: number
}

/** The newest deliveries, and whether older ones were left out because these are so long. */
export interface ListedDeliveries {
  readonly deliveries: readonly Delivery[]
  readonly isCut: boolean
}

/** A signing key as kept: see `oauth/keys.ts`. */
export interface KeyRecord {
  readonly kid: string
  readonly createdAt: number
  readonly privateJwk: Readonly<Record<string, unknown>>
}

/** Thrown when the data cannot be opened, or not be used any longer; the message says what to do. */
export class StoreError extends Error {
  override readonly name: string = 'StoreError'
}

/** Thrown when there is no room for what is to be kept. Nothing was changed, and it can be tried again. */
export class StoreFull extends StoreError {
  override readonly name = 'StoreFull'
}

/** Thrown when a conversation was committed by somebody else in between. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict'
}

/** One JSON document of a resource beside calls: a meeting, a subscription, a recording. */
export interface Document {
  /** What it is; names its reader. */
  readonly kind: string
  /** Unique among its kind. */
  readonly key: string
  /** Whose it is: a tenant, or an application, as its kind has it. */
  readonly owner: string
  /** When it was made, in milliseconds since the epoch; lists are in this order. */
  readonly at: number
  readonly value: unknown
}

/** Which documents of a kind to list, the oldest first. */
export interface DocumentQuery {
  readonly kind: string
  readonly owner?: string
  readonly limit: number
  /** Continues behind this one. */
  readonly after?: Pick<Document, 'at' | 'key'>
  /** Lists the newest first; goes without `after`. */
  readonly newest?: boolean
}

/** What is kept of the resources beside calls. Each kind's module says what its values hold. */
export interface Documents {
  get(kind: string, key: string): Promise<Document | undefined>
  list(query: DocumentQuery): Promise<readonly Document[]>
  count(kind: string, owner?: string): Promise<number>
  /** Keeps a document, in place of the one with its kind and key. */
  put(document: Document): Promise<void>
  /** Forgets a document; whether there was one. */
  remove(kind: string, key: string): Promise<boolean>
  /** Forgets the documents of a kind that were made before a moment. */
  purge(kind: string, before: number): Promise<void>
}

/** Persistent state. All methods reject when the storage fails; nothing is half done then. */
export interface Store {
  load(conversationId: string): Promise<StoredConversation | undefined>
  /** Makes one decision durable; resolves when it is. @throws VersionConflict */
  commit(commit: Commit): Promise<void>
  findCall(callId: string): Promise<CallKey | undefined>
  /** What a request of an application with this idempotency key was answered. */
  keptAnswer(appId: string, key: string): Promise<KeptAnswer | undefined>
  /** Ids of the conversations that have not ended, or wait to hear how somebody left them for another one; oldest first. */
  unfinished(): Promise<readonly string[]>
  /** Conversations, newest first; ended ones too if asked. */
  list(options: { readonly ended: boolean; readonly limit: number }): Promise<readonly Conversation[]>
  timeline(conversationId: string): Promise<readonly TimelineEntry[]>
  /** The conversation that a call, participant, invitee or operation is or was in, as far as a timeline tells of it. */
  findSubject(id: string): Promise<string | undefined>

  /** Pending deliveries of one call after a number, oldest first; or of all calls. */
  pending(options: {
    readonly callId?: string
    readonly after?: number
    readonly limit: number
  }): Promise<readonly Delivery[]>
  /** The calls that have pending deliveries. */
  pendingCalls(): Promise<readonly string[]>
  deliveries(query: DeliveryQuery): Promise<ListedDeliveries>
  delivery(id: string): Promise<Delivery | undefined>
  attempts(deliveryIds: readonly string[]): Promise<readonly Attempt[]>
  /** Records one attempt, and what it did to its delivery if it did anything. */
  saveAttempt(attempt: Attempt, delivery?: Delivery): Promise<void>

  scripts(): Promise<ReadonlyMap<string, unknown>>
  /** Keeps a run-time script under its key; undefined removes it. */
  saveScript(key: string, script: unknown): Promise<void>

  /** The changes over the directory file, as `saveDirectoryChanges` was given them, the oldest first. */
  directoryChanges(): Promise<readonly unknown[]>
  /** Keeps changes of the directory by their keys, or forgets those whose value is undefined: all of them or none. */
  saveDirectoryChanges(changes: ReadonlyMap<string, unknown>): Promise<void>

  readonly documents: Documents

  loadKeys(): Promise<KeyRecord[]>
  saveKeys(keys: readonly KeyRecord[]): Promise<void>

  /** The highest `order` handed out so far. */
  lastOrder(): Promise<number>
  /** Forgets what ended, was settled or was kept before these moments; of a timeline never what is since the last beginning. */
  purge(before: {
    readonly conversations: number
    readonly deliveries: number
    readonly timeline: number
    readonly answers: number
  }): Promise<void>
  /** Forgets conversations, deliveries, scripts, documents and changes of the directory; keys stay, so that tokens stay valid. */
  reset(): Promise<void>
  /** Copies everything that is committed into a new file, while work goes on. */
  backUp(file: string): Promise<void>
  /** Resolves if the data cannot be used any longer, with the reason: whoever runs the server has to end it. */
  readonly lost: Promise<StoreError>
  close(): Promise<void>
}
