/** Writes a directory as YAML that `readDirectory` reads as the same directory. */
import { stringify } from 'yaml'
import type { Script } from '../endpoints/scripted/script.ts'
import { writeStep } from '../endpoints/scripted/steps.ts'
import { isoTime } from '../runtime.ts'
import { sealed } from './credentials.ts'
import type { Application, ApplicationInstance, Directory, PhoneNumber, Tenant, User } from './directory.ts'

/** The directory as the text of a directory file, secrets as hashes. */
export function writeDirectory(directory: Directory): string {
  return stringify(
    { defaults: { script: writeScript(directory.defaultScript) }, tenants: directory.tenants().map(writeTenant) },
    { lineWidth: 0, aliasDuplicateObjects: false },
  )
}

function writeTenant(tenant: Tenant): unknown {
  const { id, name, domains, users, phoneNumbers, applications, recordingPolicies } = tenant
  return {
    id,
    name,
    ...(domains.length > 0 && { domains }),
    users: users.map(writeUser),
    phoneNumbers: phoneNumbers.map(writeNumber),
    applications: applications.map(writeApplication),
    ...(recordingPolicies && { recordingPolicies }),
  }
}

function writeUser({ tenantId: _, script, ...user }: User): unknown {
  return { ...user, ...(script && { script: writeScript(script) }) }
}

function writeNumber({ tenantId: _, script, ...number }: PhoneNumber): unknown {
  return { ...number, ...(script && { script: writeScript(script) }) }
}

function writeApplication(entry: Application): unknown {
  const { tenantId: _, secrets: __, hashedSecrets = [], ...application } = sealed(entry)
  return {
    ...application,
    hashedSecrets,
    applicationInstances: application.applicationInstances.map(writeInstance),
  }
}

function writeInstance(instance: ApplicationInstance): unknown {
  const { id, displayName, userPrincipalName, licenses, syncedAt, phoneNumber, numberSyncedAt } = instance
  return {
    id,
    displayName,
    userPrincipalName,
    synced: writeMoment(syncedAt),
    licenses,
    ...(phoneNumber !== undefined && { phoneNumber, numberSynced: writeMoment(numberSyncedAt) }),
  }
}

/** Since ever, never, or since a moment. */
function writeMoment(at: number | undefined): boolean | string {
  return at === undefined ? false : at === 0 ? true : isoTime(at)
}

/** A script in its written form. */
function writeScript(script: Script): unknown {
  const after = (ms: number): { after: string } => ({ after: `${ms}ms` })
  switch (script.outcome) {
    case 'ignore':
      return { ignore: {} }
    case 'fail':
      return { fail: { reason: script.reason, ...after(script.afterMs) } }
    case 'answer':
    case 'voicemail': {
      const { outcome, afterMs, leaveAfterMs, lobby, steps } = script
      const admitAfter = lobby?.admitAfterMs
      return {
        [outcome]: {
          ...after(afterMs),
          ...(leaveAfterMs !== undefined && { leaveAfter: `${leaveAfterMs}ms` }),
          ...(lobby && { lobby: admitAfter === undefined ? true : { admitAfter: `${admitAfter}ms` } }),
          ...(steps && { steps: steps.map(writeStep) }),
        },
      }
    }
    default:
      return { [script.outcome]: after(script.afterMs) }
  }
}
