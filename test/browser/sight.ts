/** What people at real browsers see: measured on the pictures that their pages show, as `page/pictures.ts` looks at them. */
import type { Page } from 'playwright-core'
import { until } from './phones.ts'
import type { Colour } from './support.ts'

/** What pictures are called on a page. */
export const OWN = 'What your camera sees'
export const cameraOf = (name: string): string => `What the camera of ${name} sees`
export const screenOf = (name: string): string => `What ${name} presents`

/** In the order in which pixels have them. */
const colours = ['red', 'green', 'blue'] as const satisfies readonly Colour[]

interface Look {
  readonly colour: readonly [red: number, green: number, blue: number]
  readonly width: number
  readonly frames: number
}

/** What is to be seen under a label just now. */
export function look(page: Page, label: string): Promise<Look | undefined> {
  return page.evaluate<Look | undefined>(`pictures.look(${JSON.stringify(label)})`)
}

/** How many cameras and screens film a person. */
export function filming(page: Page): Promise<number> {
  return page.evaluate<number>('pictures.filming()')
}

/** How many connections for calls a page has ever made. */
export function legs(page: Page): Promise<number> {
  return page.evaluate<number>('pictures.legs()')
}

/** How many pictures there are on a page. */
export function pictures(page: Page): Promise<number> {
  return page.locator('video').count()
}

function colourOf({ colour }: Look): Colour | undefined {
  const most = Math.max(...colour)
  const index = colour.indexOf(most)
  return colour.every((one, other) => other === index || one < most - 30) ? colours[index] : undefined
}

/** Waits until a page sees something move under a label. */
export async function expectMoves(
  page: Page,
  label: string,
  isIt: (seen: Look) => boolean = () => true,
): Promise<void> {
  let first: Look | undefined
  await until(async () => {
    const seen = await look(page, label)
    if (!seen || seen.width === 0 || !isIt(seen)) first = undefined
    else if (!first || seen.frames < first.frames) first = seen
    return first !== undefined && seen !== undefined && seen.frames >= first.frames + 5
  }, `${label} to move`)
}

/** Waits until a page sees a colour, and frames that go on, under a label. */
export async function expectSees(page: Page, label: string, colour: Colour): Promise<void> {
  await expectMoves(page, label, (seen) => colourOf(seen) === colour)
}

/** Waits until nothing is to be seen under a label. */
export async function gone(page: Page, label: string): Promise<void> {
  await until(async () => (await look(page, label)) === undefined, `${label} to be gone`)
}

/** Waits until no frame comes to a page for a while. */
export async function expectStill(page: Page): Promise<void> {
  await until(async () => {
    const before = await page.evaluate<number>('pictures.decoded()')
    await page.waitForTimeout(700)
    return (await page.evaluate<number>('pictures.decoded()')) === before
  }, 'pictures to stop coming')
}
