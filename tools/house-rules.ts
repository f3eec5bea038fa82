/** Every house rule, and the exceptions. `test/house.test.ts` checks that they are kept, and that each can fail. */
import { posix } from 'node:path'
import { type Exception, fileRule, type Rule, violation, type Violation } from './house-rule.ts'
import { extensions, noCircles, noDeadFiles, noFileCircles, packages, walls } from './import-walls.ts'
import { isProduct, type Node, type SourceFile, walk } from './source-file.ts'

/** Files that may break a rule, each with its reason. */
export const exceptions: readonly Exception[] = [
  {
    rule: 'nothing is of type any',
    path: 'test/support/any-json.ts',
    reason: 'tests look into bodies whose shape is what they test',
  },
]

const TIME = 'time comes from the Clock of src/runtime.ts, so that a test can hold it still'
const CHANCE = 'identifiers and chance come from the Ids of src/runtime.ts, so that a test can foresee them'

/** The only sources of time, chance and ids: the server's, and that of the pages. */
const RUNTIMES = ['src/runtime.ts', 'web/runtime.ts']

/** What the product may not use, with what to use instead, and the only files where it may stand. */
const banned: Readonly<Record<string, { readonly instead: string; readonly allowedIn: readonly string[] }>> = {
  'Date.now': { instead: `call clock.now(): ${TIME}`, allowedIn: RUNTIMES },
  'new Date()': { instead: `call clock.now(): ${TIME}`, allowedIn: RUNTIMES },
  'performance.now': { instead: `call clock.now(): ${TIME}`, allowedIn: RUNTIMES },
  setTimeout: { instead: `call clock.schedule(): ${TIME}`, allowedIn: RUNTIMES },
  setInterval: { instead: `call clock.schedule() again each time: ${TIME}`, allowedIn: RUNTIMES },
  'Math.random': { instead: CHANCE, allowedIn: RUNTIMES },
  randomUUID: { instead: `call ids.guid(): ${CHANCE}`, allowedIn: RUNTIMES },
  randomBytes: { instead: `call ids.secret(): ${CHANCE}`, allowedIn: RUNTIMES },
  randomInt: { instead: CHANCE, allowedIn: RUNTIMES },
  getRandomValues: { instead: `call ids.secret(): ${CHANCE}`, allowedIn: RUNTIMES },
  'process.env': { instead: 'take it from Config: every setting is an option', allowedIn: ['src/config.ts'] },
  console: {
    instead: 'take the Logger as a parameter: what is logged has a level and a form',
    allowedIn: ['src/program.ts'],
  },
}

const bans = fileRule('src takes time, chance, settings and the log as parameters', (file) => {
  if (file.isTest) return []
  const violations: Violation[] = []
  walk(file.program, (node, parent) => {
    const name = usedName(node, parent)
    const ban = name !== undefined && Object.hasOwn(banned, name) ? banned[name] : undefined
    if (!ban || ban.allowedIn.includes(file.path)) return
    violations.push(
      violation(file, node.start, `${name} may stand in ${ban.allowedIn.join(' and ')} alone: ${ban.instead}`),
    )
  })
  return violations
})

/** The name in `banned` that `node` may be a use of. */
function usedName(node: Node, parent: Node | undefined): string | undefined {
  switch (node.type) {
    case 'NewExpression':
      return isDate(node.callee) && node.arguments.length === 0 ? 'new Date()' : undefined
    case 'CallExpression':
      // Without `new` it gives now as well, whatever its arguments.
      return isDate(node.callee) ? 'new Date()' : undefined
    case 'ImportSpecifier': {
      const name = node.imported.type === 'Identifier' ? node.imported.name : node.imported.value
      return parent?.type === 'ImportDeclaration' && parent.source.value === 'node:process' ? `process.${name}` : name
    }
    case 'MemberExpression':
      return memberName(node)
    case 'Identifier':
      return isReference(node, parent) ? node.name : undefined
    default:
      return undefined
  }
}

function isDate(callee: Node): boolean {
  return callee.type === 'Identifier' && callee.name === 'Date'
}

