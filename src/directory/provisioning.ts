/**
 * How far the set-up of an application instance is. Calls with phones need all of it, in this order: the instance is
 * synced, it has both licences, it has a service number, and it is synced again so that calling learns of the number.
 */
import type { ApplicationInstance, License } from './directory.ts'
import { licenses } from './directory.ts'

/**
 * What calling knows of an instance.
 *
 *     notSynced ──sync──► syncing ──option syncDelay──► synced
 */
export type SyncState = 'notSynced' | 'syncing' | 'synced'

/**
 * What calling knows of an instance's number.
 *
 *     none ──assign──► pending ──sync──► syncing ──option syncDelay──► assigned
 *       ◄──────────────────────── unassign ───────────────────────────────┘
 */
export type AssignmentState = 'none' | 'pending' | 'syncing' | 'assigned'

/** The licences by the names under which they are sold. */
export const licenseNames: Readonly<Record<License, string>> = {
  phoneSystemVirtualUser: 'Phone System - Virtual User',
  callingPlan: 'a calling plan',
}

/** Whether calling knows the instance. */
export function syncState({ syncedAt }: ApplicationInstance, now: number): SyncState {
  if (syncedAt === undefined) return 'notSynced'
  return syncedAt <= now ? 'synced' : 'syncing'
}

/** Whether calling knows the instance's number. */
export function assignmentState(instance: ApplicationInstance, now: number): AssignmentState {
  if (instance.phoneNumber === undefined) return 'none'
  if (instance.numberSyncedAt === undefined) return 'pending'
  return instance.numberSyncedAt <= now ? 'assigned' : 'syncing'
}

/** The licences that the instance has not. */
export function missingLicenses({ licenses: owned }: ApplicationInstance): readonly License[] {
  return licenses.filter((license) => !owned.includes(license))
}

/** What an instance still lacks before it can have calls with phones. */
export interface MissingStep {
  /** Steps are numbered in their order, so that the instance that is furthest can be told. */
  readonly step: 1 | 2 | 3 | 4
  /** A clause that names what is missing and what to do. */
  readonly text: string
}

/** The first step of the set-up that is missing; undefined if the instance is ready. */
export function missingStep(instance: ApplicationInstance, now: number): MissingStep | undefined {
  const name = `the application instance ${instance.userPrincipalName}`
  const sync = syncState(instance, now)
  if (sync === 'notSynced') return { step: 1, text: `${name} was never synced; sync it` }
  if (sync === 'syncing') return { step: 1, text: `${name} is still being synced; wait for the end of that` }
  const lacking = missingLicenses(instance).map((license) => licenseNames[license])
  if (lacking.length > 0) {
    return { step: 2, text: `${name} has no licence for ${lacking.join(' and ')}; assign it` }
  }
  const { phoneNumber = '' } = instance
  switch (assignmentState(instance, now)) {
    case 'none':
      return { step: 3, text: `${name} has no phone number; assign a service number to it, and sync it` }
    case 'pending':
      return { step: 4, text: `${name} was not synced since it got the number ${phoneNumber}; sync it again` }
    case 'syncing':
      return { step: 4, text: `the number ${phoneNumber} of ${name} is still being synced; wait for the end of that` }
    case 'assigned':
      return undefined
  }
}

/** Why none of these instances of an application is ready for calls with phones: what the furthest one lacks. */
export function missingForPhones(instances: readonly ApplicationInstance[], now: number): string | undefined {
  let furthest: MissingStep | undefined
  for (const instance of instances) {
    const missing = missingStep(instance, now)
    if (!missing) return undefined
    if (!furthest || missing.step > furthest.step) furthest = missing
  }
  return (
    furthest?.text ??
    'the application has no application instance with a phone number; give it one in the directory (applicationInstances)'
  )
}
