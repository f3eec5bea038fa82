/** The data model that `$metadata` publishes: one table, and what each version has of it. */
import { operations } from './actions.ts'
import { callTypes } from './calls.ts'
import type { EnumType, Members, Operation, Row, StructuredType } from './model.ts'
import { entity } from './model.ts'
import { recordTypes } from './records.ts'
import { resourceTypes } from './resources.ts'

/** The versions that have a document of their own; older ones are served at the same addresses. */
export type MetadataVersion = 'v1.0' | 'beta'

/** What stands at the root: collections and single resources, by name, with their types. */
export type Root = Readonly<Record<string, { readonly kind: 'EntitySet' | 'Singleton'; readonly type: string }>>

/** One version of the data model: nothing in it depends on the version any more. */
export interface Metadata {
  readonly types: readonly (Omit<StructuredType, 'beta' | 'only'> & { readonly properties: Members })[]
  readonly enums: readonly { readonly name: string; readonly values: Readonly<Record<string, number>> }[]
  readonly operations: readonly (Omit<Operation, 'beta' | 'only'> & { readonly parameters: Members })[]
  readonly root: Root
}

const table: readonly Row[] = [
  { kind: 'entity', name: 'entity', abstract: true, properties: { id: 'String!' } },
  entity('cloudCommunications', {
    navigation: {
      adhocCalls: '[adhocCall]',
      callRecords: '[callRecords.callRecord]',
      calls: '[call]',
      onlineMeetings: '[onlineMeeting]',
    },
  }),
  entity('commsApplication', {
    navigation: { calls: '[call]', onlineMeetings: '[onlineMeeting]' },
    only: 'beta',
  }),
  ...callTypes,
  ...recordTypes,
  ...resourceTypes,
  ...operations,
]

const ROOT: Root = {
  applications: { kind: 'EntitySet', type: 'application' },
  servicePrincipals: { kind: 'EntitySet', type: 'servicePrincipal' },
  subscriptions: { kind: 'EntitySet', type: 'subscription' },
  users: { kind: 'EntitySet', type: 'user' },
  communications: { kind: 'Singleton', type: 'cloudCommunications' },
}

/** The data model of a version. */
export function metadataOf(version: MetadataVersion): Metadata {
  const isBeta = version === 'beta'
  const rows = table.filter(({ only }) => only === undefined || only === version)
  const own = (members: Members = {}, beta: Members = {}): Members => ({ ...members, ...(isBeta && beta) })
  return {
    types: rows.flatMap((row) =>
      row.kind === 'entity' || row.kind === 'complex' ? [{ ...row, properties: own(row.properties, row.beta) }] : [],
    ),
    enums: rows.flatMap((row) => (row.kind === 'enum' ? [{ name: row.name, values: valuesOf(row, isBeta) }] : [])),
    operations: rows.flatMap((row) =>
      row.kind === 'action' || row.kind === 'function' ? [{ ...row, parameters: own(row.parameters, row.beta) }] : [],
    ),
    root: { ...ROOT, ...(isBeta && { app: { kind: 'Singleton', type: 'commsApplication' } as const }) },
  }
}

function valuesOf({ members, beta = [] }: EnumType, isBeta: boolean): Record<string, number> {
  const values: Record<string, number> = {}
  let next = 0
  for (const member of members) {
    const [name = '', given] = member.split('=')
    const value = given === undefined ? next : Number(given)
    next = value + 1
    if (isBeta || !beta.includes(name)) values[name] = value
  }
  return values
}
