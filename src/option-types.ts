/** What an option can hold, and how each kind of value is written. The options themselves are in `options.ts`. */
import { isIP } from 'node:net'
import { parseDuration } from './runtime.ts'

/** The largest number that an option takes. */
export const MOST = 1_000_000_000

/** How the value of an option is written. */
export interface OptionType<T> {
  /** The type in a word, for `--help` and the reference: `duration`. */
  readonly name: string
  /** What the text must be, to follow the word "must be" in an error. */
  readonly expects: string
  /** The value that `text` stands for; undefined if it stands for none. */
  read(text: string): T | undefined
}

/** One option. `T` is the type of its value in `Config`. */
export interface Option<T> {
  readonly type: OptionType<Exclude<T, undefined>>
  /** The default as a person would write it; undefined if the option is unset by default. */
  readonly default: string | undefined
  /** What it means that the option is unset, where it can be. */
  readonly unset: string | undefined
  readonly description: string
  /** Whether the value must stay out of logs. A secret can also be given as the path of a file that holds it. */
  readonly secret: boolean
}

/** Options that belong together in the reference. */
export interface OptionGroup {
  readonly title: string
  readonly options: Readonly<Record<string, Option<unknown>>>
}

export const text: OptionType<string> = {
  name: 'text',
  expects: 'some text',
  read: (written) => (written === '' ? undefined : written),
}

/** The type of a switch, whose flag can stand alone. */
export const truth: OptionType<boolean> = {
  name: 'true or false',
  expects: 'true or false',
  read: (written) =>
    written === 'true' || written === '1' ? true : ['false', '0'].includes(written) ? false : undefined,
}

export const moment: OptionType<number> = {
  name: 'time',
  expects: 'a moment such as 2026-01-31T09:00:00Z',
  read: (written) => {
    // A time without a zone would mean another moment on another machine.
    if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(written)) return undefined
    const at = Date.parse(written)
    return Number.isNaN(at) ? undefined : at
  },
}

export const address: OptionType<string> = {
  name: 'URL',
  expects: 'an http or https URL without query and fragment, such as https://rollcall.example.com',
  read: (written) => {
    const url = URL.parse(written)
    if (!url || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '') return undefined
    return url.href.replace(/\/+$/, '')
  },
}

export function choice<const T extends string>(...values: readonly T[]): OptionType<T> {
  return {
    name: values.join(' | '),
    expects: `one of ${values.join(', ')}`,
    read: (written) => values.find((value) => value === written),
  }
}

export function integer(least: number, most: number): OptionType<number> {
  return {
    name: 'number',
    expects: `a whole number from ${least} to ${most}`,
    read: (written) => (/^\d+$/.test(written) ? within(Number(written), least, most) : undefined),
  }
}

const DAY = 86_400_000
const LONGEST_DURATION = 3660 * DAY

/** A duration, in milliseconds. */
export function duration(least = 1, most = LONGEST_DURATION): OptionType<number> {
  return {
    name: 'duration',
    expects: `a duration such as 250ms, 30s, 45m, 24h, 30d or PT1M30S, from ${least}ms to ${most / DAY}d`,
    read: (written) => within(parseDuration(written), least, most),
  }
}

const SIZE_UNITS = { '': 1, KiB: 1024, MiB: 1024 ** 2 } as const

/** A size, in bytes. */
export function size(leastKiB: number, mostMiB: number): OptionType<number> {
  return {
    name: 'size',
    expects: `a size such as 65536, 512KiB or 1MiB, from ${leastKiB}KiB to ${mostMiB}MiB`,
    read: (written) => {
      const [, amount, unit] = /^(\d+) ?(KiB|MiB|)$/.exec(written) ?? []
      if (amount === undefined) return undefined
      return within(Number(amount) * SIZE_UNITS[unit as keyof typeof SIZE_UNITS], leastKiB * 1024, mostMiB * 1024 ** 2)
    },
  }
}

function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined
}

export function option<T>(type: OptionType<T>, standard: string, description: string): Option<T> {
  return {
    type: type as OptionType<Exclude<T, undefined>>,
    default: standard,
    unset: undefined,
    description,
    secret: false,
  }
}

/** An option without a default; `unset` says what the server does without it. */
export function optional<T>(type: OptionType<T>, unset: string, description: string): Option<T | undefined> {
  return { type: type as OptionType<Exclude<T, undefined>>, default: undefined, unset, description, secret: false }
}

/** Networks in CIDR notation, separated by commas. */
export const networks: OptionType<readonly string[]> = {
  name: 'networks',
  expects: 'networks in CIDR notation, separated by commas, such as 10.20.0.0/16,fd00:1::/32',
  read: (written) => {
    const all = written.split(',').map((one) => one.trim())
    return all.every(isNetwork) ? all : undefined
  },
}

function isNetwork(text: string): boolean {
  const [, address = '', bits] = /^(.+)\/(\d{1,3})$/.exec(text) ?? []
  const family = isIP(address)
  return family !== 0 && Number(bits) <= (family === 4 ? 32 : 128)
}

/** An address of IPv4 or IPv6. */
export const ip: OptionType<string> = {
  name: 'IP address',
  expects: 'an IP address such as 203.0.113.7',
  read: (written) => (isIP(written) === 0 ? undefined : written),
}

/** Ports that belong together, both ends included. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

/** A port, or a range of them. */
export const ports: OptionType<PortRange> = {
  name: 'ports',
  expects: 'a port such as 40000, or a range of ports from 1 to 65535 such as 40000-40999',
  read: (written) => {
    const [, one, other = one] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(written) ?? []
    const first = within(Number(one), 1, 65_535)
    const last = within(Number(other), first ?? 1, 65_535)
    return first === undefined || last === undefined ? undefined : { first, last }
  },
}
