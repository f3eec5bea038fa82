/** Every view, wide and narrow, light and dark: what must be on it is there, nothing runs over, and axe finds nothing. */
import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'

import { defaultConfig } from '../../src/config.ts'
import type { PageRequest } from '../../src/endpoints/browser/protocol.ts'
import { type RunningServer, startServer } from '../../src/server.ts'
import { call, openFake } from './fake-server.ts'
import { assertGood, looks } from './looks.ts'
import { openBrowser, type PhoneBrowser } from './phones.ts'
import { noChromium } from './support.ts'
import { pictureViews, views } from './views.ts'

/** How long all views may take together, in milliseconds: they are as slow as the machine. */
const PATIENCE = 300_000

describe('the phone shows', { skip: noChromium }, () => {
  let browser: PhoneBrowser
  let server: RunningServer
  before(async () => {
    browser = await openBrowser()
    server = await startServer(defaultConfig({ port: 0, data: 'memory', logLevel: 'silent' }))
  })
  after(async () => {
    await browser?.close()
    await server?.close()
  })

  for (const { name, ...options } of looks) {
    it(`where one signs in, ${name}`, async (t) => {
      const context = await person(t, options)
      const page = await context.newPage()
      await page.goto(`${server.url}/phone/?meeting=123`)
      await page.getByRole('button', { name: 'Sign in' }).waitFor()
      assert.equal(await page.getByLabel('Meeting link or ID').inputValue(), '123')
      await assertGood(page)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'Who are you?' }).waitFor()
      await assertGood(page)
      await page.getByRole('button', { name: 'Adele' }).click()
      await page.getByRole('heading', { name: 'Call somebody' }).waitFor()
      assert.equal(await page.getByLabel('Link or meeting ID').inputValue(), '123')
      assert.doesNotMatch(page.url(), /code=/)
    })

    it(`every view, ${name}`, { timeout: PATIENCE }, async (t) => {
      const problems: string[] = []
      const fake = await openFake(await person(t, options), server.url, ({ type }) =>
        type === 'find' ? { found } : type === 'call' ? 'refused' : undefined,
      )
      fake.page.on('pageerror', (error) => problems.push(String(error)))
      fake.page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
      for (const view of views) {
        fake.calls()
        await fake.page.getByRole('heading', { name: 'Join a meeting' }).waitFor()
        await view.show(fake)
        await view.has(fake.page)
        await assertGood(fake.page, view.name)
      }
      assert.deepEqual(problems, [])
    })
    it(`pictures, ${name}`, { timeout: PATIENCE }, async (t) => {
      const problems: string[] = []
      const fake = await openFake(await person(t, options), server.url, answerWithPictures, VIDEO)
      fake.page.on('pageerror', (error) => problems.push(String(error)))
      fake.page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
      for (const view of pictureViews) {
        fake.calls()
        await fake.page.getByRole('heading', { name: 'Join a meeting' }).waitFor()
        await view.show(fake)
        await view.has(fake.page)
        await assertGood(fake.page, view.name)
      }
      assert.deepEqual(problems, [])
    })
  }

  it('what it offers: pictures in their order and within their bounds, or sound alone', async (t) => {
    for (const video of [VIDEO, undefined]) {
      const offers: string[] = []
      const note = async (request: PageRequest, page: Page): Promise<{ answer?: string }> => {
        if (request.type === 'rejoin') offers.push(request.offer)
        return answerWithPictures(request, page)
      }
      const fake = await openFake(await person(t, {}), server.url, note, video)
      fake.calls(call({ media: 'wanted' }))
      await fake.when(({ type }) => type === 'rejoin')
      const pictures = video ? ['video VP8 sendrecv', 'video VP8 sendrecv', ...Array(3).fill('video VP8 recvonly')] : []
      const lines = linesOf(offers[0] ?? '')
      assert.match(lines[0] ?? '', /^audio .*opus.* sendrecv$/)
      assert.deepEqual(lines.slice(1), pictures)
      const bounds = await fake.page.evaluate('pictures.bounds()')
      assert.deepEqual(bounds, video ? [video.cameraBitrate, video.screenBitrate, null, null, null] : [])
    }
  })

  async function person(t: TestContext, options: BrowserContextOptions): Promise<BrowserContext> {
    const context = await browser.person(options)
    t.after(() => context.close())
    return context
  }
})

const VIDEO = { slots: 4, cameraBitrate: 500_000, screenBitrate: 1_000_000 }

/** Does what a page asks, with pictures on all lines of its legs. */
async function answerWithPictures(request: PageRequest, page: Page): Promise<{ answer?: string }> {
  if (request.type !== 'rejoin') return {}
  return { answer: await page.evaluate<string>(`pictures.answer(${JSON.stringify(request.offer)})`) }
}

/** The lines of an offer: medium, codecs and direction. */
function linesOf(offer: string): readonly string[] {
  return offer
    .split(/^m=/m)
    .slice(1)
    .map((line) => {
      const codecs = [...line.matchAll(/^a=rtpmap:\d+ ([^/]+)/gm)].map(([, codec]) => codec)
      return `${line.split(' ')[0]} ${codecs.join(' ')} ${line.match(/^a=(sendrecv|recvonly|sendonly|inactive)/m)?.[1]}`
    })
}

const found = [
  { kind: 'user', id: 'ben', displayName: 'Ben Okafor', address: 'ben@contoso.example' },
  { kind: 'application', id: 'bot', displayName: 'Front desk' },
] as const
