/**
 * Reads how the server shall run: flags over environment variables over the configuration file over the defaults.
 * The options themselves are in `options.ts`.
 */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import manifest from '../package.json' with { type: 'json' }
import { type Option, truth } from './option-types.ts'
import { type Config, flagOf, optionGroups, type OptionKey, options, variableOf } from './options.ts'

export type { Config } from './options.ts'

/** The version of Rollcall. */
export const version: string = manifest.version

/** What the command line asks for: to serve, or to print a text (`--help`, `--version`) and stop. */
export type Request =
  { readonly kind: 'serve'; readonly config: Config } | { readonly kind: 'print'; readonly text: string }

/** A configuration that the server cannot run with. The message has one line for each thing that is wrong. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Reads a text file; undefined if there is none at `path`. */
export type ReadFile = (path: string) => string | undefined

/** An option's value as it was written, and where: `--port`, `ROLLCALL_PORT` or `port in rollcall.config.yaml`. */
interface Written {
  readonly text: string
  readonly origin: string
}

type Source = ReadonlyMap<string, Written>

const STANDARD_FILE = 'rollcall.config.yaml'
const STANDARD_DIRECTORY = 'rollcall.yaml'

const optionList = Object.entries(options) as readonly [OptionKey, Option<unknown>][]

/** A secret can also be given as a file, so that it need not stand in a command line or an environment. */
const secretFile = (key: string): string => `${key}File`
const keys: readonly string[] = optionList.flatMap(([key, option]) => (option.secret ? [key, secretFile(key)] : [key]))

/**
 * Reads the configuration.
 * @param argv the words after the script's name
 * @param env the environment; variables that do not begin with `ROLLCALL_` are ignored, and so are empty ones
 * @param readFile reads the configuration file and files with secrets
 * @throws ConfigError which names each wrong option, where it came from, and what to change
 */
export function readConfig(
  argv: readonly string[] = process.argv.slice(2),
  env: Readonly<Record<string, string | undefined>> = process.env,
  readFile: ReadFile = readText,
): Request {
  if (argv.includes('--help') || argv.includes('-h')) return { kind: 'print', text: helpText() }
  if (argv.includes('--version')) return { kind: 'print', text: version }
  const problems: string[] = []
  const flags = readFlags(argv, problems)
  const variables = readVariables(env, problems)
  const file = readConfigFile(flags.get('config') ?? variables.get('config'), readFile, problems)
  const config = resolve([flags, variables, file], readFile, problems)
  if (problems.length === 0) problems.push(...contradictions(config))
  if (problems.length > 0) throw new ConfigError(problems)
  return { kind: 'serve', config }
}

/** The configuration of a server without flags, environment and file, for tests. `overrides` are taken unchecked. */
export function defaultConfig(overrides: Partial<Config> = {}): Config {
  return Object.freeze({ ...resolve([], () => undefined, []), ...overrides })
}

/**
 * The URL under which others reach the server, without a slash at the end.
 * @param port the port that the server listens on, which `config` does not know if it is 0
 */
export function baseUrlOf(config: Config, port: number): string {
  if (config.baseUrl !== undefined) return config.baseUrl
  const everywhere = config.host === '0.0.0.0' || config.host === '::'
  const host = everywhere ? 'localhost' : config.host.includes(':') ? `[${config.host}]` : config.host
  return `${config.https ? 'https' : 'http'}://${host}:${port}`
}

