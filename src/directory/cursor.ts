/**
 * A place in a YAML file that knows where it is. Readers walk from key to key with it and say what is wrong where they
 * stand; the walk goes on, so that one reading finds every problem.
 */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import type { Alias, Document, Node, Pair, YAMLMap } from 'yaml'

/** Something wrong with a file, and where. */
export interface Problem {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 code units. */
  readonly column: number
  /** The keys that lead there, such as `tenants[0].users[2].id`; empty for the file as a whole. */
  readonly path: string
  /** What is wrong and what to change, in one sentence. */
  readonly message: string
}

/** A problem on one line, in the form that editors and terminals make clickable: `file:line:column: path: message`. */
export function formatProblem(problem: Problem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`
  return [place, problem.path, problem.message].filter((part) => part !== '').join(': ')
}

/** A larger file is refused unread. */
const LARGEST_FILE = 8 * 1024 * 1024

/** How far aliases may multiply; a file that says more than this many times the same is an attack or a mistake. */
const MOST_ALIASES = 10_000

/** A file under reading: what every cursor into it shares. */
class Source {
  readonly problems: Problem[] = []
  readonly lines = new LineCounter()
  readonly targets = new Map<Alias, Node>()
  readonly file: string
  readonly document: Document

  constructor(file: string, text: string) {
    this.file = file
    this.document = parseDocument(text, { lineCounter: this.lines, prettyErrors: false })
  }

  report(offset: number, path: string, message: string): void {
    const { line, col } = this.lines.linePos(offset)
    this.problems.push({ file: this.file, line: Math.max(line, 1), column: Math.max(col, 1), path, message })
  }

  /**
   * Finds what each alias stands for: the nearest anchor of that name above it (YAML 1.2.2, section 7.1).
   * @returns whether every alias stands for something.
   */
  resolveAliases(): boolean {
    const anchors = new Map<string, Node>()
    const before = this.problems.length
    visit(this.document, {
      Node: (_, node) => {
        if (isAlias(node)) {
          const target = anchors.get(node.source)
          if (target) this.targets.set(node, target)
          else this.report(offsetOf(node), '', `*${node.source} stands for nothing; write &${node.source} above it`)
        } else if (node.anchor !== undefined) anchors.set(node.anchor, node)
      },
    })
    return this.problems.length === before
  }
}

/** The value under a key or in a list, with its place in the file. */
export class Cursor {
  readonly path: string
  readonly #source: Source
  readonly #node: Node | undefined
  /** Where to point when the value itself has no place, as with `users:` and nothing after it. */
  readonly #offset: number

  constructor(source: Source, node: unknown, path: string, offset: number) {
    this.#source = source
    const found = isNode(node) ? node : undefined
    this.#offset = found?.range ? offsetOf(found) : offset
    this.#node = isAlias(found) ? source.targets.get(found) : found
    this.path = path
  }

  /** Says what is wrong here. */
  problem(message: string): void {
    this.#source.report(this.#offset, this.path, message)
  }

  /** Whether nothing was written here, or null, or a list of nothing. */
  get empty(): boolean {
    const node = this.#node
    return node === undefined || (isScalar(node) && node.value === null) || (isSeq(node) && node.items.length === 0)
  }

  /** The value as text: a number or a truth value counts as it was written, so that `+12065550100` needs no quotes. */
  text(): string | undefined {
    if (isScalar(this.#node) && !this.empty) {
      const { value, source } = this.#node
      const text = typeof value === 'string' ? value : source
      if (text !== undefined && text.trim() !== '') return text
    }
    this.problem('must be text; write a value after the colon')
    return undefined
  }

  /** The items of a list; nothing written is an empty list. */
  items(): Cursor[] {
    if (this.empty) return []
    const node = this.#node
    if (isSeq(node)) {
      return node.items.map((item, index) => new Cursor(this.#source, item, `${this.path}[${index}]`, this.#offset))
    }
    this.problem('must be a list; begin each item with a hyphen')
    return []
  }

  /** The value as a mapping that may hold these keys and no others. */
  fields<Key extends string>(allowed: readonly Key[]): Fields<Key> | undefined {
    const node = this.#node
    if (!isMap(node)) {
      this.problem(`must be a mapping; the keys allowed here are ${allowed.join(', ')}`)
      return undefined
    }
    const found = new Map<string, Cursor>()
    for (const pair of node.items) {
      const key = keyOf(pair)
      const cursor = new Cursor(this.#source, pair.value, join(this.path, key), offsetOf(pair.key))
      if ((allowed as readonly string[]).includes(key)) found.set(key, cursor)
      else this.#source.report(offsetOf(pair.key), cursor.path, unknownKey(key, allowed))
    }
    return new Fields(this, found)
  }

  /** The value as plain data, for a reader that knows nothing of YAML. */
  data(): unknown {
    return this.#node?.toJS(this.#source.document, { maxAliasCount: MOST_ALIASES })
  }

  /** Says what is wrong at a place below this one, or as near to it as the file goes. */
  problemAt(keys: readonly string[], message: string): void {
    let node: unknown = this.#node
    let offset = this.#offset
    for (const key of keys) {
      const map: unknown = isAlias(node) ? this.#source.targets.get(node) : node
      const pair = isMap(map) ? pairOf(map, key) : undefined
      if (!pair) break
      offset = offsetOf(pair.key)
      node = pair.value
    }
    this.#source.report(offset, keys.reduce(join, this.path), message)
  }
}

/** A mapping's values by key. */
export class Fields<Key extends string> {
  readonly at: Cursor
  readonly #found: ReadonlyMap<string, Cursor>

  constructor(at: Cursor, found: ReadonlyMap<string, Cursor>) {
    this.at = at
    this.#found = found
  }

  /** The value under `key`, if the key is there. */
  get(key: Key): Cursor | undefined {
    return this.#found.get(key)
  }

  /** The value under `key`; a problem if the key is missing. */
  require(key: Key): Cursor | undefined {
    const found = this.#found.get(key)
    if (!found) this.at.problem(`has no ${key}; add one`)
    return found
  }
}

/**
 * Parses YAML and lets `read` walk over it.
 * @param file the name that problems carry.
 * @returns what `read` made of it, unless there was any problem.
 */
export function readYaml<T>(
  file: string,
  text: string,
  read: (root: Cursor) => T,
): { ok: true; value: T } | { ok: false; problems: readonly Problem[] } {
  if (text.length > LARGEST_FILE) {
    const message = `is longer than ${LARGEST_FILE / 1024 / 1024} MiB; split it or remove what is not needed`
    return { ok: false, problems: [{ file, line: 1, column: 1, path: '', message }] }
  }
  const source = new Source(file, text)
  const walkable = checkSyntax(source)
  const value = walkable ? read(new Cursor(source, source.document.contents, '', 0)) : undefined
  if (value !== undefined && source.problems.length === 0) return { ok: true, value }
  return { ok: false, problems: source.problems.toSorted((a, b) => a.line - b.line || a.column - b.column) }
}

/** Reports what is wrong with the YAML itself; false if what follows from it would only mislead. */
function checkSyntax(source: Source): boolean {
  const { errors, warnings } = source.document
  for (const error of [...errors, ...warnings]) {
    const duplicate = error.code === 'DUPLICATE_KEY'
    source.report(error.pos[0], '', duplicate ? 'the same key stands here twice; keep one' : sentence(error.message))
  }
  if (errors.some((error) => error.code !== 'DUPLICATE_KEY')) return false
  if (!source.resolveAliases()) return false
  try {
    source.document.toJS({ maxAliasCount: MOST_ALIASES })
    return true
  } catch {
    source.report(0, '', 'its aliases multiply beyond any use; write the values out instead')
    return false
  }
}

function sentence(message: string): string {
  return `is not valid YAML: ${message[0]?.toLowerCase()}${message.slice(1)}`
}

function offsetOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => keyOf(pair) === key)
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function unknownKey(key: string, allowed: readonly string[]): string {
  const near = nearest(key, allowed)
  const help = `the keys allowed here are ${allowed.join(', ')}`
  return near ? `is not a known key; did you mean ${near}?` : `is not a known key; ${help}`
}

/** The candidate that `text` is most likely a misspelling of, if any is near. */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let least = Math.max(2, Math.floor(text.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(text.toLowerCase().slice(0, 100), candidate.toLowerCase())
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

/** How many single-character edits turn `a` into `b` (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const above = row
    row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
  }
  return row[b.length] ?? 0
}
