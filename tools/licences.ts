/** What every package of the lock file is licensed under, and which licences may be among them. */
import { readFileSync } from 'node:fs'

/** A package that npm installs. */
export interface Package {
  readonly name: string
  readonly version: string
  /** As its maker states it: an SPDX expression; empty if it states none. */
  readonly licence: string
  /** Whether it is there for development only, and no part of what runs. */
  readonly development: boolean
}

/** Licences that let everybody use and pass on the product; what is under another needs a decision first. */
export const allowedLicences: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  // Asks that changes to its own files stay open; nothing of it is changed here.
  'MPL-2.0',
  // The same, as node-datachannel spells it.
  'MPL 2.0',
]

/** Every package of the lock file, by name and version. */
export function lockedPackages(path = 'package-lock.json'): readonly Package[] {
  const { packages } = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, Locked> }
  return Object.entries(packages)
    .filter(([place]) => place !== '')
    .map(([place, { version, license = '', dev = false, devOptional = false }]) => {
      const name = place.split('node_modules/').at(-1) ?? place
      return { name, version, licence: license, development: dev || devOptional }
    })
    .toSorted((a, b) => compare(a.name, b.name) || compare(a.version, b.version))
}

interface Locked {
  readonly version: string
  readonly license?: string
  readonly dev?: boolean
  readonly devOptional?: boolean
}

/** By code points: the order must not depend on the machine's language. */
function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** Whether a licence is allowed; of alternatives one is enough, and of what holds together all must be. */
export function isAllowed(licence: string): boolean {
  const plain = licence.replaceAll(/[()]/g, '')
  return plain.split(' OR ').some((all) => all.split(' AND ').every((one) => allowedLicences.includes(one.trim())))
}
