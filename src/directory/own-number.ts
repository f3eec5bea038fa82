/** Under which number applications have calls with phones. */
import type { Identity } from '../calls/identity.ts'
import type { Directory } from './directory.ts'

/**
 * The number of the first of these applications that has one: the one that it was called by, that of the instance that it
 * acts as, or that of any instance of its own.
 */
export function ownNumber(
  directory: Directory,
  applications: readonly { readonly identity?: Identity; readonly appId?: string }[],
): string | undefined {
  for (const { identity, appId } of applications) {
    if (identity?.kind === 'phone') return identity.id
    const named =
      identity?.kind === 'applicationInstance' ? directory.applicationInstance(identity.id)?.phoneNumber : undefined
    const instances = directory.application(appId ?? '')?.applicationInstances ?? []
    const number = named ?? instances.find(({ phoneNumber }) => phoneNumber !== undefined)?.phoneNumber
    if (number !== undefined) return number
  }
  return undefined
}
