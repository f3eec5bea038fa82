/**
 * People at real browsers see each other: every camera sees a colour of its own, so that who sees whom is told by colours,
 * and what an application reads of them. The parts follow each other in one world, so that browsers are started once.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, describe, test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import type { AnyJson } from '../support/any-json.ts'
import { startWorld, user, type Reply, type World } from '../support/world.ts'
import { CALLS, create } from '../scenarios/steps.ts'
import { openBrowser, signIn, until, type PhoneBrowser } from './phones.ts'
import { answer, endAll, press, rowOf, whatIsOn } from './steps.ts'
import {
  cameraOf,
  expectMoves,
  expectSees,
  expectStill,
  filming,
  gone,
  legs,
  look,
  OWN,
  pictures,
  screenOf,
} from './sight.ts'
import { noChromium } from './support.ts'

/** How long the parts of one world may take together, in milliseconds: they are as slow as the machine. */
const PATIENCE = 300_000
const NAMES = ['ada', 'ben', 'cleo'] as const
const COLOURS = ['red', 'green', 'blue'] as const
type Name = (typeof NAMES)[number]

describe('at real browsers with cameras', { skip: noChromium }, () => {
  let browsers: readonly PhoneBrowser[] = []
  before(async () => {
    browsers = await Promise.all(COLOURS.map((colour) => openBrowser(undefined, colour)))
  })
  after(async () => {
    await Promise.all(browsers.map(({ close }) => close()))
  })

  /** The phone of somebody who is signed in, at their own browser. */
  async function open(t: TestContext, world: World, name: Name): Promise<Page> {
    const context = await browsers[NAMES.indexOf(name)]?.person()
    assert.ok(context)
    t.after(async () => {
      for (const page of t.passed ? [] : context.pages()) console.log(`${name} saw: ${await whatIsOn(page)}`)
      await context.close()
    })
    return signIn(context, world.url, name)
  }

  test('people see each other in a group call of a bot', { timeout: PATIENCE }, async (t) => {
    const world = await openWorld(t)
    const [ada, ben] = await Promise.all([open(t, world, 'ada'), open(t, world, 'ben')])
    const { id } = await create(world, [user('ada'), user('ben')])
    await Promise.all([ada, ben].map(answer))

    await t.test('nobody is filmed before they say so', async () => {
      assert.equal(await pictures(ada), 0)
      assert.equal(await look(ada, OWN), undefined)
      assert.equal(await filming(ada), 0)
      assert.deepEqual(await streamsOf(world, id, 'ada'), [])
    })

    await t.test('who turns the camera on is seen by the other, and sees nobody but themselves', async () => {
      await press(ada, 'Camera')
      await Promise.all([expectSees(ben, cameraOf('ada'), 'red'), expectSees(ada, OWN, 'red')])
      assert.equal(await pictures(ada), 1)
      await until(
        async () => (await streamsOf(world, id, 'ada')).some(([type]) => type === 'video'),
        'the roster shows it',
      )
    })

    await t.test('both see each other', async () => {
      await press(ben, 'Camera')
      await Promise.all([expectSees(ada, cameraOf('ben'), 'green'), expectSees(ben, cameraOf('ada'), 'red')])
    })

    const cleo = await open(t, world, 'cleo')
    await t.test('a third sees both, and is seen by both', async () => {
      await invite(world, id, user('cleo'))
      await answer(cleo)
      await Promise.all([expectSees(cleo, cameraOf('ada'), 'red'), expectSees(cleo, cameraOf('ben'), 'green')])
      await press(cleo, 'Camera')
      await Promise.all([ada, ben].map((page) => expectSees(page, cameraOf('cleo'), 'blue')))
    })

    await t.test('who is clicked on is large, and who wants to see nobody is sent nothing', async () => {
      await press(cleo, 'Show ben large')
      await cleo.getByRole('button', { name: 'Show ben large', pressed: true }).waitFor()
      await expectSees(cleo, cameraOf('ben'), 'green')
      await press(cleo, 'Hide pictures')
      await expectStill(cleo)
      assert.equal(await look(cleo, cameraOf('ada')), undefined)
      await press(cleo, 'Show pictures')
      await Promise.all([expectSees(cleo, cameraOf('ada'), 'red'), expectSees(cleo, cameraOf('ben'), 'green')])
    })

    await t.test('who puts the call on hold is not seen, and is seen again', async () => {
      await press(ben, 'Hold')
      await gone(ada, cameraOf('ben'))
      await gone(ben, OWN)
      assert.equal(await filming(ben), 0)
      await expectStill(ben)
      await press(ben, 'Resume')
      await Promise.all([expectSees(ada, cameraOf('ben'), 'green'), expectSees(ben, cameraOf('ada'), 'red')])
    })

    await t.test('a page that is reloaded shows and sees what it did', async () => {
      await ben.reload()
      await ben.getByRole('button', { name: 'Mute', exact: true }).waitFor()
      await Promise.all([
        expectSees(ben, cameraOf('ada'), 'red'),
        expectSees(ben, OWN, 'green'),
        expectSees(ada, cameraOf('ben'), 'green'),
      ])
    })

    const noProcesses = process.platform !== 'linux' && 'the engine is found where Linux tells of processes'
    await t.test('when the engine breaks down, all see each other again', { skip: noProcesses }, async () => {
      const before = await legs(ada)
      process.kill(engineProcess(), 'SIGKILL')
      await until(async () => (await legs(ada)) > before, 'a new leg')
      await Promise.all([
        expectSees(ben, cameraOf('ada'), 'red'),
        expectSees(ada, cameraOf('cleo'), 'blue'),
        expectSees(cleo, cameraOf('ben'), 'green'),
      ])
    })

    await t.test('who turns the camera off is not seen any more', async () => {
      await press(ben, 'Camera')
      await Promise.all([gone(ada, cameraOf('ben')), gone(cleo, cameraOf('ben')), gone(ben, OWN)])
      assert.equal(await filming(ben), 0)
      await until(async () => (await streamsOf(world, id, 'ben')).length === 0, 'the roster shows it')
      await expectSees(ada, cameraOf('cleo'), 'blue')
    })

    await t.test('a screen is seen by all, and whoever presents takes over', async () => {
      await press(ada, 'Present')
      await Promise.all([ben, cleo].map((page) => expectMoves(page, screenOf('ada'))))
      await until(
        async () => (await streamsOf(world, id, 'ada')).some(([type]) => type === 'videoBasedScreenSharing'),
        'the roster shows it',
      )
      const sessions = await world.client('alpha').get(`${CALLS}/${id}/contentSharingSessions`)
      assert.equal(sessions.body.value.length, 1)
      await press(ben, 'Present')
      await Promise.all([ada, cleo].map((page) => expectMoves(page, screenOf('ben'))))
      await ada.getByRole('button', { name: 'Stop presenting' }).waitFor({ state: 'detached' })
      await press(ben, 'Stop presenting')
      await Promise.all([ada, cleo].map((page) => gone(page, screenOf('ben'))))
    })
    await t.test('when the call is over, nothing films', async () => {
      assert.equal(await filming(cleo), 1)
      await press(cleo, 'Leave')
      await cleo.getByText('You have left.').waitFor()
      assert.equal(await filming(cleo), 0)
    })
    await endAll(world, [id])
  })

  test('with one slot, one sees whom one chooses', { timeout: PATIENCE }, async (t) => {
    const world = await openWorld(t, { mediaVideoSlots: 1 })
    const [ada, ben, cleo] = await Promise.all([open(t, world, 'ada'), open(t, world, 'ben'), open(t, world, 'cleo')])
    const { id } = await create(world, [user('ada'), user('ben'), user('cleo')])
    await Promise.all([ada, ben, cleo].map(answer))
    await press(ada, 'Camera')
    await expectSees(cleo, cameraOf('ada'), 'red')
    await press(ben, 'Camera')
    await press(cleo, 'Show ben large')
    await expectSees(cleo, cameraOf('ben'), 'green')
    assert.equal(await look(cleo, cameraOf('ada')), undefined)
    await press(cleo, 'Show ada large')
    await expectSees(cleo, cameraOf('ada'), 'red')
    assert.equal(await look(cleo, cameraOf('ben')), undefined)
    await endAll(world, [id])
  })

  test('who is moved into a group call is seen there', { timeout: PATIENCE }, async (t) => {
    const world = await openWorld(t)
    const [ada, cleo] = await Promise.all([open(t, world, 'ada'), open(t, world, 'cleo')])
    const group = await create(world, [user('ada'), user('eva')])
    await answer(ada)
    const alone = await create(world, [user('cleo')])
    await answer(cleo)
    const call = (): Promise<Reply> => world.client('alpha').get(`${CALLS}/${alone.id}`)
    await until(async () => (await call()).body.state === 'established', 'the call is established')
    await press(cleo, 'Camera')
    await expectSees(cleo, OWN, 'blue')
    await invite(world, group.id, { ...user('cleo'), replacesCallId: alone.id })
    await expectSees(ada, cameraOf('cleo'), 'blue')
    assert.equal(await filming(cleo), 1)
    await endAll(world, [group.id])
  })

  test('a server that carries sound alone has pages without pictures', async (t) => {
    const world = await openWorld(t, { mediaVideo: false })
    const ada = await open(t, world, 'ada')
    const { id } = await create(world, [user('ada')])
    await answer(ada)
    for (const name of ['Camera', 'Present']) {
      assert.equal(await ada.getByRole('button', { name, exact: true }).count(), 0)
    }
    await endAll(world, [id])
  })
})

