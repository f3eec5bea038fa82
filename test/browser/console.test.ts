/** The console in a real browser, at a real server: what it shows, whom it lets in, and how it goes on when the server was away. */
import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { defaultConfig } from '../../src/config.ts'
import { startServer } from '../../src/server.ts'
import { create, groupCall, invite } from '../scenarios/steps.ts'
import { SilentEngine } from '../support/silent-engine.ts'
import { startWorld, user } from '../support/world.ts'
import { assertGood, looks } from './looks.ts'
import { openBrowser, type PhoneBrowser, signIn } from './phones.ts'
import { noChromium } from './support.ts'

/** How long a test may take, in milliseconds: it is as slow as the machine. */
const PATIENCE = 300_000
const ADMIN_KEY = 'correct-horse-battery-staple'

describe('the console', { skip: noChromium }, () => {
  let browser: PhoneBrowser
  before(async () => {
    browser = await openBrowser(500)
  })
  after(() => browser?.close())

  async function open(t: TestContext, server: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.person(options)
    t.after(() => context.close())
    const page = await context.newPage()
    await page.goto(`${server}/console`)
    return page
  }

  for (const { name, ...options } of looks) {
    it(`shows what goes on, ${name}`, { timeout: PATIENCE }, async (t) => {
      const sound = new SilentEngine()
      const world = await startWorld(t, { clockStart: 0 }, {}, {}, undefined, sound)
      const problems: string[] = []
      const page = await open(t, world.url, options)
      page.on('pageerror', (error) => problems.push(String(error)))
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
      await page.getByText(`npm run demo -- --url ${world.url}`).waitFor()
      await page.getByText('Virtual clock, at 1970-01-01 00:00:00 UTC').waitFor()
      await assertGood(page, 'no calls')

      await showsCalls(page, async () => {
        const { call } = await groupCall(world)
        await world.script('cleo', { ignore: {} })
        await world.script('dov', { answer: { after: '0s', lobby: true } })
        await invite(world, call, [user('cleo')], { clientContext: 'c' })
        await invite(world, call, [user('dov')], { clientContext: 'd' })
        await create(world, [user('eva')], { app: 'beta' })
        await world.advance('83s')
        return call.id
      })
      await showsEnd(page, async (id) => {
        assert.equal((await world.control('POST', `/calls/${id}/end`)).status, 204)
      })
      await showsRoom(page, sound)
      assert.deepEqual(problems, [])
      await world.take()
      await world.take('beta')
    })
  }

  it('takes the admin key, keeps it for the tab, and forgets it', { timeout: PATIENCE }, async (t) => {
    const world = await startWorld(t, { mode: 'production', adminKey: ADMIN_KEY, clock: 'real' })
    const page = await open(t, world.url)
    const field = page.getByRole('textbox', { name: 'Admin key' })
    await page.getByText('Control takes the admin key as a bearer token').waitFor()
    await assertGood(page, 'no key')
    await field.fill('wrong')
    await field.press('Enter')
    await page.getByText('The server does not take this key.').waitFor()
    await assertGood(page, 'a wrong key')
    await field.fill(ADMIN_KEY)
    await field.press('Enter')
    const calls = page.getByRole('heading', { name: 'Live calls' })
    await calls.waitFor()
    assert.equal(page.url(), `${world.url}/console/`)
    assert.equal(
      await page.evaluate('JSON.stringify(localStorage)').then((text) => String(text).includes(ADMIN_KEY)),
      false,
    )
    await page.reload()
    await calls.waitFor()
    await page.getByRole('button', { name: 'Forget the key' }).click()
    await field.waitFor()
    assert.deepEqual(await page.evaluate('sessionStorage.length'), 0)
  })

  it('goes on by itself when the server was away, and shows what was until then', { timeout: PATIENCE }, async (t) => {
    const config = { data: 'memory', logLevel: 'silent' } as const
    const first = await startServer(defaultConfig({ ...config, port: 0 }))
    let running: typeof first | undefined = first
    t.after(() => running?.close())
    const page = await open(t, first.url)
    const calls = page.getByRole('heading', { name: 'Live calls' })
    await calls.waitFor()
    await first.close()
    running = undefined
    const lost = page.getByText(/^The server is lost: it cannot be reached\. What is shown was so at /)
    await lost.waitFor()
    assert.ok(await calls.isVisible())
    await assertGood(page, 'lost')
    running = await startServer(defaultConfig({ ...config, port: Number(new URL(first.url).port) }))
    await lost.waitFor({ state: 'hidden' })
    await page.getByText('Live', { exact: true }).waitFor()
  })

  it('counts who is connected by sound, with the measured cost', { timeout: PATIENCE }, async (t) => {
    const world = await startWorld(t, { clock: 'real' })
    const page = await open(t, world.url)
    const context = await browser.person()
    t.after(() => context.close())
    const ada = await signIn(context, world.url, 'ada')
    await create(world, [user('ada')])
    await ada.getByRole('button', { name: 'Answer' }).click()
    await figure(page, 'Connected', /^1$/)
    await page.getByText(/^Room for about \d+ more people\.$/).waitFor()
    await figure(page, 'Each counts for', /^[\d.]+ % of a core$/)
    await page.getByText('1 connected', { exact: true }).waitFor()
    await context.close()
    await world.control('POST', '/reset')
    await world.take()
  })
})

