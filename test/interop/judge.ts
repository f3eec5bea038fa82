/**
 * Reads JSON with the models of Microsoft's own SDK and notes everything that those do not understand: members that they
 * do not declare, values that they drop, types that they resolve to something else. The walk is the models' own: each
 * model says which members it has and how each is read, so whatever is new on the wire is judged as well.
 */
import { JsonParseNode, JsonParseNodeFactory } from '@microsoft/kiota-serialization-json'
import type { AnyJson } from '../support/any-json.ts'

/** How a model of the SDK is made from JSON. */
export type ModelFactory = Parameters<JsonParseNode['getObjectValue']>[0]

/** One thing that a model did not understand. */
export interface Finding {
  /** `Type.member`, the same for every place where that member stands. */
  readonly member: string
  /** `Type.member=value`, when the member is declared and this value of it is not understood. */
  readonly value?: string
  /** Where, and what is wrong with it. */
  readonly text: string
}

/** What came of reading one body. */
export interface Judgement {
  readonly model: AnyJson
  readonly findings: readonly Finding[]
}

/** Types that the metadata calls abstract: an object that is read as one of them lost its type on the way. */
const ABSTRACT = new Set(['Entity', 'MediaConfig', 'MeetingInfo', 'CallOptions', 'CommsOperation', 'Prompt'])

/** Reads a body, given as the text that went over the wire. */
export function judge(text: string, factory: ModelFactory): Judgement {
  const findings: Finding[] = []
  const model = new JudgingNode(JSON.parse(text), 'body', 'body', findings).getObjectValue(factory)
  return { model, findings }
}

/** The same body as the SDK itself reads it, without anybody watching. */
export function readPlainly(text: string, factory: ModelFactory): AnyJson {
  const bytes = new TextEncoder().encode(text)
  return new JsonParseNodeFactory().getRootParseNode('application/json', bytes.buffer).getObjectValue(factory)
}

/** Every member that went into some `additionalData` of a model, at any depth, without OData's own. */
export function leftOver(model: unknown): string[] {
  if (typeof model !== 'object' || model === null) return []
  return Object.entries(model).flatMap(([name, value]) =>
    name === 'additionalData'
      ? Object.keys(value as object).filter((member) => !member.startsWith('@odata.'))
      : leftOver(value),
  )
}

/** The SDK's own node, which watches what the models make of it. */
class JudgingNode extends JsonParseNode {
  readonly #raw: AnyJson
  readonly #path: string
  /** The `Type.member` that this is the value of. */
  readonly #member: string
  readonly #findings: Finding[]

  constructor(raw: unknown, path: string, member: string, findings: Finding[]) {
    super(raw)
    this.#raw = raw
    this.#path = path
    this.#member = member
    this.#findings = findings
    this.getObjectValue = (factory) => this.#object(factory)
    this.getCollectionOfObjectValues = (factory) => this.#elements()?.map((node) => node.getObjectValue(factory))
    const enums = this.getCollectionOfEnumValues
    this.getCollectionOfEnumValues = <T>(type: unknown) => {
      const values = enums<T>(type)
      if (values.length !== this.#raw.length) this.#note(`${JSON.stringify(this.#raw)} has unknown values`)
      return values
    }
  }

  #object(factory: ModelFactory): AnyJson {
    const deserializer = factory(this)
    const type = deserializer.name.replace('deserializeInto', '')
    const model: Record<string, unknown> = {}
    const fields: Record<string, (node: JsonParseNode) => void> = deserializer(model)
    if (this.#raw === null) return model
    if (typeof this.#raw !== 'object' || Array.isArray(this.#raw)) {
      this.#note(`${JSON.stringify(this.#raw)} is read as a ${type}`)
      return model
    }
    this.#checkType(type)
    for (const [name, value] of Object.entries(this.#raw)) this.#read(type, name, value, model, fields[name])
    return model
  }

  #read(
    type: string,
    name: string,
    value: unknown,
    model: Record<string, unknown>,
    set: ((node: JsonParseNode) => void) | undefined,
  ): void {
    const node = new JudgingNode(value, `${this.#path}.${name}`, `${type}.${name}`, this.#findings)
    if (!set) {
      model['additionalData'] = { ...(model['additionalData'] as object | undefined), [name]: value }
      if (!name.startsWith('@odata.')) node.#note(`is not declared: ${JSON.stringify(value)}`)
      return
    }
    const before = understood(model)
    set(node)
    if (value === null || understood(model) !== before) return
    const text = JSON.stringify(value)
    node.#note(`${text} is not understood`, text)
  }

  #checkType(type: string): void {
    // Types of a namespace within Graph's are read by the name behind it.
    const declared: string | undefined = this.#raw['@odata.type']?.replace('graph.callRecords.', 'graph.')
    const read = `#microsoft.graph.${type[0]?.toLowerCase()}${type.slice(1)}`
    if (declared !== undefined && declared !== read) this.#note(`${declared} is read as ${read}`)
    else if (ABSTRACT.has(type)) this.#note(`it is read as ${type}, which is abstract`)
  }

  #elements(): JudgingNode[] | undefined {
    if (!Array.isArray(this.#raw)) return undefined
    return this.#raw.map((one, index) => new JudgingNode(one, `${this.#path}[${index}]`, this.#member, this.#findings))
  }

  #note(text: string, value?: string): void {
    const member = this.#member
    const which = value !== undefined && { value: `${member}=${value}` }
    this.#findings.push({ member, text: `${this.#path}: ${text}`, ...which })
  }
}

/** How many members of a model have a value. */
function understood(model: Record<string, unknown>): number {
  return Object.values(model).filter((value) => value !== undefined).length
}
