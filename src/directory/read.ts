/**
 * Reads the directory file (YAML) and checks its rules. Every problem is found in one reading; a file with any problem
 * gives no directory, so what the product runs on has always passed every rule.
 */
import { parseScript, soundsOf, type Script } from '../endpoints/scripted/script.ts'
import { readCertificates } from './certificates.ts'
import { nearest, readYaml, type Cursor, type Fields, type Problem } from './cursor.ts'
import { Directory, licenses, phoneNumberKinds, profileKeys } from './directory.ts'
import type { Application, ApplicationInstance, HashedSecret, License } from './directory.ts'
import type { PhoneNumber, PhoneNumberKind, Profile, Tenant, User } from './directory.ts'
import { E164 } from '../calls/identity.ts'
import { UPN } from './formats.ts'
import type { Limits } from './limits.ts'
import { limitNames } from './limits.ts'
import { isAtHost, isHostEntry } from '../outbound/hosts.ts'
import { readGuid } from '../runtime.ts'
import { readRecordingPolicies } from './recording-policies.ts'
import { callingRoles, canonicalRole } from './roles.ts'

/** What `readDirectory` must know beside the text. */
export interface ReadOptions {
  /** The name that problems carry, usually the file's path. */
  readonly file: string
  /** The wire versions that an application may pin. */
  readonly wireVersions: readonly string[]
  /** What is wrong with a WAV file that a script says, as a clause; undefined if nothing is. */
  readonly checkSound?: (path: string) => string | undefined
}

/** A directory, or everything that is wrong with its file, in order of place. */
export type ReadDirectory = { ok: true; directory: Directory } | { ok: false; problems: readonly Problem[] }

/** Reads a directory from YAML; the keys are described in `docs/reference/directory.md`. */
export function readDirectory(text: string, options: ReadOptions): ReadDirectory {
  const read = readYaml(options.file, text, (root) => new Reading(options).directory(root))
  return read.ok ? { ok: true, directory: read.value } : read
}

const ROOT_KEYS = ['defaults', 'tenants'] as const
const TENANT_KEYS = ['id', 'name', 'domains', 'users', 'phoneNumbers', 'applications', 'recordingPolicies'] as const
const USER_KEYS = ['id', 'displayName', 'userPrincipalName', 'profile', 'script'] as const
const NUMBER_KEYS = ['number', 'kind', 'displayName', 'script'] as const
const APPLICATION_KEYS = [
  'appId',
  'displayName',
  'secret',
  'secrets',
  'hashedSecrets',
  'certificates',
  'notificationUrl',
  'allowedHosts',
  'roles',
  'wireVersion',
  'legacyHandshake',
  'removesParticipants',
  'meetingUsers',
  'limits',
  'applicationInstances',
] as const
const INSTANCE_KEYS = [
  'id',
  'displayName',
  'userPrincipalName',
  'synced',
  'licenses',
  'phoneNumber',
  'numberSynced',
] as const
const HASHED_SECRET_KEYS = ['keyId', 'displayName', 'hint', 'sha256', 'startDateTime', 'endDateTime'] as const

/** Names with a meaning of their own at the place of `{tenant}` in an address. */
const RESERVED_NAMES = ['common', 'organizations', 'consumers', 'v1', 'v1.0', 'beta']
const NAME = /^[a-z0-9][a-z0-9.-]*$/i
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
const DOMAIN = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i

/**
 * One reading of one file: what was claimed so far, for the rules that span entries. After a problem the walk goes on
 * with empty text in the place of the missing value; nobody sees it, because a file with a problem gives no directory.
 */
class Reading {
  readonly #wireVersions: readonly string[]
  readonly #file: string
  readonly #checkSound: ReadOptions['checkSound']
  /** Everything that must be unique, by its normalised text, with the path of whoever has it. */
  readonly #claims = new Map<string, string>()

  constructor({ wireVersions, file, checkSound }: ReadOptions) {
    this.#wireVersions = wireVersions
    this.#file = file
    this.#checkSound = checkSound
  }

