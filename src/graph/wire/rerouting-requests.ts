/** The bodies of `redirect` and `transfer`, decoded. */
import type { Identity } from '../../calls/identity.ts'
import { readGuid } from '../../runtime.ts'
import { readIdentitySet } from './identity.ts'
import { BadRequest, Reader } from './reader.ts'
import type { InvitedParticipant } from './requests.ts'
import { defined, readClientContext, readInvitedParticipant } from './requests.ts'

/** The body of `redirect`. */
export interface RedirectRequest {
  readonly targets: readonly InvitedParticipant[]
  /** How long the targets ring, in seconds. */
  readonly timeout: number
  readonly maskCallee: boolean
  readonly maskCaller: boolean
  readonly callbackUri?: string
}

/** The body of `transfer`. */
export interface TransferRequest {
  readonly target: InvitedParticipant
  readonly transferee?: { readonly identity?: Identity; readonly participantId?: string }
}

/** Seconds of ringing that a redirection may ask for, and what it gets without asking (contract: redirect). */
const TIMEOUT = { least: 15, most: 90, oneTarget: 55, severalTargets: 60 }

/** Reads the body of `redirect`. What `targetDisposition` says follows from the number of targets. @throws BadRequest */
export function readRedirect(body: unknown): RedirectRequest {
  const reader = new Reader(body, '')
  const targets = (reader.elements('targets') ?? []).map(({ value, path }) => readInvitedParticipant(value, path))
  if (targets.length === 0) throw new BadRequest('targets is required: who is to take the call.')
  const replacing = targets.findIndex(({ replacesCallId }) => replacesCallId !== undefined)
  if (replacing >= 0) {
    throw new BadRequest(`targets[${replacing}].replacesCallId: a call that was not answered cannot replace another.`)
  }
  reader.choice('targetDisposition', ['default', 'simultaneousRing', 'forward'])
  return {
    targets,
    timeout:
      reader.integer('timeout', TIMEOUT.least, TIMEOUT.most) ??
      (targets.length === 1 ? TIMEOUT.oneTarget : TIMEOUT.severalTargets),
    maskCallee: reader.flag('maskCallee') ?? false,
    maskCaller: reader.flag('maskCaller') ?? false,
    ...defined({ callbackUri: reader.text(['callbackUri', 'callback'], 2048) }),
  }
}

/** Reads the body of `transfer`; in 2018 its members were `target` and, beside it, `replacesCallId`. @throws BadRequest */
export function readTransfer(body: unknown): TransferRequest {
  const reader = new Reader(body, '')
  readClientContext(reader)
  const name = reader.value('transferTarget') === undefined ? 'target' : 'transferTarget'
  const given = reader.value(name)
  if (given === undefined) throw new BadRequest('transferTarget is required: to whom the call is transferred.')
  const target = readInvitedParticipant(given, name)
  const beside = reader.text('replacesCallId', 1024)
  const named = reader.object('transferee')
  return {
    target: beside === undefined || target.replacesCallId !== undefined ? target : { ...target, ...replaced(beside) },
    ...(named && { transferee: readTransferee(named) }),
  }
}

function replaced(replacesCallId: string): Partial<InvitedParticipant> {
  const replacedCall = readGuid(replacesCallId.split('/').at(-1) ?? '')
  return { replacesCallId, ...(replacedCall !== undefined && { replacedCall }) }
}

function readTransferee(reader: Reader): NonNullable<TransferRequest['transferee']> {
  const id = reader.text(['participantId', 'id'], 64)
  const set = reader.object('identity')
  return {
    ...(id !== undefined && { participantId: readGuid(id) ?? id }),
    ...(set && { identity: readIdentitySet(set, reader.at('identity')) }),
  }
}
