/**
 * The set-up of calls with phones, step by step, as an administrator does it: create and sync an application instance,
 * assign its licences, acquire a service number, assign it, sync again. Each step asks for the ones before it.
 */
import { readGuid } from '../runtime.ts'
import type { Change } from './changes.ts'
import type { ApplicationInstance, Directory, License, PhoneNumber } from './directory.ts'
import { E164 } from '../calls/identity.ts'
import { UPN } from './formats.ts'
import { licenseNames, missingLicenses, syncState } from './provisioning.ts'
import { DirectoryRefusal } from './refusal.ts'

/** What one step changes, and the entry that it leaves. */
export interface Step<Entry> {
  readonly changes: readonly Change[]
  readonly result: Entry
}

/** The application instance with this id or user principal name. */
export function requireInstance(directory: Directory, idOrUpn: string): ApplicationInstance {
  const instance = directory.applicationInstance(idOrUpn)
  if (instance) return instance
  throw new DirectoryRefusal(
    'notFound',
    `There is no application instance ${idOrUpn.slice(0, 320)}; create one: POST /control/instances.`,
  )
}

/** Refuses an id, user principal name or number that somebody has already. */
export function requireFree(directory: Directory, key: string): void {
  const found = directory.find(key)
  if (!found && directory.tenant(key)?.id !== key) return
  throw new DirectoryRefusal(
    'conflict',
    `${key} is taken by ${found ? `the directory's ${WORDS[found.kind]} of that name` : 'a tenant'}; choose another.`,
  )
}

const WORDS = {
  user: 'user',
  phoneNumber: 'phone number',
  application: 'application',
  applicationInstance: 'application instance',
} as const

/** Creates an application instance, not synced yet. */
export function createInstance(
  directory: Directory,
  entry: {
    readonly appId: string
    readonly id: string
    readonly displayName: string
    readonly userPrincipalName: string
  },
): Step<ApplicationInstance> {
  const application = directory.application(entry.appId)
  if (!application) {
    throw new DirectoryRefusal(
      'invalid',
      `appId: there is no application ${entry.appId.slice(0, 64)}; name one of the directory.`,
    )
  }
  const id = readGuid(entry.id)
  if (id === undefined) throw new DirectoryRefusal('invalid', 'id: write a GUID, or leave it out to be given one.')
  if (!UPN.test(entry.userPrincipalName)) {
    throw new DirectoryRefusal('invalid', 'userPrincipalName: write a name such as line@contoso.example.')
  }
  requireFree(directory, id)
  requireFree(directory, entry.userPrincipalName)
  const { tenantId, appId } = application
  return save({ ...entry, tenantId, appId, id, licenses: [] })
}

/** Syncs an instance: calling learns of it and of its number after `delay` milliseconds. */
export function syncInstance(
  directory: Directory,
  idOrUpn: string,
  { now, delay }: { readonly now: number; readonly delay: number },
): Step<ApplicationInstance> {
  const instance = requireInstance(directory, idOrUpn)
  const at = now + delay
  return save({
    ...instance,
    syncedAt: Math.min(instance.syncedAt ?? at, at),
    ...(instance.phoneNumber !== undefined && { numberSyncedAt: Math.min(instance.numberSyncedAt ?? at, at) }),
  })
}

/** Gives an instance these licences and no others; the first of them needs a synced instance. */
export function assignLicenses(
  directory: Directory,
  idOrUpn: string,
  licenses: readonly License[],
  now: number,
): Step<ApplicationInstance> {
  const instance = requireInstance(directory, idOrUpn)
  if (licenses.some((license) => !instance.licenses.includes(license))) requireSynced(instance, now)
  return save({ ...instance, licenses: [...new Set(licenses)] })
}

/** Acquires a number for a tenant. */
export function acquireNumber(directory: Directory, number: PhoneNumber): Step<PhoneNumber> {
  if (!E164.test(number.number)) {
    throw new DirectoryRefusal('invalid', 'number: write an E.164 number, such as +12065550100.')
  }
  requireFree(directory, number.number)
  return { changes: [{ kind: 'phoneNumber', id: number.number, entry: number }], result: number }
}

