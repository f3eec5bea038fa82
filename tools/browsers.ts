/** Where browsers are that tests may start. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A browser that tests drive. */
export interface TestBrowser {
  readonly name: string
  /** Debian's package of it. */
  readonly package: string
  readonly commands: readonly string[]
  /** Where it is if no command is found. */
  readonly places: readonly string[]
}

/** Chromium, or Chrome. */
export const chromium: TestBrowser = {
  name: 'Chromium',
  package: 'chromium',
  commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  places: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ],
}

/** Firefox, with extended support if there is a choice. */
export const firefox: TestBrowser = {
  name: 'Firefox',
  package: 'firefox-esr',
  commands: ['firefox-esr', 'firefox'],
  places: ['/Applications/Firefox.app/Contents/MacOS/firefox', 'C:\\Program Files\\Mozilla Firefox\\firefox.exe'],
}

/** The path of the first one of its kind that is installed. */
export function findBrowser({ commands, places }: TestBrowser): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return [...commands.flatMap((name) => folders.map((folder) => join(folder, name))), ...places].find(isExecutable)
}

/** The one command that brings these on Debian. */
export function installCommand(browsers: readonly TestBrowser[]): string {
  return `apt-get install -y ${browsers.map((browser) => browser.package).join(' ')}`
}

/** For `test(…, { skip })`: why tests cannot run here that need these; false if they can. */
export function without(...needed: readonly TestBrowser[]): string | false {
  const missing = needed.filter((browser) => findBrowser(browser) === undefined)
  if (missing.length === 0) return false
  return `there is no ${missing.map(({ name }) => name).join(' and no ')} here: ${installCommand(missing)}`
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
