/**
 * How the table of `$metadata` is written: types with their members, actions and functions. Only what the server reads or
 * writes is in it; a property that the answers do not have is not declared either.
 */

/**
 * The type of a member: a primitive (`String`, `Int32`), a type of `microsoft.graph` (`call`, `callRecords.session`), either
 * in brackets for a collection (`[call]`), and with `!` where null is not allowed.
 */
export type TypeName = string

/** Members and their types, in the order of the document. */
export type Members = Readonly<Record<string, TypeName>>

/** What only one version has. */
interface Versioned {
  readonly only?: 'v1.0' | 'beta'
}

/** An entity type or a complex type. Names are those below `microsoft.graph`. */
export interface StructuredType extends Versioned {
  readonly kind: 'entity' | 'complex'
  readonly name: string
  /** `entity` for entity types that do not say. */
  readonly base?: string
  readonly abstract?: boolean
  /** Whether objects may have members that are not declared. */
  readonly open?: boolean
  readonly properties?: Members
  /** Properties that only beta has. */
  readonly beta?: Members
  /** Contained resources: those that stand below this one. */
  readonly navigation?: Members
}

/** An enumeration: its members count from 0, `name=5` goes on from there. */
export interface EnumType extends Versioned {
  readonly kind: 'enum'
  readonly name: string
  readonly members: readonly string[]
  /** Those among the members that only beta has. */
  readonly beta?: readonly string[]
}

/** An action or function of a resource or of a collection. */
export interface Operation extends Versioned {
  readonly kind: 'action' | 'function'
  readonly name: string
  readonly boundTo: TypeName
  readonly parameters?: Members
  /** Parameters that only beta has. */
  readonly beta?: Members
  readonly returns?: TypeName
}

/** A row of the table. */
export type Row = StructuredType | EnumType | Operation

type Details<Type> = Omit<Type, 'kind' | 'name'>

/** An entity type: it has an id, and an address. */
export function entity(name: string, details: Details<StructuredType> = {}): StructuredType {
  return { kind: 'entity', name, base: 'entity', ...details }
}

/** A complex type: a value within an entity or a body. */
export function complex(name: string, properties: Members = {}, details: Details<StructuredType> = {}): StructuredType {
  return { kind: 'complex', name, properties, ...details }
}

/** An enumeration. */
export function choice(name: string, members: readonly string[], details: Partial<EnumType> = {}): EnumType {
  return { kind: 'enum', name, members, ...details }
}

/** An action. */
export function action(
  name: string,
  boundTo: TypeName,
  parameters: Members = {},
  details: Partial<Operation> = {},
): Operation {
  return { kind: 'action', name, boundTo, parameters, ...details }
}