  directory(root: Cursor): Directory {
    const fields = root.fields(ROOT_KEYS)
    const tenants = fields?.require('tenants')
    const items = listOf(tenants)
    if (tenants?.empty) tenants.problem('must list at least one tenant')
    const script = fields?.get('defaults')?.fields(['script'])?.get('script')
    return new Directory(
      items.map((item) => this.#tenant(item)),
      script && this.#script(script),
    )
  }

  #tenant(at: Cursor): Tenant {
    const fields = at.fields(TENANT_KEYS)
    const id = this.#id(fields?.require('id'))
    const name = this.#tenantName(fields?.require('name'))
    const domains = listOf(fields?.get('domains')).map((item) => this.#domain(item, name))
    // Numbers come before applications whatever the order of the file, because instances refer to them.
    const phoneNumbers = listOf(fields?.get('phoneNumbers')).map((item) => this.#phoneNumber(item, id))
    const users = listOf(fields?.get('users')).map((item) => this.#user(item, id))
    const applications = listOf(fields?.get('applications')).map((item) => this.#application(item, id, phoneNumbers))
    const policies = listOf(fields?.get('recordingPolicies'))
    return {
      id,
      name,
      domains,
      users,
      phoneNumbers,
      applications,
      ...(policies.length > 0 && { recordingPolicies: readRecordingPolicies(policies, { users, applications }) }),
    }
  }

  #tenantName(at: Cursor | undefined): string {
    const name = at?.text()
    if (name === undefined || !at) return ''
    if (!NAME.test(name))
      at.problem('must consist of letters, digits, dots and hyphens, because it stands in addresses')
    else if (RESERVED_NAMES.includes(name.toLowerCase()))
      at.problem(`"${name}" has a meaning of its own; choose another`)
    else this.#claim('tenant name or domain', name, at)
    return name
  }

  #domain(at: Cursor, tenantName: string): string {
    const domain = at.text()
    if (domain === undefined) return ''
    if (!DOMAIN.test(domain)) at.problem(`"${domain}" is not a domain name; write one such as contoso.example`)
    else if (domain.toLowerCase() !== tenantName.toLowerCase()) this.#claim('tenant name or domain', domain, at)
    return domain
  }

  #user(at: Cursor, tenantId: string): User {
    const fields = at.fields(USER_KEYS)
    const id = this.#id(fields?.require('id'))
    const displayName = fields?.require('displayName')?.text() ?? ''
    const userPrincipalName = this.#upn(fields?.require('userPrincipalName'))
    const profile = profileOf(fields?.get('profile'))
    return {
      tenantId,
      id,
      displayName,
      userPrincipalName,
      ...(profile && { profile }),
      ...this.#ownScript(fields?.get('script')),
    }
  }

  #phoneNumber(at: Cursor, tenantId: string): PhoneNumber {
    const fields = at.fields(NUMBER_KEYS)
    const numberAt = fields?.require('number')
    const number = e164(numberAt)
    if (number !== '' && numberAt) this.#claim('phone number', number, numberAt)
    const kind = oneOf<PhoneNumberKind>(fields?.require('kind'), phoneNumberKinds) ?? 'external'
    const displayName = fields?.get('displayName')?.text()
    const script = fields?.get('script')
    if (kind === 'service') {
      script?.problem('a service number rings its application; take the script away, or make the kind external')
    }
    return {
      tenantId,
      number,
      kind,
      ...(displayName !== undefined && { displayName }),
      ...this.#ownScript(script),
    }
  }

