/**
 * Brings what the tests need of the system, before `npm test`: a Chromium. As root on Debian it is installed; anywhere else
 * it is said which tests are left out, and which command brings it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { CHROMIUM_COMMAND, findChromium } from './chromium.ts'

if (findChromium() === undefined) {
  const mayInstall = existsSync('/etc/debian_version') && process.getuid?.() === 0
  if (mayInstall) {
    console.log('Installing chromium, for the tests in test/browser ...')
    if (!install()) console.log('It could not be installed.')
  }
  if (findChromium() === undefined) {
    const command = existsSync('/etc/debian_version') ? `sudo ${CHROMIUM_COMMAND}` : 'an installed Chromium or Chrome'
    console.log(`There is no Chromium, so test/browser is skipped. What brings it: ${command}`)
  }
}

function install(): boolean {
  const run = (...args: string[]): boolean => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const { status, stderr } = spawnSync('apt-get', ['-qq', ...args], { env, encoding: 'utf8' })
    if (status !== 0) console.log(stderr || `apt-get ${args[0]} did not run`)
    return status === 0
  }
  return run('update') && run('install', '-y', '--no-install-recommends', 'chromium')
}
