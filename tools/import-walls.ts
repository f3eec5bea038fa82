/** The house rules about imports. Their data is in `import-rules.ts`. */
import { isBuiltin } from 'node:module'
import manifest from '../package.json' with { type: 'json' }
import { fileRule, type Rule, violation, type Violation } from './house-rule.ts'
import { circles, type Module, modules, topModules } from './import-rules.ts'
import { type Import, isProduct, type SourceFile } from './source-file.ts'

const REMEDY = 'Pass what you need as a parameter, move the code, or change tools/import-rules.ts on purpose'

/** Which module may import which. */
export const walls = fileRule('a module imports only what tools/import-rules.ts allows it', (file) => {
  // Tests stand beside the code and may use all of it.
  if (file.isTest) return []
  const importer = moduleOf(file.path)
  if (!importer) return [violation(file, 0, 'no module of tools/import-rules.ts has this file: give it one')]
  return file.imports.flatMap((found) => {
    const complaint = complaintAbout(importer, found)
    return complaint === undefined ? [] : [violation(file, found.start, complaint)]
  })
})

function complaintAbout(importer: Module, found: Import): string | undefined {
  const { specifier, target } = found
  if (target === undefined) {
    if (isBuiltin(specifier)) {
      if (!importer.node) return `${importer.name} may not import ${specifier}: it has no input and output. ${REMEDY}`
    } else if (!importer.packages) return `${importer.name} may not import the package ${specifier}. ${REMEDY}`
    return undefined
  }
  if (target === 'package.json') return undefined
  if (!isProduct(target)) return `${folderOf(importer)} may not import ${target}: what the product needs belongs to it`
  const imported = moduleOf(target)
  if (!imported) return `no module of tools/import-rules.ts has ${target}: give it one`
  if (imported === importer) return undefined
  const above = topModules[imported.name]
  if (above && !above.includes(importer.name))
    return `nobody may import ${target}: it puts everything together. ${REMEDY}`
  const { may } = importer
  if (may === 'everything' || may.includes(imported.name) || may.includes(target)) return undefined
  if (found.typesOnly && importer.types?.includes(target)) return undefined
  const allowed = may.length > 0 ? may.join(', ') : 'nothing but itself'
  return `${importer.name} may not import ${target} (${imported.name}); it may import ${allowed}. ${REMEDY}`
}

function folderOf({ paths }: Module): string {
  return paths[0]?.split('/')[0] ?? ''
}

function moduleOf(path: string): Module | undefined {
  const length = (module: Module): number =>
    Math.max(
      0,
      ...module.paths.filter((own) => path === own || (own.endsWith('/') && path.startsWith(own))).map(sizeOf),
    )
  const best = modules.map((module) => ({ module, length: length(module) })).sort((a, b) => b.length - a.length)[0]
  return best && best.length > 0 ? best.module : undefined
}

function sizeOf(text: string): number {
  return text.length
}

/** Modules import each other in circles only where that is declared. */
export const noCircles: Rule = {
  name: 'modules import each other in no circle that is not declared',
  check(files) {
    const edges = moduleImports(files)
    const reach = new Map(
      [...edges.keys()].map((name) => [name, reachable(name, (from) => edges.get(from)?.keys() ?? [])]),
    )
    const violations: Violation[] = []
    for (const [from, imports] of edges) {
      for (const [to, where] of imports) {
        const declared = circles.some((circle) => circle.includes(from) && circle.includes(to))
        if (declared || !reach.get(to)?.has(from)) continue
        violations.push({ ...where, message: `${from} imports ${to}, which leads back to ${from}. ${REMEDY}` })
      }
    }
    return violations
  },
}

/** Files of one module go one way, too, types included: whoever reads one can begin with what it stands on. */
export const noFileCircles: Rule = {
  name: 'files import each other in no circle',
  check(files) {
    const imports = new Map(
      files.map((file) => [file.path, new Set(file.imports.flatMap(({ target }) => target ?? []))] as const),
    )
    const leadsTo = new Map(
      files.map(({ path }) => [path, reachable(path, (from) => imports.get(from) ?? [])] as const),
    )
    return files.flatMap((file) =>
      file.imports.flatMap(({ target, start }) =>
        target === undefined || !leadsTo.get(target)?.has(file.path)
          ? []
          : [violation(file, start, `${file.path} imports ${target}, which leads back to it. ${REMEDY}`)],
      ),
    )
  },
}

/** For each module, the other modules that it imports, each with the first place. */
function moduleImports(files: readonly SourceFile[]): Map<string, Map<string, Violation>> {
  const edges = new Map<string, Map<string, Violation>>(modules.map((module) => [module.name, new Map()]))
  for (const file of files.filter((each) => !each.isTest)) {
    const from = moduleOf(file.path)
    for (const found of file.imports) {
      const to = found.target === undefined ? undefined : moduleOf(found.target)
      const imports = from && edges.get(from.name)
      if (to && imports && to !== from && !imports.has(to.name)) imports.set(to.name, violation(file, found.start, ''))
    }
  }
  return edges
}

/** Everything that can be reached from `start` in one step or more. */
function reachable(start: string, next: (from: string) => Iterable<string>): Set<string> {
  const found = new Set<string>()
  const waiting = [start]
  for (let from = waiting.pop(); from !== undefined; from = waiting.pop()) {
    for (const to of next(from)) {
      if (found.has(to)) continue
      found.add(to)
      waiting.push(to)
    }
  }
  return found
}

/** Node.js runs the files as they stand, so an import must name the file. */
export const extensions = fileRule('a relative import names its .ts file', (file) =>
  file.imports
    .filter(({ target }) => target !== undefined && !/\.(tsx?|json)$/.test(target))
    .map((found) => violation(file, found.start, `write the extension: '${found.specifier.replace(/\.js$/, '')}.ts'`)),
)

/** The product installs without development dependencies. */
export const packages = fileRule('src imports only packages that are dependencies', (file) => {
  if (file.isTest) return []
  return file.imports.flatMap(({ specifier, target, start }) => {
    if (target !== undefined || isBuiltin(specifier)) return []
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
    if (Object.hasOwn(manifest.dependencies, name)) return []
    return [violation(file, start, `${name} is not under "dependencies" in package.json`)]
  })
})

/** Code that nothing leads to is code that nobody runs. */
export const noDeadFiles: Rule = {
  name: 'every file of src is reached from src/main.ts, a tool or an example',
  check(files) {
    const byPath = new Map(files.map((file) => [file.path, file]))
    // Before there is a product there is nothing to be reached from.
    if (!byPath.has('src/main.ts')) return []
    const targets = (path: string): string[] => byPath.get(path)?.imports.flatMap(({ target }) => target ?? []) ?? []
    const roots = files
      .filter((file) =>
        /^(src\/main\.ts$|src\/store\/thread\.ts$|src\/media\/embedded\/child\.ts$|web\/[^/]+\/main\.tsx$|tools\/|examples\/)/.test(
          file.path,
        ),
      )
      .map((file) => file.path)
    const reached = new Set(roots.flatMap((root) => [root, ...reachable(root, targets)]))
    return files
      .filter((file) => !file.isTest && !reached.has(file.path))
      .map((file) => violation(file, 0, 'nothing imports this file but tests: use it or remove it'))
  },
}
