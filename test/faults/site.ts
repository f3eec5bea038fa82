/** Where a server that will be killed finds what it needs, and keeps what must outlive it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { stringify } from 'yaml'
import type { AnyJson } from '../support/any-json.ts'
import { Bot } from '../support/bot.ts'
import { ALL_ROLES, APPS, SECRET, TENANT, testDirectory } from '../support/world.ts'

export const CALLS = '/v1.0/communications/calls'

/** A folder with a directory, a bot, and the flags of a server that uses both. */
export interface Site {
  readonly bot: Bot
  readonly flags: readonly string[]
}

/** Makes one, for as long as the test. @param scripts what people do, by name @param more further options */
export async function prepare(
  t: TestContext,
  scripts: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, string>> = {},
): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-crash-'))
  const bot = new Bot(APPS.alpha)
  await bot.listen()
  t.after(async () => {
    await bot.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const roles = [...ALL_ROLES, 'CallRecords.Read.All', 'OnlineMeetings.ReadWrite.All']
  const directory: AnyJson = testDirectory(() => bot.url, { alpha: { roles, meetingUsers: 'all' } })
  directory.defaults = { script: { answer: { after: '50ms' } } }
  for (const one of directory.tenants[0].users) if (scripts[one.displayName]) one.script = scripts[one.displayName]
  writeFileSync(join(folder, 'directory.yaml'), stringify(directory))
  const options = {
    data: join(folder, 'data'),
    directory: join(folder, 'directory.yaml'),
    'log-level': 'error',
    'ring-timeout': '1s',
    'answer-timeout': '1s',
    'delivery-retry-limit': '300ms',
    'drain-timeout': '2s',
    'journal-size': '0',
    ...more,
  }
  return { bot, flags: Object.entries(options).map(([name, value]) => `--${name}=${value}`) }
}

/** A token of alpha's. */
export async function tokenOf(url: string): Promise<string> {
  const form = { grant_type: 'client_credentials', client_id: APPS.alpha, client_secret: SECRET }
  const body = new URLSearchParams({ ...form, scope: 'https://graph.microsoft.com/.default' })
  const response = await fetch(`${url}/${TENANT}/oauth2/v2.0/token`, { method: 'POST', body })
  return ((await response.json()) as AnyJson).access_token
}
