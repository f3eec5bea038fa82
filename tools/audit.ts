/**
 * Known advisories of the dependencies: `npm run audit`. Where the registry cannot be asked, it says so and is content: what
 * has no network must not fail. An advisory of any weight fails it.
 */
import { spawnSync } from 'node:child_process'

/** What `npm audit --json` tells, as far as it is used. */
interface Audit {
  readonly metadata?: { readonly vulnerabilities: Readonly<Record<string, number>> }
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range: string }>>
  readonly message?: string
}

const { stdout } = spawnSync('npm', ['audit', '--json', '--fetch-retries=1', '--fetch-timeout=20000'], {
  encoding: 'utf8',
  shell: process.platform === 'win32',
})
const { metadata, vulnerabilities = {}, message = 'npm said nothing' } = read(stdout)
if (!metadata) console.log(`The registry could not be asked for advisories: ${message}`)
else {
  for (const [name, { severity, range }] of Object.entries(vulnerabilities))
    console.log(`${severity}: ${name} ${range}`)
  const found = metadata.vulnerabilities['total'] ?? 0
  console.log(found === 0 ? 'No dependency has a known advisory.' : `${found} dependencies have known advisories.`)
  process.exitCode = found === 0 ? 0 : 1
}

function read(text: string): Audit {
  try {
    return JSON.parse(text) as Audit
  } catch {
    return {}
  }
}
