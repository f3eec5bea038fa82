/** People and applications whom somebody can call, by what they type. */
import type { Identity } from '../calls/identity.ts'
import type { Directory } from '../directory/directory.ts'
import type { Done } from '../endpoints/browser/protocol.ts'

type Found = NonNullable<Done['found']>[number]

/** Shown at once. */
const MOST = 20

/** Whom of their own tenant somebody finds whose name or address has a word that begins so; the first of them by name. */
export function lookFor(directory: Directory, { id, tenantId = '' }: Identity, text: string): readonly Found[] {
  const tenant = directory.tenant(tenantId)
  if (!tenant) return []
  const applications = tenant.applications
    .filter(({ notificationUrl }) => notificationUrl !== undefined)
    .map(({ appId, displayName, applicationInstances: [instance] }): Found => {
      const address = instance?.phoneNumber
      return { kind: 'application', id: appId, displayName, ...(address !== undefined && { address }) }
    })
  const users = tenant.users.map(({ id: userId, displayName, userPrincipalName }): Found => {
    return { kind: 'user', id: userId, displayName, address: userPrincipalName }
  })
  return [...applications, ...users]
    .filter(({ id: one, displayName, address = '' }) => one !== id && matches(`${displayName} ${address}`, text))
    .toSorted((one, other) => one.displayName.localeCompare(other.displayName))
    .slice(0, MOST)
}

function matches(words: string, text: string): boolean {
  const looked = text.toLowerCase()
  return words
    .toLowerCase()
    .split(/[\s@.]+/)
    .some((word) => word.startsWith(looked))
}
