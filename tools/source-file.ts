/** Source files as the house rules see them. */
import { globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { type Comment, type Node, parseSync, visitorKeys } from 'oxc-parser'

export type { Node } from 'oxc-parser'

/** An import or a re-export of another module, of types or of values. */
export interface Import {
  readonly specifier: string
  /** For a relative import, the path from the project's folder; else undefined. */
  readonly target: string | undefined
  /** Whether nothing of it is left when the program runs: `import type`. */
  readonly typesOnly: boolean
  /** Where it stands, as an offset in the text. */
  readonly start: number
}

/** A parsed TypeScript file. */
export interface SourceFile {
  /** From the project's folder, with `/`. */
  readonly path: string
  readonly text: string
  readonly program: Node
  readonly comments: readonly Comment[]
  readonly imports: readonly Import[]
  /** Tests and suites beside the code: they may do what the product may not. */
  readonly isTest: boolean
}

/** Reads every TypeScript file of the project. */
export function readSources(): SourceFile[] {
  const paths = globSync(['{src,test,tools,examples,bench}/**/*.ts', 'web/**/*.{ts,tsx}'], {
    exclude: ['**/node_modules/**', 'web/built*/**'],
  })
  return paths.sort().map((path) => parseSource(path.replaceAll('\\', '/'), readFileSync(path, 'utf8')))
}

/**
 * Parses one file.
 * @throws Error if the text is not TypeScript
 */
export function parseSource(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text, { lang: path.endsWith('.tsx') ? 'tsx' : 'ts' })
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`)
  const isTest = !isProduct(path) || /\.(test|suite)\.ts$/.test(path)
  return { path, text, program, comments, imports: importsOf(path, program), isTest }
}

/** Whether a path is of what the product is made of: the server, or a page. */
export function isProduct(path: string): boolean {
  return path.startsWith('src/') || path.startsWith('web/')
}

/** Calls `visit` for `node` and everything below it, parents first. */
export function walk(node: Node, visit: (node: Node, parent: Node | undefined) => void, parent?: Node): void {
  visit(node, parent)
  const fields = node as unknown as Readonly<Record<string, unknown>>
  for (const key of visitorKeys[node.type] ?? []) {
    const value = fields[key]
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value])
      if (isNode(child)) walk(child, visit, node)
  }
}

/** The line of an offset, from 1. */
export function lineAt(file: SourceFile, offset: number): number {
  return file.text.slice(0, offset).split('\n').length
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}

function importsOf(path: string, program: Node): Import[] {
  const imports: Import[] = []
  walk(program, (node) => {
    const source = sourceOf(node)
    if (source?.type !== 'Literal' || typeof source.value !== 'string') return
    const specifier = source.value
    const target = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined
    imports.push({ specifier, target, typesOnly: isOfTypes(node), start: node.start })
  })
  return imports
}

function isOfTypes(node: Node): boolean {
  if (node.type === 'ImportDeclaration') return node.importKind === 'type'
  if (node.type === 'ExportNamedDeclaration' || node.type === 'ExportAllDeclaration') return node.exportKind === 'type'
  return node.type === 'TSImportType'
}

/** What `node` imports from, if it is any kind of import: static, dynamic, a re-export, or of a type in passing. */
function sourceOf(node: Node): Node | null {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return node.source
    default:
      return null
  }
}
