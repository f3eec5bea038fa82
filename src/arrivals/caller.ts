/** Who people and applications are by the names that requests have for them, and how people call. */
import type { Command } from '../calls/commands.ts'
import { E164 } from '../calls/identity.ts'
import type { Address, Identity } from '../calls/identity.ts'
import type { CallManners } from '../calls/manners.ts'
import type { RecordingDuty } from '../calls/reach.ts'
import type { Application, ApplicationInstance } from '../directory/directory.ts'
import type { LiveDirectory } from '../directory/live.ts'
import { missingStep, syncState } from '../directory/provisioning.ts'
import { applicationLeg, unregistered } from '../directory/application-leg.ts'
import { recordingDuties } from '../directory/recording-policies.ts'
import { HttpError } from '../http/http-error.ts'
import type { JoinTarget, JoinTokens } from '../meetings/join-token.ts'
import { tokensForRecorders } from '../meetings/join-token.ts'
import type { Meetings } from '../meetings/meetings.ts'
import type { Clock, Ids } from '../runtime.ts'

/** What arrivals are looked up and made with. */
export interface ArrivalParts {
  readonly clock: Clock
  readonly ids: Ids
  readonly directory: Pick<LiveDirectory, 'current'>
  readonly meetings: Meetings
  /** Makes tokens by which recorders can come in again. */
  readonly joinTokens: JoinTokens
  readonly mannersOf: (wireVersion: string | undefined) => CallManners
}

/** Something that was asked for and cannot be done as it stands. */
function invalid(explanation: string): HttpError {
  return new HttpError(400, 'invalidRequest', 'The request is invalid.', explanation)
}

/** A person or phone, as a request names it. */
export interface Person {
  readonly identity: Identity
  readonly address: Address
  /** Who must record them, by a recording policy. */
  readonly duties?: readonly RecordingDuty[]
}

/** A person calls an application, by app id, instance or number. */
export async function personCalls(
  parts: ArrivalParts,
  from: string,
  to: string,
): Promise<Extract<Command, { type: 'PersonCalls' }>> {
  const { application, identity } = calledApplication(parts, to)
  const { tenantId } = application
  const { ids, mannersOf } = parts
  const conversationId = ids.guid()
  const caller = await withTokens(parts, personOf(parts, from, tenantId), { conversationId, tenantId })
  const target = applicationLeg(application, identity, { mintId: () => ids.guid(), mannersOf })
  if (!target) throw invalid(`to: ${unregistered(application).detail ?? 'it cannot be called'}.`)
  const participantId = ids.guid()
  return {
    type: 'PersonCalls',
    conversationId,
    tenantId,
    callChainId: ids.guid(),
    caller: {
      participantId,
      address: caller.address,
      ...(caller.duties && { duties: caller.duties }),
      source: { identity: caller.identity, sourceParticipantId: participantId },
    },
    target,
    applicationParticipantId: ids.guid(),
  }
}

/** Whether a text names an application that can be called: by its app id, an instance or its number. */
export function namesApplication({ directory }: Pick<ArrivalParts, 'directory'>, to: string): boolean {
  const entry = directory.current().find(to)
  const { kind } = entry ?? {}
  return kind === 'application' || kind === 'applicationInstance' || !!directory.current().applicationOfNumber(to)
}

/** A person calls another one of their tenant, or a phone. @throws HttpError */
export async function personCallsPerson(
  parts: ArrivalParts,
  from: string,
  to: string,
): Promise<Extract<Command, { type: 'PersonCallsPerson' }>> {
  const { ids, directory } = parts
  const tenantId = directory.current().user(from)?.tenantId
  if (tenantId === undefined) throw invalid(`from: ${from.slice(0, 64)} is no user of the directory.`)
  const conversationId = ids.guid()
  const person = async (who: string): Promise<Person> =>
    withTokens(parts, personOf(parts, who, tenantId), { conversationId, tenantId })
  const caller = await person(from)
  const target = await person(to)
  if (target.identity.id === caller.identity.id) throw invalid('to: nobody calls themselves.')
  const participantId = ids.guid()
  const duties = (one: Person): Pick<Person, 'duties'> => (one.duties ? { duties: one.duties } : {})
  return {
    type: 'PersonCallsPerson',
    conversationId,
    tenantId,
    callChainId: ids.guid(),
    caller: {
      participantId,
      address: caller.address,
      ...duties(caller),
      source: { identity: caller.identity, sourceParticipantId: participantId },
    },
    target: {
      participantId: ids.guid(),
      identity: target.identity,
      reach: { type: 'endpoint', address: target.address, ...duties(target) },
      hidden: false,
    },
  }
}

/** A person with tokens for those who must record them. */
export async function withTokens({ joinTokens }: ArrivalParts, person: Person, target: JoinTarget): Promise<Person> {
  return person.duties ? { ...person, duties: await tokensForRecorders(person.duties, joinTokens, target) } : person
}

function calledApplication(parts: ArrivalParts, to: string): { application: Application; identity: Identity } {
  const directory = parts.directory.current()
  const held = directory.applicationOfNumber(to)
  const entry = directory.find(to)
  const instance =
    held?.applicationInstance ?? (entry?.kind === 'applicationInstance' ? entry.applicationInstance : undefined)
  const appId = instance?.appId ?? (entry?.kind === 'application' ? entry.application.appId : undefined)
  const application = appId === undefined ? undefined : directory.application(appId)
  if (!application) {
    throw invalid('to: name an application of the directory, by its app id, an application instance, or its number.')
  }
  checkReachable(parts, instance, held !== undefined)
  const { tenantId } = application
  const identity: Identity = instance
    ? { kind: 'applicationInstance', id: instance.id, displayName: instance.displayName, tenantId }
    : { kind: 'application', id: application.appId, displayName: application.displayName, tenantId }
  return { application, identity }
}

/** An instance can be called once it is synced; its number, once its set-up is complete. */
function checkReachable({ clock }: ArrivalParts, instance: ApplicationInstance | undefined, byNumber: boolean): void {
  const now = clock.now()
  const missing = instance && missingStep(instance, now)
  if (!instance || !missing || (!byNumber && syncState(instance, now) === 'synced')) return
  throw new HttpError(409, 'conflict', 'The application cannot be called in this way.', `to: ${missing.text}.`)
}

/** A user of the tenant, or a phone. @throws HttpError */
export function personOf(parts: ArrivalParts, text: string, tenantId: string): Person {
  const entry = parts.directory.current().find(text)
  if (entry?.kind === 'user' && entry.user.tenantId === tenantId) {
    const { id, displayName } = entry.user
    const { ids, mannersOf } = parts
    return {
      identity: { kind: 'user', id, displayName, tenantId },
      address: { kind: 'user', id, tenantId },
      ...recordingDuties(entry.user, { directory: parts.directory.current(), mintId: () => ids.guid(), mannersOf }),
    }
  }
  if (entry?.kind === 'user') throw invalid(`${text} belongs to another tenant than the call.`)
  if (!E164.test(text))
    throw invalid(`${text.slice(0, 64)} is neither a user of the directory nor a number such as +12065550150.`)
  const displayName = entry?.kind === 'phoneNumber' ? entry.phoneNumber.displayName : undefined
  return {
    identity: { kind: 'phone', id: text, ...(displayName !== undefined && { displayName }) },
    address: { kind: 'phone', id: text, tenantId },
  }
}
