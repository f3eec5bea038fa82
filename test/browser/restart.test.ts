/** The server is stopped and started again in the middle of a call: the pages come back, and people hear and see each other on. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaultConfig } from '../../src/config.ts'
import { startServer } from '../../src/server.ts'
import { openBrowser, signIn } from './phones.ts'
import { cameraOf, expectSees } from './sight.ts'
import { expectHears, noChromium } from './support.ts'

const ADELE = 500
const BAO = 730
/** People and a bot of the demo directory. */
const PEOPLE = ['1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1001', '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1002']
const BOT = { client_id: '5d2e9b74-6c1f-4f0b-b3a8-9e4c7d1f2001', client_secret: 'change-me' }
/** How long it may take, in milliseconds: it is as slow as the machine. */
const PATIENCE = 180_000

/** The bot calls both into a group. */
async function callBoth(server: string): Promise<void> {
  const form = { ...BOT, grant_type: 'client_credentials', scope: 'https://graph.microsoft.com/.default' }
  const token = await fetch(`${server}/contoso/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(form) })
  const { access_token: bearer } = (await token.json()) as { access_token: string }
  const { status } = await fetch(`${server}/v1.0/communications/calls`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      callbackUri: 'http://localhost:3978/api/calls',
      targets: PEOPLE.map((id) => ({ identity: { user: { id } } })),
      mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
    }),
  })
  assert.equal(status, 201)
}

test('a call goes on when the server was started again', { skip: noChromium, timeout: PATIENCE }, async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'rollcall-restart-'))
  const browsers = await Promise.all([openBrowser(ADELE, 'red'), openBrowser(BAO)])
  const config = { data, logLevel: 'silent', mediaLoadLimit: 100, mediaConnectTimeout: 60_000 } as const
  const first = await startServer(defaultConfig({ ...config, port: 0 }))
  let running = first
  t.after(async () => {
    await Promise.all(browsers.map(({ close }) => close()))
    await running.close()
    rmSync(data, { recursive: true, force: true })
  })
  const [adele, bao] = await Promise.all(
    browsers.map(async ({ person }, index) => signIn(await person(), first.url, index === 0 ? 'Adele' : 'Bao')),
  )
  assert.ok(adele && bao)
  const hearEachOther = (): Promise<unknown> =>
    Promise.all([
      expectHears(adele, { loud: [BAO], quiet: [ADELE] }),
      expectHears(bao, { loud: [ADELE], quiet: [BAO] }),
    ])
  await callBoth(first.url)
  await Promise.all([adele, bao].map((page) => page.getByRole('button', { name: 'Answer' }).click()))
  await hearEachOther()
  await adele.getByRole('button', { name: 'Camera', exact: true }).click()
  await expectSees(bao, cameraOf('Adele Novak'), 'red')

  await first.close()
  const lost = 'The connection to the server is lost.'
  await adele.getByText(lost).waitFor()
  running = await startServer(defaultConfig({ ...config, port: Number(new URL(first.url).port) }))
  await adele.getByText(lost).waitFor({ state: 'hidden' })
  await hearEachOther()
  await expectSees(bao, cameraOf('Adele Novak'), 'red')
  await adele.getByText(/^Connected/).waitFor()
})
