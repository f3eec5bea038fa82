/** How pages are looked at: wide and narrow, light and dark; and what none of their views may be. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Each is a window in which every view is opened. */
export const looks = [
  { name: 'wide and light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { name: 'narrow and dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const

interface Finding {
  readonly id: string
  readonly impact: string | null
  readonly help: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** axe finds nothing, and nothing is wider than the page. @param view what is said of it otherwise */
export async function assertGood(page: Page, view = ''): Promise<void> {
  // Colours are read where they have come to rest.
  await page.evaluate(`Promise.all(
    document.getAnimations()
      .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
      .map((one) => one.finished.catch(() => undefined)),
  )`)
  await page.evaluate(axe)
  // Fluent's keyboard library puts these around dialogs, to know where the focus goes; nobody reads or reaches them.
  const { violations: findings } = await page.evaluate<{ violations: Finding[] }>(
    "axe.run({ exclude: [['[data-tabster-dummy]']] }, { resultTypes: ['violations'] })",
  )
  const told = findings.map(({ id, impact, help, nodes }) => {
    return `${impact} ${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join('\n')}`
  })
  assert.deepEqual(told, [], view)
  const over = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  assert.ok(over <= 0, `${view}: the page is ${over} px too wide`)
}
