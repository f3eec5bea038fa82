/**
 * Changes that were made to the directory while the server runs: entries and removals that lie over the file and win
 * over it, whatever the file says later.
 */
import type { Application, ApplicationInstance, PhoneNumber, Tenant, User } from './directory.ts'
import { Directory } from './directory.ts'

/** An application by itself; its instances are entries of their own. */
export type ApplicationEntry = Omit<Application, 'applicationInstances'>

/** One entry as it shall be; without `entry` it is removed. `id` is the id, app id or number by which the file has it. */
export type Change =
  | { readonly kind: 'user'; readonly id: string; readonly entry?: User }
  | { readonly kind: 'phoneNumber'; readonly id: string; readonly entry?: PhoneNumber }
  | { readonly kind: 'application'; readonly id: string; readonly entry?: ApplicationEntry }
  | { readonly kind: 'applicationInstance'; readonly id: string; readonly entry?: ApplicationInstance }

type Kind = Change['kind']
type EntryOf<K extends Kind> = NonNullable<Extract<Change, { kind: K }>['entry']>

/** The key under which a change is kept: a later one of the same entry takes its place. */
export function changeKey({ kind, id }: Change): string {
  return `${kind} ${id}`
}

/** The application without its instances. */
export function applicationEntry({ applicationInstances: _, ...entry }: Application): ApplicationEntry {
  return entry
}

/**
 * The directory that comes of a file and the changes over it. An entry of the file whose name or number a change has
 * given to another entry gives way; an instance loses a number that is no longer its own.
 */
export function applyChanges(file: Directory, changes: readonly Change[]): Directory {
  if (changes.length === 0) return file
  const overlay = new Overlay(changes)
  return new Directory(
    file.tenants().map((tenant) => overlay.tenant(tenant)),
    file.defaultScript,
  )
}

class Overlay {
  readonly #changes = new Map<string, Change>()
  /** Every key of a changed entry, in lower case, with the id of that entry. */
  readonly #claims = new Map<string, string>()

  constructor(changes: readonly Change[]) {
    for (const change of changes) {
      this.#changes.set(changeKey(change), change)
      for (const key of keysOf(change)) this.#claims.set(key.toLowerCase(), change.id)
    }
  }

  tenant(tenant: Tenant): Tenant {
    const phoneNumbers = this.#merge('phoneNumber', tenant.phoneNumbers, tenant.id)
    const services = new Set(phoneNumbers.flatMap(({ kind, number }) => (kind === 'service' ? [number] : [])))
    const instances = this.#merge(
      'applicationInstance',
      tenant.applications.flatMap(({ applicationInstances }) => applicationInstances),
      tenant.id,
    )
    const byApplication = Map.groupBy(
      instances.map((instance) => this.#withOwnNumber(instance, services)),
      ({ appId }) => appId,
    )
    const applications = this.#merge('application', tenant.applications.map(applicationEntry), tenant.id)
    return {
      ...tenant,
      phoneNumbers,
      users: this.#merge('user', tenant.users, tenant.id),
      applications: applications.map((application) => ({
        ...application,
        applicationInstances: byApplication.get(application.appId) ?? [],
      })),
    }
  }

  /** The file's entries of one kind, each changed, taken out or as it was; then those that the file has not. */
  #merge<K extends Kind>(kind: K, entries: readonly EntryOf<K>[], tenantId: string): EntryOf<K>[] {
    const merged: EntryOf<K>[] = []
    const seen = new Set<string>()
    for (const entry of entries) {
      const id = idOf(entry)
      seen.add(id)
      const change = this.#changes.get(`${kind} ${id}`)
      if (change) merged.push(...entryIn<K>(change, tenantId))
      else if (!this.#givesWay(id, entry)) merged.push(entry)
    }
    for (const change of this.#changes.values()) {
      if (change.kind === kind && !seen.has(change.id)) merged.push(...entryIn<K>(change, tenantId))
    }
    return merged
  }

  #givesWay(id: string, entry: object): boolean {
    const name = 'userPrincipalName' in entry ? String(entry.userPrincipalName).toLowerCase() : id
    return [id, name].some((key) => this.#claims.has(key))
  }

  #withOwnNumber(instance: ApplicationInstance, services: ReadonlySet<string>): ApplicationInstance {
    const { phoneNumber, numberSyncedAt: _, ...rest } = instance
    if (phoneNumber === undefined) return instance
    const holder = this.#claims.get(`number ${phoneNumber}`)
    return services.has(phoneNumber) && (holder === undefined || holder === instance.id) ? instance : rest
  }
}

/** What a changed entry claims for itself, so that no entry of the file may have it. */
function keysOf({ id, entry }: Change): string[] {
  if (!entry) return []
  const keys = [id]
  if ('userPrincipalName' in entry) keys.push(entry.userPrincipalName)
  if ('phoneNumber' in entry && entry.phoneNumber !== undefined) keys.push(`number ${entry.phoneNumber}`)
  return keys
}

function entryIn<K extends Kind>({ entry }: Change, tenantId: string): EntryOf<K>[] {
  return entry?.tenantId === tenantId ? [entry as EntryOf<K>] : []
}

function idOf(entry: object): string {
  for (const key of ['id', 'number', 'appId']) {
    const value = (entry as Record<string, unknown>)[key]
    if (typeof value === 'string') return value
  }
  return ''
}