/** Gives a number back. */
export function releaseNumber(directory: Directory, number: string): Step<PhoneNumber> {
  const owned = directory.phoneNumber(number)
  if (!owned) throw new DirectoryRefusal('notFound', `There is no number ${number.slice(0, 64)} in the directory.`)
  const holder = directory.instanceOfNumber(owned.number)
  if (holder) {
    throw new DirectoryRefusal(
      'conflict',
      `${owned.number} is assigned to the application instance ${holder.userPrincipalName}; unassign it first.`,
    )
  }
  return { changes: [{ kind: 'phoneNumber', id: owned.number }], result: owned }
}

/** Assigns a number to an instance; calling learns of it with the next sync. */
export function assignNumber(
  directory: Directory,
  idOrUpn: string,
  number: string,
  now: number,
): Step<ApplicationInstance> {
  const instance = requireInstance(directory, idOrUpn)
  requireSynced(instance, now)
  const lacking = missingLicenses(instance).map((license) => licenseNames[license])
  if (lacking.length > 0) {
    throw new DirectoryRefusal(
      'conflict',
      `The application instance has no licence for ${lacking.join(' and ')}; assign it first (PUT .../licenses).`,
    )
  }
  if (instance.phoneNumber === number) return { changes: [], result: instance }
  requireAssignable(directory, instance, number)
  const { numberSyncedAt: _, ...rest } = instance
  return save({ ...rest, phoneNumber: number })
}

/** Takes an instance's number away, at once. */
export function unassignNumber(directory: Directory, idOrUpn: string): Step<ApplicationInstance> {
  const { phoneNumber: number, numberSyncedAt: _, ...rest } = requireInstance(directory, idOrUpn)
  if (number === undefined) throw new DirectoryRefusal('conflict', 'The application instance has no phone number.')
  return save(rest)
}

/** Deletes an instance; its number becomes free. */
export function deleteInstance(directory: Directory, idOrUpn: string): Step<ApplicationInstance> {
  const instance = requireInstance(directory, idOrUpn)
  return { changes: [{ kind: 'applicationInstance', id: instance.id }], result: instance }
}

function requireSynced(instance: ApplicationInstance, now: number): void {
  const state = syncState(instance, now)
  if (state === 'synced') return
  const what = state === 'syncing' ? 'is still being synced; wait for the end of that' : 'was never synced'
  const help = state === 'syncing' ? '.' : '; sync it first (POST .../sync).'
  throw new DirectoryRefusal('conflict', `The application instance ${instance.userPrincipalName} ${what}${help}`)
}

/** The number must be the tenant's own, of kind service, and free; and the instance must have none. */
function requireAssignable(directory: Directory, instance: ApplicationInstance, number: string): void {
  const owned = directory.phoneNumber(number)
  if (!owned) {
    throw new DirectoryRefusal(
      'invalid',
      `number: ${number.slice(0, 64)} is not in the directory; acquire it first (POST /control/numbers).`,
    )
  }
  const refuse = (why: string): never => {
    throw new DirectoryRefusal('conflict', `${number} ${why}`)
  }
  if (owned.tenantId !== instance.tenantId) {
    refuse(
      `belongs to tenant ${owned.tenantId}, and the application instance to ${instance.tenantId}; acquire one there.`,
    )
  }
  if (owned.kind !== 'service') {
    refuse(`is of kind ${owned.kind}; only a service number can be assigned to an application instance.`)
  }
  const holder = directory.instanceOfNumber(number)
  if (holder) refuse(`is assigned to the application instance ${holder.userPrincipalName}; unassign it there first.`)
  if (instance.phoneNumber !== undefined) {
    refuse(`cannot be a second number: the application instance has ${instance.phoneNumber}; unassign that first.`)
  }
}

function save(entry: ApplicationInstance): Step<ApplicationInstance> {
  return { changes: [{ kind: 'applicationInstance', id: entry.id, entry }], result: entry }
}