  #application(at: Cursor, tenantId: string, numbers: readonly PhoneNumber[]): Application {
    const fields = at.fields(APPLICATION_KEYS)
    const appId = this.#id(fields?.require('appId'))
    const displayName = fields?.require('displayName')?.text() ?? ''
    const allowedHosts = hostsIn(fields?.get('allowedHosts'))
    const notificationUrl = httpUrl(fields?.get('notificationUrl'), allowedHosts)
    const wireVersion = oneOf(fields?.get('wireVersion'), this.#wireVersions)
    const legacyHandshake = truth(fields?.get('legacyHandshake')) ?? false
    const removesParticipants = truth(fields?.get('removesParticipants')) ?? false
    const meetingUsers = usersOf(fields?.get('meetingUsers'))
    const limits = limitsIn(fields?.get('limits'))
    const instances = listOf(fields?.get('applicationInstances'))
    const hashedSecrets = listOf(fields?.get('hashedSecrets')).map(hashedSecret)
    const certificates = readCertificates(fields?.get('certificates'), this.#file)
    return {
      tenantId,
      appId,
      displayName,
      secrets: fields ? secretsOf(fields) : [],
      ...(hashedSecrets.length > 0 && { hashedSecrets }),
      ...(certificates.length > 0 && { certificates }),
      ...(notificationUrl !== undefined && { notificationUrl }),
      ...(allowedHosts && { allowedHosts }),
      roles: [...new Set(listOf(fields?.get('roles')).map(role))],
      ...(wireVersion !== undefined && { wireVersion }),
      ...(legacyHandshake && { legacyHandshake }),
      ...(removesParticipants && { removesParticipants }),
      ...(meetingUsers && { meetingUsers }),
      ...(limits && { limits }),
      applicationInstances: instances.map((item) => this.#instance(item, tenantId, appId, numbers)),
    }
  }

  #instance(at: Cursor, tenantId: string, appId: string, numbers: readonly PhoneNumber[]): ApplicationInstance {
    const fields = at.fields(INSTANCE_KEYS)
    const id = this.#id(fields?.require('id'))
    const displayName = fields?.require('displayName')?.text() ?? ''
    const userPrincipalName = this.#upn(fields?.require('userPrincipalName'))
    const numberAt = fields?.get('phoneNumber')
    const phoneNumber = e164(numberAt)
    if (phoneNumber !== '' && numberAt) this.#assign(phoneNumber, numberAt, numbers)
    const synced = moment(fields?.get('synced'), 0)
    const numberSynced = moment(fields?.get('numberSynced'), synced)
    const licensesAt = fields?.get('licenses')
    return {
      tenantId,
      appId,
      id,
      displayName,
      userPrincipalName,
      licenses: licensesAt ? listOf(licensesAt).flatMap(license) : licenses,
      ...(synced !== undefined && { syncedAt: synced }),
      ...(phoneNumber !== '' && { phoneNumber }),
      ...(phoneNumber !== '' && numberSynced !== undefined && { numberSyncedAt: numberSynced }),
    }
  }

  /** Gives a number to an instance: it must be the tenant's own, of kind service, and nobody else's. */
  #assign(number: string, at: Cursor, numbers: readonly PhoneNumber[]): void {
    const owned = numbers.find((each) => each.number === number)
    if (!owned) at.problem(`${number} is not among the tenant's phoneNumbers; add it there with kind: service`)
    else if (owned.kind !== 'service') {
      at.problem(`${number} is of kind ${owned.kind}; only a service number can belong to an application instance`)
    } else this.#claim('number of an application instance', number, at)
  }

  #id(at: Cursor | undefined): string {
    const text = at?.text()
    if (text === undefined || !at) return ''
    const id = readGuid(text)
    if (id === undefined) at.problem(`"${text}" is not a GUID; write 32 hexadecimal digits, with or without hyphens`)
    else this.#claim('id', id, at)
    return id ?? ''
  }

  #upn(at: Cursor | undefined): string {
    const name = at?.text()
    if (name === undefined || !at) return ''
    if (UPN.test(name)) this.#claim('userPrincipalName', name, at)
    else at.problem(`"${name}" is not a user principal name; write one such as user1@contoso.example`)
    return name
  }

  #claim(what: string, text: string, at: Cursor): void {
    const key = `${what} ${text.toLowerCase()}`
    const holder = this.#claims.get(key)
    if (holder === undefined) this.#claims.set(key, at.path)
    else at.problem(`the ${what} ${text} is taken by ${holder}; every ${what} must be different`)
  }

  #ownScript(at: Cursor | undefined): { script?: Script } {
    const script = at && this.#script(at)
    return script ? { script } : {}
  }

  #script(at: Cursor): Script | undefined {
    const parsed = parseScript(at.data())
    if (parsed.ok) {
      for (const path of soundsOf(parsed.script)) {
        const problem = this.#checkSound?.(path)
        if (problem !== undefined) at.problem(problem)
      }
      return parsed.script
    }
    for (const error of parsed.errors) at.problemAt(error.path, error.message)
    return undefined
  }
}

function listOf(at: Cursor | undefined): Cursor[] {
  return at?.items() ?? []
}

function e164(at: Cursor | undefined): string {
  const number = at?.text()
  if (number === undefined || !at) return ''
  if (E164.test(number)) return number
  at.problem(`"${number}" is not an E.164 number; write a plus sign and at most 15 digits, such as "+12065550100"`)
  return ''
}

function oneOf<Choice extends string>(at: Cursor | undefined, choices: readonly Choice[]): Choice | undefined {
  const text = at?.text()
  if (text === undefined || !at) return undefined
  const choice = choices.find((each) => each === text)
  if (!choice) at.problem(`"${text}" is not one of ${choices.join(', ')}`)
  return choice
}

function truth(at: Cursor | undefined): boolean | undefined {
  const choice = oneOf(at, ['true', 'false'])
  return choice === undefined ? undefined : choice === 'true'
}

