/**
 * Installs the packages before whatever needs them, if what is asked for has changed since: to have npm look at all of them
 * takes seconds. It is JavaScript for the Node.js that happens to be there, before the project's own is.
 *
 * Its arguments are scripts that Node.js runs afterwards: a shell that found a Node.js before would not look for the project's.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

const MARK = 'node_modules/.installed-for'
const hash = createHash('sha256').update(`${process.platform} ${process.arch} `)
for (const file of ['package.json', 'package-lock.json']) hash.update(readFileSync(file))
const wanted = hash.digest('hex')

if (installedFor() !== wanted) {
  const { npm_node_execpath: node = process.execPath, npm_execpath: npm } = process.env
  const options = ['install', '--no-save', '--loglevel=error', '--no-audit', '--no-fund']
  const { status } = npm
    ? spawnSync(node, [npm, ...options], { stdio: 'inherit' })
    : spawnSync('npm', options, { stdio: 'inherit', shell: true })
  if (status === 0) writeFileSync(MARK, wanted)
  process.exitCode = status ?? 1
}

for (const script of process.argv.slice(2)) {
  if (process.exitCode) break
  process.exitCode = spawnSync(`node ${script}`, { stdio: 'inherit', shell: true }).status ?? 1
}

/** @returns {string | undefined} */
function installedFor() {
  try {
    return readFileSync(MARK, 'utf8')
  } catch {
    return undefined
  }
}
