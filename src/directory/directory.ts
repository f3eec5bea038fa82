/**
 * Who exists: tenants, their users, phone numbers and applications. A directory never changes; editing the file makes a
 * new one (see `live.ts`), so whoever holds one sees a consistent picture for as long as they need it.
 */
import type { Limits } from './limits.ts'
import { defaultScript as builtInScript, type Script } from '../endpoints/scripted/script.ts'
import { readGuid } from '../runtime.ts'

/** An organisation: the border across which calling permissions do not reach. */
export interface Tenant {
  readonly id: string
  /** Stands for the tenant in token addresses, as its domains do. */
  readonly name: string
  readonly domains: readonly string[]
  readonly users: readonly User[]
  readonly phoneNumbers: readonly PhoneNumber[]
  readonly applications: readonly Application[]
  readonly recordingPolicies?: readonly RecordingPolicy[]
}

/** What a recording policy can insist on, each by the name that administrators of Teams know. */
export const recordingRequirements = [
  'requiredBeforeMeetingJoin',
  'requiredDuringMeeting',
  'requiredBeforeCallEstablishment',
  'requiredDuringCall',
] as const

/** An application that records by policy, and what the policy insists on. */
export type PolicyRecorder = { readonly appId: string } & {
  readonly [Name in (typeof recordingRequirements)[number]]: boolean
}

/** Whose calls and meetings are recorded, and by which applications. */
export interface RecordingPolicy {
  readonly name: string
  /** Ids of the tenant's users. */
  readonly users: readonly string[]
  readonly applications: readonly PolicyRecorder[]
}

/** Properties of Graph's `user` that the directory keeps and nothing here depends on. */
export const profileKeys = [
  'givenName',
  'surname',
  'mail',
  'mailNickname',
  'jobTitle',
  'department',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'usageLocation',
] as const

/** What is known of a user beside what calling needs. */
export type Profile = { readonly [Key in (typeof profileKeys)[number]]?: string }

/** Somebody who can be called by id or user principal name. */
export interface User {
  readonly tenantId: string
  readonly id: string
  readonly displayName: string
  readonly userPrincipalName: string
  /** Further properties of Graph's `user`, by the names of `profileKeys`. */
  readonly profile?: Profile
  /** What they do when rung, if the directory says; otherwise the directory's `defaultScript`. */
  readonly script?: Script
}

/** `service` numbers can be given to application instances; `user` numbers cannot; `external` ones are outside. */
export const phoneNumberKinds = ['service', 'user', 'external'] as const

/** What sort of number it is. */
export type PhoneNumberKind = (typeof phoneNumberKinds)[number]

/** A number that the tenant owns, or an outside phone that tests can call. */
export interface PhoneNumber {
  readonly tenantId: string
  /** In E.164 form: `+12065550100`. */
  readonly number: string
  readonly kind: PhoneNumberKind
  readonly displayName?: string
  /** What happens when it is rung, if the directory says; otherwise the directory's `defaultScript`. */
  readonly script?: Script
}

/** A client secret of which only the hash is kept. */
export interface HashedSecret {
  readonly keyId: string
  readonly displayName?: string
  /** Its first three characters. */
  readonly hint: string
  /** SHA-256 of the secret, in base64. */
  readonly sha256: string
  /** In ISO 8601; without one it holds since ever. */
  readonly startDateTime?: string
  /** In ISO 8601; without one it holds for ever. */
  readonly endDateTime?: string
}

/** A registered bot. */
export interface Application {
  readonly tenantId: string
  readonly appId: string
  readonly displayName: string
  /** Any of these is accepted as the client secret, so that a secret can be changed without a gap. */
  readonly secrets: readonly string[]
  /** Certificates (PEM), any of whose keys may sign client assertions. */
  readonly certificates?: readonly string[]
  /** Secrets that were made while the server ran; accepted, too. */
  readonly hashedSecrets?: readonly HashedSecret[]
  /** Where incoming calls are announced; without it the application cannot be called. */
  readonly notificationUrl?: string
  /** The hosts that it may name in callbacks, webhooks and prompts; any without it. See `outbound/hosts.ts`. */
  readonly allowedHosts?: readonly string[]
  /** Granted permissions, in the spelling of `canonicalRole`. */
  readonly roles: readonly string[]
  /** The wire version that the application pins, if it does. */
  readonly wireVersion?: string
  /** What it may ask for at most, where that differs from what the server says of all. */
  readonly limits?: Limits
  /** Whether 204 to the announcement of an incoming call asks for it once more, as bots of the older protocol do. */
  readonly legacyHandshake?: boolean
  /** Whether its tenant lets it put participants out of calls (contract: participant: delete). */
  readonly removesParticipants?: boolean
  /** Whose online meetings it may make and read: everybody's, or those of users by id or name. See `meeting-access.ts`. */
  readonly meetingUsers?: 'all' | readonly string[]
  readonly applicationInstances: readonly ApplicationInstance[]
}

/** What an instance needs beside a number before it can have calls with phones. */
export const licenses = ['phoneSystemVirtualUser', 'callingPlan'] as const

/** A licence of an application instance. */
export type License = (typeof licenses)[number]

/**
 * A resource account: the identity under which an application has a phone number. `provisioning.ts` says how far its
 * set-up is; moments are milliseconds since the Unix epoch on the product's clock.
 */
