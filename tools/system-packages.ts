/**
 * Brings what the tests need of the system, before `npm test`: a Chromium and a Firefox. As root on Debian they are installed;
 * anywhere else it is said which tests are left out, and which command brings them.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium, findBrowser, firefox, installCommand, type TestBrowser } from './browsers.ts'

const missing = (): readonly TestBrowser[] =>
  [chromium, firefox].filter((browser) => findBrowser(browser) === undefined)
const isDebian = existsSync('/etc/debian_version')

if (missing().length > 0 && isDebian && process.getuid?.() === 0) {
  const packages = missing().map((browser) => browser.package)
  console.log(`Installing ${packages.join(' and ')}, for the tests in test/browser ...`)
  if (!install(packages)) console.log('It could not be done.')
}
for (const browser of missing()) {
  const command = isDebian ? `sudo ${installCommand([browser])}` : `an installed ${browser.name}`
  console.log(`There is no ${browser.name}, so what test/browser tries in it is skipped. What brings it: ${command}`)
}

function install(packages: readonly string[]): boolean {
  const run = (...args: string[]): boolean => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const { status, stderr } = spawnSync('apt-get', ['-qq', ...args], { env, encoding: 'utf8' })
    if (status !== 0) console.log(stderr || `apt-get ${args[0]} did not run`)
    return status === 0
  }
  return run('update') && run('install', '-y', '--no-install-recommends', ...packages)
}
