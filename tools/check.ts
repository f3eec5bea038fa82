/**
 * Everything that a change must pass: `npm run check`, or some of it by name: `npm run check -- format lint`.
 * Every step runs even if an earlier one failed, so that one run shows everything that is wrong.
 */
import { spawnSync } from 'node:child_process'
import { styleText } from 'node:util'

interface Step {
  /** The scripts that Node runs one after the other, each with its arguments. */
  readonly commands: readonly (readonly string[])[]
  /** What to do when it fails. */
  readonly remedy: string
}

const steps: Readonly<Record<string, Step>> = {
  format: {
    commands: [['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.']],
    remedy: 'npm run format',
  },
  lint: {
    commands: [['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings', '.']],
    remedy: 'mend each finding, or turn the rule off where it stands, with the reason',
  },
  types: {
    // What runs in a browser has other globals than what runs in Node.js.
    commands: ['.', 'web', 'test/browser/page'].map((project) => ['node_modules/typescript/bin/tsc', '-p', project]),
    remedy: 'mend each finding',
  },
  generated: {
    commands: [['tools/generate.ts', '--check']],
    remedy: 'npm run generate',
  },
  test: {
    commands: [['tools/test.ts']],
    remedy: 'npm test -- <part of the path> to run one file; a broken house rule says what to change',
  },
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in steps))
if (unknown.length > 0) {
  console.error(`No such step: ${unknown.join(', ')}. The steps are ${Object.keys(steps).join(', ')}.`)
  process.exitCode = 2
} else {
  const failed = (asked.length === 0 ? Object.keys(steps) : asked).filter((name) => !passes(name))
  if (failed.length > 0) console.log(styleText('red', `Not passed: ${failed.join(', ')}`))
  process.exitCode = failed.length > 0 ? 1 : 0
}

/** Runs one step, with its output on ours, and says whether it passed. */
function passes(name: string): boolean {
  const step = steps[name]
  if (!step) return false
  console.log(styleText('bold', `── ${name}`))
  const failed = step.commands.filter(
    (command) => spawnSync(process.execPath, command, { stdio: 'inherit' }).status !== 0,
  )
  if (failed.length > 0) console.log(`${styleText('red', `${name} failed`)}: ${step.remedy}`)
  return failed.length === 0
}