/** A server on the real clock: what is shown takes the time that it takes. A busy machine is no reason to refuse anybody. */
function openWorld(t: TestContext, options: { mediaVideo?: boolean; mediaVideoSlots?: number } = {}): Promise<World> {
  return startWorld(t, { clock: 'real', mediaLoadLimit: 100, mediaConnectTimeout: 60_000, ...options })
}

async function invite(world: World, id: string, who: object): Promise<void> {
  const body = { participants: [who], clientContext: 'invite' }
  const { status } = await world.client('alpha').post(`${CALLS}/${id}/participants/invite`, body)
  assert.equal(status, 200)
}

/** The process of the media engine, which is a child of this one, as Linux tells of it. */
function engineProcess(): number {
  const engines = readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id)) return false
    try {
      const isChild = readFileSync(`/proc/${id}/status`, 'utf8').includes(`\nPPid:\t${process.pid}\n`)
      return isChild && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('media/embedded')
    } catch {
      // It has ended meanwhile.
      return false
    }
  })
  assert.equal(engines.length, 1)
  return Number(engines[0])
}

/** The pictures of somebody's that an application reads of on the roster: media types and directions. */
async function streamsOf(world: World, id: string, name: Name): Promise<readonly [string, string][]> {
  const { mediaStreams } = await rowOf(world, id, name)
  return mediaStreams
    .filter(({ mediaType }: AnyJson) => mediaType !== 'audio')
    .map(({ mediaType, direction }: AnyJson) => [mediaType, direction])
}