/** A moment, or since ever, or never; `standard` if nothing is written. */
function moment(at: Cursor | undefined, standard: number | undefined): number | undefined {
  const text = at?.text()
  if (text === undefined || !at) return standard
  if (text === 'true' || text === 'false') return text === 'true' ? 0 : undefined
  if (!ISO_TIME.test(text) || Number.isNaN(Date.parse(text))) {
    at.problem(`"${text}" is not true, false or a moment such as 2026-01-31T09:00:00Z`)
  }
  return Date.parse(text)
}

function profileOf(at: Cursor | undefined): Profile | undefined {
  const fields = at?.fields(profileKeys)
  return (
    fields &&
    Object.fromEntries(profileKeys.flatMap((key) => (fields.get(key) ? [[key, fields.get(key)?.text()]] : [])))
  )
}

/** `all`, or a list of users by id or name. */
function usersOf(at: Cursor | undefined): 'all' | readonly string[] | undefined {
  if (!at) return undefined
  if (at.data() === 'all') return 'all'
  return listOf(at).map((item) => {
    const text = item.text() ?? ''
    if (readGuid(text) === undefined && !UPN.test(text)) item.problem(`"${text}" is neither a GUID nor a user name`)
    return readGuid(text) ?? text
  })
}

function limitsIn(at: Cursor | undefined): Limits | undefined {
  const fields = at?.fields(limitNames)
  return (
    fields &&
    Object.fromEntries(
      limitNames.flatMap((name) => {
        const place = fields.get(name)
        const text = place?.text()
        if (!place || text === undefined) return []
        if (!/^\d{1,9}$/.test(text)) place.problem(`"${text}" is not a whole number from 0 to 999999999`)
        return [[name, Number(text)]]
      }),
    )
  )
}

function hashedSecret(at: Cursor): HashedSecret {
  const fields = at.fields(HASHED_SECRET_KEYS)
  const text = (key: (typeof HASHED_SECRET_KEYS)[number]): string => fields?.require(key)?.text() ?? ''
  const displayName = fields?.get('displayName')?.text()
  const keyId = readGuid(text('keyId'))
  if (keyId === undefined) fields?.get('keyId')?.problem('must be a GUID')
  const times = (['startDateTime', 'endDateTime'] as const).flatMap((key) => {
    const at = fields?.get(key)
    moment(at, undefined)
    return at ? [[key, at.text() ?? '']] : []
  })
  return {
    keyId: keyId ?? '',
    ...(displayName !== undefined && { displayName }),
    hint: text('hint'),
    sha256: text('sha256'),
    ...Object.fromEntries(times),
  }
}

function license(at: Cursor): License[] {
  const choice = oneOf(at, licenses)
  return choice === undefined ? [] : [choice]
}

function hostsIn(at: Cursor | undefined): readonly string[] | undefined {
  return at?.items()?.map((item) => {
    const text = item.text() ?? ''
    if (isHostEntry(text)) return text
    item.problem(`"${text}" is no host; write one such as bot.example, *.bot.example or https://bot.example:8443`)
    return ''
  })
}

function httpUrl(at: Cursor | undefined, hosts: readonly string[] | undefined): string | undefined {
  const text = at?.text()
  if (text === undefined || !at) return undefined
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) {
    if (hosts && !isAtHost(new URL(text), hosts)) at.problem(`"${text}" is at none of the application's allowedHosts`)
    return text
  }
  at.problem(`"${text}" is not an http or https address; write one such as http://localhost:3978/api/calls`)
  return undefined
}

function role(at: Cursor): string {
  const text = at.text()
  if (text === undefined) return ''
  const known = canonicalRole(text)
  if (known !== undefined) return known
  const near = nearest(text, callingRoles)
  const help = near ? `did you mean ${near}?` : `the roles for calling are ${callingRoles.join(', ')}`
  at.problem(`"${text}" is not a known role; ${help}`)
  return ''
}

function secretsOf(fields: Fields<(typeof APPLICATION_KEYS)[number]>): string[] {
  const one = fields.get('secret')
  const many = fields.get('secrets')
  if (one && many) one.problem('has both secret and secrets; keep one of the two keys')
  if (!one && !many && !fields.get('hashedSecrets') && !fields.get('certificates')) {
    fields.at.problem('has no secret; add one, so that the application can get tokens')
  }
  const secrets = (one ? [one] : listOf(many)).map((item) => item.text() ?? '')
  if (!one && many && secrets.length === 0) many.problem('must list at least one secret')
  return secrets
}
