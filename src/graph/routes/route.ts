/** What a route of the calling API is: a row of data and a function from a decoded request to an answer, without HTTP. */
import type { Call } from '../../calls/call.ts'
import type { Command } from '../../calls/commands.ts'
import type { Conversation } from '../../calls/conversation.ts'
import type { Rules } from '../../calls/draft.ts'
import type { Config } from '../../config.ts'
import type { Directory } from '../../directory/directory.ts'
import type { JoinTokens } from '../../meetings/join-token.ts'
import type { Meetings } from '../../meetings/meetings.ts'
import type { Caller } from '../../oauth/bearer.ts'
import type { Destinations } from '../../outbound/destinations.ts'
import type { Clock, Ids } from '../../runtime.ts'
import { readGuid } from '../../runtime.ts'
import type { Switchboard } from '../../switchboard/switchboard.ts'
import type { Dialect, WireVersion } from '../dialects/dialect.ts'
import { fromCallError, refusal } from '../errors.ts'
import type { Json } from '../wire/identity.ts'
import type { Preference } from './prefer.ts'
import type { Permissions } from './published.ts'

/** The answer to an earlier request, as it was kept. */
export interface KeptAnswer {
  readonly fingerprint: string
  readonly answer: unknown
}

/** What the handlers work with. */
export interface GraphParts {
  readonly switchboard: Switchboard
  /** The conversation that a participant is or was in; undefined for an unknown id. */
  readonly findSubject: (id: string) => Promise<string | undefined>
  /** What a request with this idempotency key was answered. */
  readonly keptAnswer: (appId: string, key: string) => Promise<KeptAnswer | undefined>
  readonly directory: () => Directory
  readonly meetings: Meetings
  readonly joinTokens: JoinTokens
  readonly clock: Clock
  readonly ids: Ids
  readonly rules: Rules
  readonly config: Pick<Config, 'profile' | 'mode' | 'maxRingTimeout' | 'maxFallbacks'>
  readonly destinations: Destinations
  /** The server's public address, without a slash at the end. */
  readonly baseUrl: () => string
}

/** One request, authenticated and addressed. */
export interface GraphRequest {
  readonly caller: Caller
  readonly dialect: Dialect
  /** The version segment and collection as addressed, such as `/v1.0/communications/calls`. */
  readonly collection: string
  readonly params: Readonly<Record<string, string>>
  readonly body: unknown
  readonly requestId: string
  /** The client's wish that a repetition of this request is answered and not carried out again. */
  readonly idempotency: { readonly key: string; readonly fingerprint: string } | undefined
  /** The client's `Scenario-Id`, if it sent a usable one. */
  readonly scenarioId: string | undefined
  /** What of our own the client would rather have. */
  readonly preferences: ReadonlySet<Preference>
}

/** What a handler answers. */
export interface Answer {
  readonly status: 200 | 201 | 202 | 204
  readonly body?: Json
  /** Path below the server's address. */
  readonly location?: string
  /** The call that the request created, for the journal. */
  readonly createdCall?: string
  /** The call's chain id, for the answer's header. */
  readonly chainId?: string
  /** The preference that was followed, for the answer's header. */
  readonly preference?: Preference
}

/** A row of the route table. */
export interface Route {
  /** The published operation's name. */
  readonly operation: string
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Path below the collection of calls. */
  readonly path: string
  /** The wire versions whose pages or metadata have the operation. The others serve it all the same. */
  readonly published: readonly WireVersion[]
  readonly permissions: Permissions
  /** What of the published operation is missing, if anything is: a sentence for the coverage page. */
  readonly partial?: string
  /** Whether the preferences of our own mean something to it. */
  readonly preferences?: true
  readonly handle: (request: GraphRequest, parts: GraphParts) => Promise<Answer>
}

/** A call that the requesting application owns, live, with its conversation. */
export interface FoundCall {
  readonly conversation: Conversation
  readonly call: Call
}

/** Finds the live call that the request addresses. Somebody else's is not to be told from an unknown one. */
export async function requireCall(request: GraphRequest, parts: GraphParts): Promise<FoundCall> {
  const callId = readGuid(request.params['callId'] ?? '')
  const key = callId === undefined ? undefined : await parts.switchboard.findCall(callId)
  const conversation =
    key?.appId === request.caller.appId ? await parts.switchboard.read(key.conversationId) : undefined
  const call = conversation?.calls.find(({ id }) => id === callId)
  if (!conversation || !call) throw fromCallError({ name: 'callNotFound' })
  if (call.state.name === 'terminated') {
    throw fromCallError({ name: 'callEnded', at: call.state.at, reason: call.state.reason })
  }
  return { conversation, call }
}

