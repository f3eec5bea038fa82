/**
 * Writes the pages that are made from the code: `npm run generate`. With `--check` it writes nothing and fails if a
 * page is stale. A further page is one more entry in `pages`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { codesPage } from './codes-page.ts'
import { coveragePage } from './coverage-page.ts'
import { licencesPage } from './licences-page.ts'
import { optionsPage } from './options-page.ts'
import { versionsPage } from './versions-page.ts'

/** A page that is made from the code. */
interface Page {
  readonly path: string
  /** The page's text; it is formatted afterwards. */
  readonly render: () => string
}

const pages: readonly Page[] = [
  { path: 'docs/reference/codes.md', render: codesPage },
  { path: 'docs/reference/coverage.md', render: coveragePage },
  { path: 'docs/licences.md', render: licencesPage },
  { path: 'docs/reference/options.md', render: optionsPage },
  { path: 'docs/reference/versions.md', render: versionsPage },
]

const checkOnly = process.argv.includes('--check')
const stale: string[] = []
for (const page of pages) {
  const wanted = await format(page.render(), { ...(await resolveConfig(page.path)), filepath: page.path })
  if (wanted === textOf(page.path)) continue
  stale.push(page.path)
  if (checkOnly) continue
  mkdirSync(dirname(page.path), { recursive: true })
  writeFileSync(page.path, wanted)
}
if (checkOnly) {
  for (const path of stale) console.error(`${path} is not what the code says: run \`npm run generate\` and commit it.`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else console.log(stale.length > 0 ? `Wrote ${stale.join(', ')}.` : 'Every page was fresh.')

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