/** Waits until a figure of sound is so. */
async function figure(page: Page, name: string, is: RegExp): Promise<void> {
  const one = page.locator('dl > div', { has: page.getByText(name, { exact: true }) })
  await one.locator('dd', { hasText: is }).waitFor()
}

const row = (page: Page, text: string | RegExp): ReturnType<Page['locator']> =>
  page.getByRole('listitem').getByRole('button', { expanded: false }).filter({ hasText: text })

/** Calls come up by themselves, are found, and looked at with the keyboard alone. @param begin makes them */
async function showsCalls(page: Page, begin: () => Promise<string>): Promise<void> {
  const id = await begin()
  await row(page, 'Group call · Alpha · contoso').filter({ hasText: '2 connected, 1 in the lobby' }).waitFor()
  await row(page, 'Call of two · Beta · contoso').filter({ hasText: '1:23' }).waitFor()
  await assertGood(page, 'calls')

  await page.getByLabel('Search').fill('eva')
  await row(page, 'Alpha').waitFor({ state: 'hidden' })
  await page.getByText('1 of 1 call, the newest first').waitFor()
  await page.getByLabel('Search').fill('nobody at all')
  await page.getByText('None of 2 live calls fits.').waitFor()
  await assertGood(page, 'none fits')
  await page.getByRole('button', { name: 'Show all' }).click()
  await page.getByLabel('State').selectOption({ label: 'Somebody waits in the lobby (1)' })
  await row(page, 'Beta').waitFor({ state: 'hidden' })

  await row(page, 'Alpha').focus()
  await page.keyboard.press('Enter')
  const shown = page.getByRole('textbox', { name: 'Call of Alpha (outgoing, established)' })
  assert.equal(await shown.inputValue(), id)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate('document.activeElement.ariaLabel'), 'Copy: Call of Alpha (outgoing, established)')
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.keyboard.press('Enter')
  await page.getByText('Copied').waitFor()
  assert.equal(await page.evaluate('navigator.clipboard.readText()'), id)
  for (const [button, line] of [
    ['Why', /Alpha/],
    ['Who heard whom', 'Nobody has heard anybody yet.'],
    ['Timeline', 'Participant joined: ben'],
  ] as const) {
    await page.getByRole('button', { name: button, exact: true }).click()
    await page.getByRole('main').getByText(line).first().waitFor()
    await assertGood(page, button)
  }
  const link = page.getByRole('link', { name: /^GET \/control\/calls\/.*\/timeline$/ })
  assert.match((await link.getAttribute('href')) ?? '', /^http:\/\/127\.0\.0\.1:\d+\/control\/calls\//)
}

/** Whom one looks at stays when it is over. */
async function showsEnd(page: Page, end: (id: string) => Promise<void>): Promise<void> {
  await end(await page.getByRole('textbox', { name: /^Call of Alpha/ }).inputValue())
  await page.getByText('Not here now').waitFor()
  await page.getByRole('region', { name: 'Timeline' }).waitFor()
  await assertGood(page, 'an ended call')
  await page.getByRole('button', { expanded: true }).click()
  await page.getByText('None of 1 live call fits.').waitFor()
  await page.getByRole('button', { name: 'Show all' }).click()
  await row(page, 'Beta').waitFor()
}

/** How full it is, each with a word, an icon and a sentence of its own. */
async function showsRoom(page: Page, sound: SilentEngine): Promise<void> {
  const states: readonly [change: () => void, word: string, sentence: RegExp][] = [
    [() => (sound.says = { running: false, legs: 0 }), 'Not started', /^Sound starts with the first person/],
    [() => (sound.says = { legs: 30 }), 'Room', /^Room for about 100 more people\.$/],
    [() => (sound.capacityLeft = 3), 'Nearly full', /^Nearly full: room for 3 more people\.$/],
    [() => (sound.capacityLeft = 0), 'Full', /^Full: invites of people at browsers are refused with 429/],
    [() => (sound.says = { running: false, restarts: 5, downFor: 41_500 }), 'Down', /in 42 seconds at the earliest/],
  ]
  for (const [change, word, sentence] of states) {
    change()
    await page.getByText(sentence).waitFor()
    await page.getByText(word, { exact: true }).first().waitFor()
    await page.getByRole('progressbar', { name: 'Connections with sound' }).waitFor()
    await assertGood(page, word)
  }
  await page.getByText('Sound broke down 5 times since the server started.').waitFor()
}