/**
 * Has a command carried out, and makes the answer from the conversation after it. The answer to a request with an
 * idempotency key is committed with the change that it tells of.
 */
export async function carryOut(
  request: GraphRequest,
  parts: GraphParts,
  conversationId: string,
  command: Command,
  answerOf: (conversation: Conversation) => Answer,
): Promise<Answer> {
  const { caller, idempotency, requestId } = request
  const at = parts.clock.now()
  const keep =
    idempotency &&
    ((conversation: Conversation) => ({ appId: caller.appId, ...idempotency, at, answer: answerOf(conversation) }))
  const result = await parts.switchboard.submit(conversationId, command, { requestId, keep })
  if (!result.ok) throw fromCallError(result.error)
  return answerOf(result.conversation)
}

/** What every command has that begins an operation of a call. */
export interface OperationStart {
  readonly operationId: string
  readonly callId: string
  readonly appId: string
}

/** A new operation of a call. */
export function operationOf({ call }: FoundCall, { ids }: Pick<GraphParts, 'ids'>): OperationStart {
  return { operationId: ids.guid(), callId: call.id, appId: call.appId }
}

/**
 * Has an operation of the addressed call begun, and answers with it.
 * @param status with which the operation is answered
 * @param commandOf reads the body; the call has been found by then
 * @param finish what the answer has beside the operation
 */
export async function beginOperation(
  request: GraphRequest,
  parts: GraphParts,
  status: 200 | 202,
  commandOf: (start: OperationStart, found: FoundCall) => OperationCommand | Promise<OperationCommand>,
  finish: (answer: Answer) => Answer = (answer) => answer,
): Promise<Answer> {
  const found = await requireCall(request, parts)
  const command = await commandOf(operationOf(found, parts), found)
  return carryOut(request, parts, found.conversation.id, command, (after) =>
    finish(operationAnswer(request, parts, command, after, status)),
  )
}

/** A command that begins an operation. */
type OperationCommand = Command & OperationStart

/** The operation that a command began, as the answer to its request. */
function operationAnswer(
  request: GraphRequest,
  parts: Pick<GraphParts, 'baseUrl'>,
  { callId, operationId }: OperationStart,
  conversation: Conversation,
  status: 200 | 202,
): Answer {
  const operation = conversation.operations.find(({ id }) => id === operationId)
  if (!operation) throw new Error(`the operation ${operationId} was committed and is not there`)
  const { dialect, collection } = request
  return {
    status,
    location: `${collection}/${dialect.id(callId)}/operations/${dialect.id(operationId)}`,
    body: dialect.operation(operation, parts.baseUrl()),
    chainId: conversation.callChainId,
  }
}

/** A call of the conversation that the command just left it in. */
export function callIn(conversation: Conversation, callId: string): FoundCall {
  const call = conversation.calls.find(({ id }) => id === callId)
  if (!call) throw new Error(`the call ${callId} was committed and is not there`)
  return { conversation, call }
}

/** Refuses a caller that lacks what the row needs in the version that it speaks. */
export function checkPermission(request: GraphRequest, { operation, permissions }: Route): void {
  const needed = request.dialect.permissionsOf === 'today' ? permissions.today : permissions.until2021
  if (typeof needed !== 'string') requireRole(request, needed, `The operation "${operation}"`)
}

/** Refuses a caller that has none of these permissions: 403/7504. */
export function requireRole({ caller }: GraphRequest, roles: readonly string[], purpose: string): void {
  if (roles.some((role) => caller.roles.has(role))) return
  throw refusal(
    403,
    '7504',
    `${purpose} needs the application permission ${roles.join(' or ')}; grant it in the directory (roles) and get a new token.`,
  )
}

/** A participant id as it stands in a path: GUIDs in their one spelling. */
export function participantIdOf(request: GraphRequest): string {
  const id = request.params['participantId'] ?? ''
  return readGuid(id) ?? id
}

/** `@odata.context` of what stands below a call: `rest` names it. */
export function contextOf({ dialect }: GraphRequest, parts: GraphParts, { call }: FoundCall, rest: string): string {
  return `${parts.baseUrl()}/${dialect.root}/$metadata#communications/calls('${dialect.id(call.id)}')/${rest}`
}