export interface ApplicationInstance {
  readonly tenantId: string
  readonly appId: string
  readonly id: string
  readonly displayName: string
  readonly userPrincipalName: string
  readonly licenses: readonly License[]
  /** When calling learns, or learnt, of the instance; absent before its first sync. */
  readonly syncedAt?: number
  readonly phoneNumber?: string
  /** When calling learns, or learnt, that it has the number; absent before the sync after the assignment. */
  readonly numberSyncedAt?: number
}

/** What `Directory.find` came upon. */
export type DirectoryEntry =
  | { readonly kind: 'user'; readonly user: User }
  | { readonly kind: 'application'; readonly application: Application }
  | { readonly kind: 'applicationInstance'; readonly applicationInstance: ApplicationInstance }
  | { readonly kind: 'phoneNumber'; readonly phoneNumber: PhoneNumber }

/**
 * Lookups over one state of the directory, each by hash. Ids are found hyphenated or not, and ids and names in either
 * case. Two entries with the same key are a mistake that `readDirectory` refuses; here the later one is found.
 */
export class Directory {
  /** What people and phones do that have no script of their own. */
  readonly defaultScript: Script
  readonly #tenants: readonly Tenant[]
  readonly #tenantByKey = new Map<string, Tenant>()
  readonly #entryByKey = new Map<string, DirectoryEntry>()
  readonly #instanceByNumber = new Map<string, ApplicationInstance>()
  readonly #policyByUser = new Map<string, RecordingPolicy>()

  constructor(tenants: readonly Tenant[], defaultScript: Script = builtInScript) {
    this.#tenants = tenants
    this.defaultScript = defaultScript
    for (const tenant of tenants) this.#index(tenant)
  }

  /** Every tenant, in the order of the file. */
  tenants(): readonly Tenant[] {
    return this.#tenants
  }

  /** The tenant with this id, name or domain. */
  tenant(idOrNameOrDomain: string): Tenant | undefined {
    return this.#tenantByKey.get(keyOf(idOrNameOrDomain))
  }

  /** The user with this id or user principal name. */
  user(idOrUpn: string): User | undefined {
    const entry = this.find(idOrUpn)
    return entry?.kind === 'user' ? entry.user : undefined
  }

  /** The application with this app id. */
  application(appId: string): Application | undefined {
    const entry = this.find(appId)
    return entry?.kind === 'application' ? entry.application : undefined
  }

  /** The application instance with this object id or user principal name. */
  applicationInstance(idOrUpn: string): ApplicationInstance | undefined {
    const entry = this.find(idOrUpn)
    return entry?.kind === 'applicationInstance' ? entry.applicationInstance : undefined
  }

  /** The phone number, which must be in E.164 form. */
  phoneNumber(number: string): PhoneNumber | undefined {
    const entry = this.find(number)
    return entry?.kind === 'phoneNumber' ? entry.phoneNumber : undefined
  }

  /** The application instance to which a number is assigned, whether calling knows of it already or not. */
  instanceOfNumber(number: string): ApplicationInstance | undefined {
    return this.#instanceByNumber.get(number)
  }

  /** The recording policy that applies to a user, by their id. */
  recordingPolicyOf(userId: string): RecordingPolicy | undefined {
    return this.#policyByUser.get(userId)
  }

  /** The application that is reached by calling `number`, and the instance that holds the number. */
  applicationOfNumber(
    number: string,
  ): { readonly application: Application; readonly applicationInstance: ApplicationInstance } | undefined {
    const applicationInstance = this.#instanceByNumber.get(number)
    const application = applicationInstance && this.application(applicationInstance.appId)
    return application && { application, applicationInstance }
  }

  /** Whoever is meant by a user id, user principal name, app id, application instance id or E.164 number. */
  find(text: string): DirectoryEntry | undefined {
    return this.#entryByKey.get(keyOf(text))
  }

  #index(tenant: Tenant): void {
    for (const key of [tenant.id, tenant.name, ...tenant.domains]) this.#tenantByKey.set(keyOf(key), tenant)
    for (const user of tenant.users) this.#enter([user.id, user.userPrincipalName], { kind: 'user', user })
    for (const phoneNumber of tenant.phoneNumbers) {
      this.#enter([phoneNumber.number], { kind: 'phoneNumber', phoneNumber })
    }
    for (const policy of tenant.recordingPolicies ?? []) {
      for (const id of policy.users) this.#policyByUser.set(id, policy)
    }
    for (const application of tenant.applications) {
      this.#enter([application.appId], { kind: 'application', application })
      for (const instance of application.applicationInstances) this.#indexInstance(instance)
    }
  }

  #indexInstance(applicationInstance: ApplicationInstance): void {
    const { id, userPrincipalName, phoneNumber } = applicationInstance
    this.#enter([id, userPrincipalName], { kind: 'applicationInstance', applicationInstance })
    if (phoneNumber !== undefined) this.#instanceByNumber.set(phoneNumber, applicationInstance)
  }

  #enter(keys: readonly string[], entry: DirectoryEntry): void {
    for (const key of keys) this.#entryByKey.set(keyOf(key), entry)
  }
}

function keyOf(text: string): string {
  return readGuid(text) ?? text.toLowerCase()
}
