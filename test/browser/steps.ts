/** What tests with real browsers do again and again: as the people at them, and as the application that calls them. */
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { AnyJson } from '../support/any-json.ts'
import type { Notification } from '../support/bot.ts'
import { USERS, type World } from '../support/world.ts'
import { CALLS } from '../scenarios/steps.ts'
import { until } from './phones.ts'

/** Clicks on a button. */
export async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click()
}

/** What somebody reads on a page, in one line. */
export async function whatIsOn(page: Page): Promise<string> {
  return (await page.evaluate<string>('document.body.innerText')).replaceAll(/\s+/g, ' ')
}

/** Takes the call that rings. */
export async function answer(page: Page): Promise<void> {
  await press(page, 'Answer')
  await page.getByRole('button', { name: 'Mute', exact: true }).waitFor()
}

/** Somebody's row of the roster. */
export async function rowOf(world: World, id: string, name: keyof typeof USERS): Promise<AnyJson> {
  const { body } = await world.client('alpha').get(`${CALLS}/${id}/participants`)
  return body.value.find(({ info }: AnyJson) => info.identity.user?.id === USERS[name]) ?? {}
}

/** Waits for a notification of Alpha's. */
export async function told(world: World, isIt: (notification: Notification) => boolean): Promise<Notification> {
  const find = (): Notification | undefined => world.bots.alpha.received.flatMap(({ body }) => body.value).find(isIt)
  await until(() => find() !== undefined, 'a notification')
  return find() ?? assert.fail()
}

/** Ends calls, and takes every notification up to their ends: after that there are no more. */
export async function endAll(world: World, ids: readonly string[]): Promise<void> {
  for (const id of ids) await world.client('alpha').delete(`${CALLS}/${id}`)
  for (const id of ids)
    await told(world, ({ changeType, resourceUrl }) => changeType === 'deleted' && resourceUrl.endsWith(id))
  await world.take()
}
