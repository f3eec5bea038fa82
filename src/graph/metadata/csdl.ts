/** The data model as OData writes it: CSDL 4.0, in XML. */
import type { Metadata } from './metadata.ts'
import type { Members, TypeName } from './model.ts'

const NAMESPACE = 'microsoft.graph'

/** The primitive types of OData begin with a capital; Graph's own do not. */
const PRIMITIVE = /^[A-Z]/

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** Writes a data model as an XML document. */
export function writeCsdl(metadata: Metadata): string {
  const namespaces = new Set(['', ...metadata.types.map(({ name }) => namespaceOf(name))])
  const schemas = [...namespaces].map((namespace) => writeSchema(metadata, namespace))
  const services = tag('edmx:DataServices', {}, schemas)
  const attributes = { Version: '4.0', 'xmlns:edmx': 'http://docs.oasis-open.org/odata/ns/edmx' }
  return `<?xml version="1.0" encoding="utf-8"?>\n${tag('edmx:Edmx', attributes, [services])}\n`
}

/** What stands between `microsoft.graph` and a name: `callRecords`, or nothing. */
function namespaceOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('.')))
}

function writeSchema({ types, enums, operations, root }: Metadata, namespace: string): string {
  const isHere = ({ name }: { readonly name: string }): boolean => namespaceOf(name) === namespace
  const attributes = {
    Namespace: namespace === '' ? NAMESPACE : `${NAMESPACE}.${namespace}`,
    xmlns: 'http://docs.oasis-open.org/odata/ns/edm',
  }
  return tag('Schema', attributes, [
    ...enums.filter(isHere).map(writeEnum),
    ...types.filter(isHere).map(writeType),
    ...operations.filter(isHere).map(writeOperation),
    ...(namespace === '' ? [writeContainer(root)] : []),
  ])
}

function writeEnum({ name, values }: Metadata['enums'][number]): string {
  const members = Object.entries(values).map(([member, value]) => tag('Member', { Name: member, Value: value }))
  return tag('EnumType', { Name: localName(name) }, members)
}

function writeType({ kind, name, base, abstract, open, properties, navigation }: Metadata['types'][number]): string {
  const attributes = {
    Name: localName(name),
    BaseType: base === undefined ? undefined : `${NAMESPACE}.${base}`,
    Abstract: abstract,
    OpenType: open,
  }
  const isRoot = kind === 'entity' && base === undefined
  return tag(kind === 'entity' ? 'EntityType' : 'ComplexType', attributes, [
    ...(isRoot ? [tag('Key', {}, [tag('PropertyRef', { Name: 'id' })])] : []),
    ...members('Property', properties),
    ...members('NavigationProperty', navigation, { ContainsTarget: true }),
  ])
}

function writeOperation({ kind, name, boundTo, parameters, returns }: Metadata['operations'][number]): string {
  return tag(kind === 'action' ? 'Action' : 'Function', { Name: localName(name), IsBound: true }, [
    tag('Parameter', { Name: 'bindingParameter', ...typeAttributes(boundTo) }),
    ...members('Parameter', parameters),
    ...(returns === undefined ? [] : [tag('ReturnType', typeAttributes(returns))]),
  ])
}

function writeContainer(root: Metadata['root']): string {
  const rows = Object.entries(root).map(([name, { kind, type }]) =>
    tag(kind, { Name: name, [kind === 'EntitySet' ? 'EntityType' : 'Type']: `${NAMESPACE}.${type}` }),
  )
  return tag('EntityContainer', { Name: 'GraphService' }, rows)
}

function members(element: string, all: Members = {}, more: Attributes = {}): string[] {
  return Object.entries(all).map(([name, type]) => tag(element, { Name: name, ...typeAttributes(type), ...more }))
}

function typeAttributes(type: TypeName): Attributes {
  const [, collection, single, strict] = /^(?:\[([^\]]+)\]|([^!]+))(!?)$/.exec(type) ?? []
  const name = collection ?? single ?? type
  const full = PRIMITIVE.test(name) ? `Edm.${name}` : `${NAMESPACE}.${name}`
  return {
    Type: collection === undefined ? full : `Collection(${full})`,
    Nullable: strict === '!' ? false : undefined,
  }
}

function localName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

function tag(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined || (value === false && key !== 'Nullable') ? [] : [` ${key}="${escaped(String(value))}"`],
  )
  const opening = `<${name}${written.join('')}`
  if (children.length === 0) return `${opening} />`
  const inner = children.map((child) => child.replaceAll(/^/gm, '  ')).join('\n')
  return `${opening}>\n${inner}\n</${name}>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
