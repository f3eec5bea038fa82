/**
 * Holds what the server sends against its own `$metadata`: members that are not declared, values of another type. Every
 * request that a test makes as an application in today's versions is held against it, and every notification.
 */
import type { Metadata, MetadataVersion } from '../../src/graph/metadata/metadata.ts'
import { metadataOf } from '../../src/graph/metadata/metadata.ts'
import type { AnyJson } from './any-json.ts'

const MODELS = { 'v1.0': metadataOf('v1.0'), beta: metadataOf('beta') } as const

/** Members of open types that the contract documents as dynamic: `type.member`. */
const DYNAMIC = new Set([
  ...['applicationInstance', 'encrypted', 'guest', 'onPremises', 'phone'].map((name) => `identitySet.${name}`),
  ...['tenantId', 'identityProvider', 'applicationType', 'hidden'].map((name) => `identity.${name}`),
  ...['endpointType', 'id', 'region', 'languageId'].map((name) => `invitationParticipantInfo.${name}`),
  ...['resource', 'resourceData'].map((name) => `commsNotification.${name}`),
  'call.replacesContext',
  'call.applicationMetadata',
])

/** Elsewhere than in answers to an invite the status begins with a small letter. */
const ANY_CASE = new Set(['operationStatus'])

/** Collections that `@odata.context` names and that are not at the root. */
const BY_CONTEXT: Readonly<Record<string, string>> = {
  app: 'cloudCommunications',
  appRoleAssignments: 'appRoleAssignment',
}

/** What an answer has that its version's metadata does not, or has otherwise; without a context, beta's has everything. */
export function undeclaredIn(body: AnyJson): string[] {
  if (String(body?.['@odata.type']).startsWith('#rollcall.')) return []
  const context = String(body?.['@odata.context'] ?? '')
  const [, version, fragment = ''] = /\/(v1\.0|beta)\/\$metadata#(.*)$/.exec(context) ?? []
  if (version === undefined && typeNamed(body?.['@odata.type']) === undefined) return []
  const reading = new Reading((version ?? 'beta') as MetadataVersion)
  const type = typeNamed(body['@odata.type']) ?? reading.typeAt(fragment)
  if (type === undefined) return [`@odata.context names nothing of the metadata: ${context}`]
  const list = Array.isArray(body['value']) && !fragment.endsWith('$entity')
  if (!list) reading.structured(body, type, type)
  else for (const [index, item] of body['value'].entries()) reading.structured(item, type, `${type}[${index}]`)
  return reading.complaints
}

/** The same of the body of a notification of today's versions, of which beta's metadata has everything. */
export function undeclaredInNotifications(body: AnyJson): string[] {
  const reading = new Reading('beta')
  reading.structured(body, 'commsNotifications', 'commsNotifications')
  for (const { resourceData } of body['value']) {
    for (const item of Array.isArray(resourceData) ? resourceData : [resourceData]) {
      const type = typeNamed(item['@odata.type'])
      if (type === undefined) reading.complaints.push('resourceData has no @odata.type')
      else reading.structured(item, type, type)
    }
  }
  return reading.complaints
}

function typeNamed(text: unknown): string | undefined {
  return typeof text === 'string' ? text.replace(/^#microsoft\.graph\./, '') : undefined
}

class Reading {
  readonly complaints: string[] = []
  readonly #model: Metadata

  constructor(version: MetadataVersion) {
    this.#model = MODELS[version]
  }

  /** The type of what stands at the fragment of an `@odata.context`. */
  typeAt(fragment: string): string | undefined {
    const path = fragment
      .replace(/^Collection\((.*)\)$/, '$1')
      .replaceAll(/\('[^']*'\)|\(segments\(\)\)|\/\$entity$/g, '')
    const named = typeNamed(`#${path}`) ?? path
    if (this.#type(named)) return named
    const [first = '', ...rest] = path.split('/')
    let type: string | undefined = BY_CONTEXT[first] ?? this.#model.root[first]?.type
    for (const name of rest) type = this.#member(type ?? '', name)?.replaceAll(/[[\]!]/g, '')
    return type
  }

  structured(value: AnyJson, declared: string, path: string): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.complaints.push(`${path}: ${JSON.stringify(value)} is no ${declared}`)
      return
    }
    const type = typeNamed(value['@odata.type']) ?? declared
    if (!this.#lineage(type).includes(declared)) this.complaints.push(`${path}: ${type} is no ${declared}`)
    for (const [name, member] of Object.entries(value)) {
      // What is this server's own is asked for, and in nobody's metadata (docs/reference/extensions.md).
      if (name.includes('@') || name.startsWith('rollcall.')) continue
      const memberType = this.#member(type, name)
      if (memberType !== undefined) this.#value(member, memberType, `${path}.${name}`)
      else if (!this.#isDynamic(type, name)) this.complaints.push(`${path}.${name}: ${type} has no ${name}`)
      else this.structuredIfIdentity(type, member, `${path}.${name}`)
    }
  }

  /** Dynamic members of an identity set are identities like the declared ones. */
  structuredIfIdentity(type: string, member: unknown, path: string): void {
    if (type === 'identitySet' && member !== null) this.structured(member, 'identity', path)
  }

  #value(value: unknown, type: string, path: string): void {
    const [, collection] = /^\[(.*)\]/.exec(type) ?? []
    const single = (collection ?? type).replace('!', '')
    if (collection !== undefined && value !== null) {
      if (!Array.isArray(value)) this.complaints.push(`${path}: ${JSON.stringify(value)} is no collection`)
      else for (const [index, item] of value.entries()) this.#value(item, `${single}!`, `${path}[${index}]`)
      return
    }
    if (value === null) {
      if (type.endsWith('!')) this.complaints.push(`${path}: null is not allowed`)
      return
    }
    const choice = this.#model.enums.find(({ name }) => name === single)
    if (this.#type(single)) this.structured(value, single, path)
    else if (choice ? !isChoice(value, choice) : !isPrimitive(value, single)) {
      this.complaints.push(`${path}: ${JSON.stringify(value)} is no ${single}`)
    }
  }

  #type(name: string): Metadata['types'][number] | undefined {
    return this.#model.types.find((type) => type.name === name)
  }

  /** A type and those that it derives from. */
  #lineage(name: string): string[] {
    const type = this.#type(name)
    return type ? [name, ...(type.base === undefined ? [] : this.#lineage(type.base))] : []
  }

  #member(type: string, name: string): string | undefined {
    return this.#lineage(type)
      .map((one) => this.#type(one)?.properties[name] ?? this.#type(one)?.navigation?.[name])
      .find((one) => one !== undefined)
  }

  #isDynamic(type: string, name: string): boolean {
    return this.#lineage(type).some((one) => this.#type(one)?.open === true && DYNAMIC.has(`${one}.${name}`))
  }
}

function isChoice(value: unknown, { name, values }: Metadata['enums'][number]): boolean {
  const member = String(value)
  return Object.keys(values).some(
    (one) => one === member || (ANY_CASE.has(name) && one.toLowerCase() === member.toLowerCase()),
  )
}

function isPrimitive(value: unknown, type: string): boolean {
  switch (type) {
    case 'Boolean':
      return typeof value === 'boolean'
    case 'Int32':
    case 'Int64':
      return Number.isInteger(value)
    case 'Double':
    case 'Decimal':
      return typeof value === 'number'
    case 'DateTimeOffset':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(String(value))
    case 'Guid':
      return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(String(value))
    default:
      return typeof value === 'string'
  }
}