function readFlags(argv: readonly string[], problems: string[]): Source {
  const known = new Map(['config', ...keys].map((key) => [flagOf(key), key]))
  const found = new Map<string, Written>()
  const words = [...argv]
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [name, inline] = splitOnce(word, '=')
    const key = known.get(name)
    const negated = known.get(name.replace(/^--no-/, '--'))
    if (key !== undefined && isSwitch(key)) found.set(key, { text: inline ?? 'true', origin: name })
    else if (key !== undefined) {
      const text = inline ?? words.shift()
      if (text === undefined) problems.push(`${name} needs a value: ${name} <${typeName(key)}>.`)
      else found.set(key, { text, origin: name })
    } else if (negated !== undefined && isSwitch(negated) && inline === undefined) {
      found.set(negated, { text: 'false', origin: name })
    } else if (name.startsWith('--')) {
      problems.push(`${name} is not an option${suggestion(name, [...known.keys()])} --help lists them all.`)
      // What follows is most likely its value, and one complaint is enough.
      if (inline === undefined && words[0]?.startsWith('--') === false) words.shift()
    } else problems.push(`"${word}" is not a flag; every option has a name: --option value.`)
  }
  return found
}

function readVariables(env: Readonly<Record<string, string | undefined>>, problems: string[]): Source {
  const known = new Map(['config', ...keys].map((key) => [variableOf(key), key]))
  const found = new Map<string, Written>()
  for (const [name, text] of Object.entries(env)) {
    // Compose files and CI pass a variable that is not set as an empty one.
    if (!name.startsWith('ROLLCALL_') || text === undefined || text === '') continue
    const key = known.get(name)
    if (key !== undefined) found.set(key, { text, origin: name })
    else problems.push(`The environment variable ${name} is no option${suggestion(name, [...known.keys()])} Unset it.`)
  }
  return found
}

/** Reads the file that was asked for, or the standard one if it exists. */
function readConfigFile(asked: Written | undefined, readFile: ReadFile, problems: string[]): Source {
  const found = new Map<string, Written>()
  const path = asked?.text ?? STANDARD_FILE
  const content = attempt(() => readFile(path), path, problems)
  if (content === undefined) {
    if (asked) problems.push(`${asked.origin}: there is no configuration file ${path}.`)
    return found
  }
  // With the failsafe schema every value stays the text that was written: `adminKey: 0123` is no number.
  const values = attempt(() => parse(content, { schema: 'failsafe', logLevel: 'error' }) as unknown, path, problems)
  if (values === undefined || values === null || values === '') return found
  if (typeof values !== 'object' || Array.isArray(values)) {
    problems.push(`${path} must hold one \`option: value\` a line.`)
    return found
  }
  for (const [key, text] of Object.entries(values)) {
    const origin = `${key} in ${path}`
    if (!keys.includes(key)) problems.push(`${origin} is not an option${suggestion(key, keys)} Remove it.`)
    else if (typeof text !== 'string') problems.push(`${origin} must be a single value.`)
    else found.set(key, { text, origin })
  }
  return found
}

/** The value of every option from the first source that has it, else its default. */
function resolve(sources: readonly Source[], readFile: ReadFile, problems: string[]): Config {
  const values: Partial<Record<OptionKey, unknown>> = {}
  for (const [key, option] of optionList) {
    const written = find(key, option, sources, readFile, problems)
    if (!written) continue
    values[key] = option.type.read(written.text)
    if (values[key] !== undefined) continue
    // A secret's text would end up in a log.
    const instead = option.secret ? '' : `, not "${written.text}"`
    problems.push(`${written.origin} must be ${option.type.expects}${instead}.`)
  }
  if (values.directory === undefined && attempt(() => readFile(STANDARD_DIRECTORY), STANDARD_DIRECTORY, problems)) {
    values.directory = STANDARD_DIRECTORY
  }
  const complete = Object.fromEntries(optionList.map(([key]) => [key, values[key]]))
  return Object.freeze(complete) as Config
}

function find(
  key: string,
  option: Option<unknown>,
  sources: readonly Source[],
  readFile: ReadFile,
  problems: string[],
): Written | undefined {
  for (const source of sources) {
    const written = source.get(key)
    const file = option.secret ? source.get(secretFile(key)) : undefined
    if (written && file) problems.push(`${written.origin} and ${file.origin} are both set; remove one of them.`)
    if (written) return written
    if (!file) continue
    const content = attempt(() => readFile(file.text), file.text, problems)
    if (content === undefined) problems.push(`${file.origin}: there is no file ${file.text}.`)
    return content === undefined ? undefined : { text: content.trim(), origin: `The file of ${file.origin}` }
  }
  return option.default === undefined ? undefined : { text: option.default, origin: `The default of ${key}` }
}