/** `Date.now` by both its words; a global, or a function of a library whatever that is called here, by the last. */
function memberName(node: Node & { type: 'MemberExpression' }): string | undefined {
  const property = propertyName(node)
  const owner = node.object.type === 'Identifier' ? node.object.name : undefined
  const byLastWord = owner === 'globalThis' || owner === 'timers' || /^random[A-Z]/.test(property ?? '')
  return byLastWord || property === 'getRandomValues' ? property : `${owner}.${property}`
}

function propertyName(node: Node & { type: 'MemberExpression' }): string | undefined {
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : undefined
  return node.property.type === 'Literal' && typeof node.property.value === 'string' ? node.property.value : undefined
}

/** Whether an identifier stands for a value, and is not the name of a property, a type or an import. */
function isReference(node: Node, parent: Node | undefined): boolean {
  switch (parent?.type) {
    case 'MemberExpression':
      return parent.object === node || parent.computed
    case 'Property':
      return parent.value === node
    case 'PropertyDefinition':
      return parent.value === node
    case 'MethodDefinition':
    case 'TSPropertySignature':
    case 'TSMethodSignature':
    case 'TSTypeQuery':
    case 'TSQualifiedName':
    case 'ImportSpecifier':
      return false
    default:
      return true
  }
}

const MOST_LINES = 500
const MOST_FUNCTION_LINES = 70

const fileSize = fileRule(`a file of src has at most ${MOST_LINES} lines`, (file) => {
  const lines = file.text.trimEnd().split('\n').length
  if (!isProduct(file.path) || lines <= MOST_LINES) return []
  return [violation(file, 0, `${lines} lines: it holds more than one idea; give each its file`)]
})

const functionSize = fileRule(`a function of src has at most ${MOST_FUNCTION_LINES} lines`, (file) => {
  // The function around a group of tests is a heading, not a function.
  if (file.isTest) return []
  return findAll(file, (node) => {
    if (!['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(node.type)) return undefined
    const lines = file.text.slice(node.start, node.end).split('\n').length
    return lines > MOST_FUNCTION_LINES ? `${lines} lines: name its steps and make them functions` : undefined
  })
})

const namedExports = fileRule('exports have names', (file) =>
  findAll(file, (node) => {
    const isDefault =
      node.type === 'ExportDefaultDeclaration' ||
      (node.type === 'ExportSpecifier' && node.exported.type === 'Identifier' && node.exported.name === 'default')
    return isDefault ? 'give the export a name, so that it has the same one everywhere' : undefined
  }),
)

const noAny = fileRule('nothing is of type any', (file) =>
  findAll(file, (node) =>
    node.type === 'TSAnyKeyword' ? 'write the type, or `unknown` and find out what it is' : undefined,
  ),
)

const noIgnoring = fileRule('the type checker is not silenced', (file) =>
  file.comments
    .filter((comment) => /@ts-(ignore|nocheck)/.test(comment.value))
    .map((comment) => violation(file, comment.start, 'mend the type; a test may use @ts-expect-error with a reason')),
)

const noLooseEnds = fileRule('the tree describes what is, and not what is planned', (file) =>
  file.comments
    .filter((comment) => /\b(TODO|FIXME|XXX)\b/.test(comment.value))
    .map((comment) => violation(file, comment.start, 'do it now, or say what is so in a sentence, or open an issue')),
)

const fileNames = fileRule('file names are kebab-case', (file) =>
  /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|suite|bench))?\.tsx?$/.test(posix.basename(file.path))
    ? []
    : [violation(file, 0, 'write the name in small letters with hyphens')],
)

function findAll(file: SourceFile, complaint: (node: Node) => string | undefined): Violation[] {
  const violations: Violation[] = []
  walk(file.program, (node) => {
    const message = complaint(node)
    if (message !== undefined) violations.push(violation(file, node.start, message))
  })
  return violations
}

/** Every rule. */
export const rules: readonly Rule[] = [
  walls,
  noCircles,
  noFileCircles,
  packages,
  extensions,
  noDeadFiles,
  bans,
  fileSize,
  functionSize,
  fileNames,
  namedExports,
  noAny,
  noIgnoring,
  noLooseEnds,
]
