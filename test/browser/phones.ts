/** The phone's page in real browsers: people who sign in, what they see, and gaps in what they hear. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { type Colour, launchBrowser, launchFirefox } from './support.ts'

/** How long a page may take for anything, in milliseconds: the machine may be busy. */
const PATIENCE = 20_000

/** A browser process; all of its pages share its microphone. */
export interface PhoneBrowser {
  /** The pages of one person, apart from those of others. */
  readonly person: (options?: BrowserContextOptions) => Promise<BrowserContext>
  readonly close: () => Promise<void>
}

/** Starts a browser with the newest pages. @param microphone what it hears, in Hz; silence without it */
export async function openBrowser(microphone?: number, camera?: Colour): Promise<PhoneBrowser> {
  buildPages()
  const { browser, close } = await launchBrowser({
    ...(microphone !== undefined && { microphone }),
    ...(camera && { camera }),
    arguments: ['--disable-gpu', '--disable-background-timer-throttling', '--disable-renderer-backgrounding'],
  })
  return { person: (options) => personAt(browser, options), close }
}

/** Starts a Firefox with the newest pages. @param microphone what it hears, in Hz */
export async function openFirefox(microphone: number): Promise<PhoneBrowser> {
  buildPages()
  const { browser, close } = await launchFirefox(microphone)
  return { person: (options) => personAt(browser, options), close }
}

function buildPages(): void {
  const { status } = spawnSync(process.execPath, ['tools/build-pages.ts'], { stdio: 'inherit' })
  assert.equal(status, 0, 'the pages could not be built')
}

async function personAt(browser: Browser, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  context.setDefaultTimeout(PATIENCE)
  // A tone is noise to whatever cleans voices. What has no address has no storage.
  const settings = JSON.stringify({ cleanVoice: false, ringAloud: false })
  const keep = `localStorage.setItem('rollcall.phone', ${JSON.stringify(settings)})`
  await context.addInitScript(`if (location.protocol !== 'about:') ${keep}`)
  for (const script of ['gaps', 'pictures']) await context.addInitScript(pageScript(script))
  return context
}

/** A file of `page/`, as a browser runs it: in a scope of its own. */
function pageScript(name: string): string {
  return `{${stripTypeScriptTypes(readFileSync(new URL(`page/${name}.ts`, import.meta.url), 'utf8'))}}`
}

/** Opens the phone as somebody of the directory, chosen with one click. */
export async function signIn(context: BrowserContext, server: string, name: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${server}/phone/`)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name }).click()
  await page.getByRole('heading', { name: 'Call somebody' }).waitFor()
  return page
}

/** Begins to look for gaps in what a page plays; what it returns says how long the longest was, in milliseconds. */
export async function watchGaps(page: Page): Promise<() => Promise<number>> {
  await page.evaluate('gaps.begin()')
  return async () => {
    const { longest, missed } = await page.evaluate<{ longest: number; missed: number }>('gaps.end()')
    assert.equal(missed, 0, 'the browser was too busy to look')
    return longest
  }
}

/** Asks again and again until it is so. */
export async function until(isSo: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const end = performance.now() + PATIENCE
  while (!(await isSo())) {
    if (performance.now() > end) assert.fail(`waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
