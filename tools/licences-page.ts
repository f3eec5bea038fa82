/** The page of licences, made from the lock file. */
import type { Package } from './licences.ts'
import { lockedPackages } from './licences.ts'

const INTRODUCTION = `<!-- Made by \`npm run generate\` from package-lock.json; change the dependencies instead. -->

# Licences

Rollcall itself is under the MIT licence ([LICENSE](../LICENSE)). It uses these packages, under the licences that their
makers state; \`tools/licences.ts\` has the list of those that are allowed, and a test holds every package against it.`

/** The page as Markdown. */
export function licencesPage(): string {
  const all = lockedPackages()
  return `${[
    INTRODUCTION,
    '## What runs',
    table(all.filter(({ development }) => !development)),
    '## For development and tests',
    'Packages for several systems are listed though only one is installed.',
    table(all.filter(({ development }) => development)),
  ].join('\n\n')}\n`
}

function table(packages: readonly Package[]): string {
  const rows = [...new Set(packages.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`))]
  return ['| Package | Version | Licence |', '| --- | --- | --- |', ...rows].join('\n')
}