/** Options that are right each by itself and wrong together. */
function contradictions(config: Config): string[] {
  const wrong: string[] = []
  if (config.mode === 'production' && config.adminKey === undefined) {
    wrong.push(`In production the control API needs a key: set ${variableOf('adminKey')} or ${flagOf('adminKeyFile')}.`)
  }
  if ((config.httpsCertificate === undefined) !== (config.httpsKey === undefined)) {
    wrong.push(
      'httpsCertificate and httpsKey go together: set both, or neither for a certificate of the local authority.',
    )
  }
  if (!config.https && config.httpsCertificate !== undefined) {
    wrong.push('httpsCertificate is only for https: add --https, or remove httpsCertificate and httpsKey.')
  }
  if (config.https && config.baseUrl?.startsWith('http:')) {
    wrong.push('baseUrl begins with http:, and the server would speak https: write https: there, or remove --https.')
  }
  if (config.clockStart !== undefined && config.clock === 'real') {
    wrong.push('clockStart is only for the virtual clock: add --clock virtual, or remove clockStart.')
  }
  if (config.tokenLifetime > config.keyOverlap) {
    wrong.push('tokenLifetime must not be longer than keyOverlap: a token would outlive the key that proves it.')
  }
  if (config.deliveryRetryLimit > config.deliveryGiveUp) {
    wrong.push(
      'deliveryRetryLimit must not be longer than deliveryGiveUp: a notification would be given up while it waits.',
    )
  }
  return wrong
}

/** The text of `--help`. */
function helpText(): string {
  const lines = [
    `Rollcall ${version}: Microsoft Graph's calling API on your own machine.`,
    '',
    'Usage: npm start -- [--option value]...',
    '',
    'An option is a flag (--ring-timeout 5s), an environment variable (ROLLCALL_RING_TIMEOUT=5s) or a key of the',
    `configuration file (ringTimeout: 5s), which is ${STANDARD_FILE} or what --config names. The first of these wins.`,
  ]
  for (const group of optionGroups) {
    lines.push('', `${group.title}:`)
    for (const [key, option] of Object.entries(group.options)) {
      const standard = option.default ?? option.unset
      lines.push(`  ${flagOf(key)} <${option.type.name}>  (default: ${standard})`, `      ${option.description}`)
    }
  }
  lines.push('', 'Other:', '  --config <path>', '  --help', '  --version')
  return lines.join('\n').replaceAll('`', '')
}

function typeName(key: string): string {
  return optionList.find(([name]) => name === key)?.[1].type.name ?? 'path'
}

/** Whether an option's flag can stand alone. */
function isSwitch(key: string): boolean {
  return optionList.some(([name, option]) => name === key && option.type === truth)
}

/** The end of a sentence that says something is unknown: the nearest name, if one is near. */
function suggestion(name: string, known: readonly string[]): string {
  const near = known.map((other) => ({ other, far: distance(name, other) })).sort((a, b) => a.far - b.far)[0]
  return near && near.far <= Math.max(2, name.length / 4) ? `; did you mean ${near.other}?` : '.'
}

/** How many letters must be changed, added or removed to make `a` into `b`. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

function splitOnce(word: string, separator: string): [string, string | undefined] {
  const at = word.indexOf(separator)
  return at === -1 ? [word, undefined] : [word.slice(0, at), word.slice(at + separator.length)]
}

/** What `action` gives; if it throws, notes its message as a problem with `path`. */
function attempt<T>(action: () => T, path: string, problems: string[]): T | undefined {
  try {
    return action()
  } catch (error) {
    problems.push(`${path} cannot be read: ${error instanceof Error ? error.message.trim() : String(error)}`)
    return undefined
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
