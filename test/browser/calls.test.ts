/**
 * People at real browsers, a bot that drives them through the API, and what each hears: every microphone has a tone of its
 * own. The parts follow each other in one world, so that browsers are started once.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { startFileServer } from '../../src/media/media.suite.ts'
import { readWav, SAMPLE_RATE, writeWav } from '../../src/media/wav.ts'
import { ALL_ROLES, startWorld, user, USERS, type Reply, type World } from '../support/world.ts'
import { CALLS, create } from '../scenarios/steps.ts'
import { openBrowser, signIn, until, watchGaps, type PhoneBrowser } from './phones.ts'
import { answer, endAll, press, rowOf, told, whatIsOn } from './steps.ts'
import { expectHears, noChromium } from './support.ts'

/** What each microphone hears, and what the bot plays, in Hz: no two are multiples of each other. */
const ADA = 500
const BEN = 730
const CLEO = 1130
const PROMPT = 1610
/** How long the parts of one world may take together, in milliseconds: they are as slow as the machine. */
const PATIENCE = 300_000
/** No gap in what somebody hears while they are moved may be longer, in milliseconds. */
const LONGEST_GAP = 200

describe('at real browsers', { skip: noChromium }, () => {
  let browsers: readonly PhoneBrowser[] = []
  before(async () => {
    browsers = await Promise.all([ADA, BEN, CLEO].map((frequency) => openBrowser(frequency)))
  })
  after(async () => {
    await Promise.all(browsers.map(({ close }) => close()))
  })

  /** The phone of somebody who is signed in, in the browser with that number. */
  async function open(t: TestContext, world: World, browser: number, name: string): Promise<Page> {
    const context = await browsers[browser]?.person()
    assert.ok(context)
    t.after(async () => {
      for (const page of t.passed ? [] : context.pages()) console.log(`${name} saw: ${await whatIsOn(page)}`)
      await context.close()
    })
    return signIn(context, world.url, name)
  }

  test('people talk in a group call of a bot', { timeout: PATIENCE }, async (t) => {
    const world = await openWorld(t)
    const [ada, ben] = await Promise.all([open(t, world, 0, 'ada'), open(t, world, 1, 'ben')])
    const { id } = await create(world, [user('ada'), user('ben')])
    await Promise.all([answer(ada), answer(ben)])

    await t.test('each hears the other, and not themselves', async () => {
      await Promise.all([
        expectHears(ada, { loud: [BEN], quiet: [ADA] }),
        expectHears(ben, { loud: [ADA], quiet: [BEN] }),
      ])
    })

    await t.test('who mutes is not heard, and everybody sees it', async () => {
      await press(ada, 'Mute')
      await ben.getByText('Muted').waitFor()
      await expectHears(ben, { loud: [], quiet: [ADA] })
      await until(async () => (await rowOf(world, id, 'ada')).isMuted, 'the roster shows who is muted')
      await press(ada, 'Unmute')
      await expectHears(ben, { loud: [ADA] })
    })

    await t.test('who is muted by the bot is not heard until they unmute', async () => {
      await post(world, `${id}/participants/${(await rowOf(world, id, 'ada')).id}/mute`, { clientContext: 'mute' })
      await ada.getByRole('button', { name: 'Unmute' }).waitFor()
      await expectHears(ben, { loud: [], quiet: [ADA] })
      await press(ada, 'Unmute')
      await expectHears(ben, { loud: [ADA] })
    })

    const cleo = await open(t, world, 2, 'cleo')
    await t.test('a third comes in by an invite, and hears both', async () => {
      await invite(world, id, user('cleo'))
      await answer(cleo)
      await Promise.all([
        expectHears(cleo, { loud: [ADA, BEN], quiet: [CLEO] }),
        expectHears(ada, { loud: [BEN, CLEO], quiet: [ADA] }),
        expectHears(ben, { loud: [ADA, CLEO], quiet: [BEN] }),
      ])
    })

    await t.test('a page that is reloaded comes back into the call', async () => {
      await ben.reload()
      await ben.getByRole('button', { name: 'Mute' }).waitFor()
      await Promise.all([
        expectHears(ben, { loud: [ADA, CLEO], quiet: [BEN] }),
        expectHears(cleo, { loud: [ADA, BEN], quiet: [CLEO] }),
      ])
    })

    const { url, files } = await startFileServer(t)
    files.set('/prompt.wav', toneFile(PROMPT, 2))
    await t.test('everybody hears a prompt of the bot', async () => {
      await post(world, `${id}/playPrompt`, {
        clientContext: 'p',
        loop: true,
        prompts: [mediaPrompt(`${url}/prompt.wav`)],
      })
      await Promise.all([ada, ben, cleo].map((page) => expectHears(page, { loud: [PROMPT] })))
      await post(world, `${id}/cancelMediaProcessing`, {})
      await Promise.all([ada, ben, cleo].map((page) => expectHears(page, { loud: [], quiet: [PROMPT] })))
    })

    await t.test('who is put on hold hears music and nobody, and nobody hears them', async () => {
      const row = await rowOf(world, id, 'cleo')
      const customPrompt = mediaPrompt(`${url}/prompt.wav`)
      await post(world, `${id}/participants/${row.id}/startHoldMusic`, { customPrompt })
      await cleo.getByText('You are on hold').waitFor()
      await Promise.all([
        expectHears(cleo, { loud: [PROMPT], quiet: [ADA, BEN] }),
        expectHears(ada, { loud: [BEN], quiet: [CLEO, PROMPT] }),
      ])
      await post(world, `${id}/participants/${row.id}/stopHoldMusic`, {})
      await expectHears(cleo, { loud: [ADA, BEN], quiet: [PROMPT] })
    })

    await t.test('who puts the call on hold neither hears nor is heard', async () => {
      await press(cleo, 'Hold')
      await ada.getByText('On hold').waitFor()
      await Promise.all([
        expectHears(ada, { loud: [BEN], quiet: [CLEO] }),
        expectHears(cleo, { loud: [], quiet: [ADA, BEN] }),
      ])
      await press(cleo, 'Resume')
      await expectHears(cleo, { loud: [ADA, BEN] })
    })

    await t.test('who leaves is gone, and the call goes on', async () => {
      await press(cleo, 'Leave')
      await cleo.getByText('You have left.').waitFor()
      await expectHears(ada, { loud: [BEN], quiet: [CLEO] })
    })
    await endAll(world, [id])
    await press(ada, 'Leave')
    await ada.getByText('You have left.').waitFor()
  })

  test('a call rings on two pages; the first to answer has it', async (t) => {
    const world = await openWorld(t)
    const first = await open(t, world, 0, 'ada')
    const second = await open(t, world, 1, 'ada')
    const { id } = await create(world, [user('ada')])
    await Promise.all([first, second].map((page) => page.getByText('Alpha').first().waitFor()))
    assert.match(await second.title(), /^☎ Alpha/)
    await answer(first)
    await second.getByText('This call is on another of your pages').waitFor()
    await press(second, 'Bring it here')
    await second.getByRole('button', { name: 'Mute' }).waitFor()
    await first.getByText('This call is on another of your pages').waitFor()
    await endAll(world, [id])
  })

  test('a bot records until a key is pressed, and has what was said', async (t) => {
    const world = await openWorld(t)
    const cleo = await open(t, world, 2, 'cleo')
    const { id } = await create(world, [user('cleo')])
    await answer(cleo)
    await until(async () => (await get(world, id)).body.state === 'established', 'the call is established')
    const { body } = await post(world, `${id}/recordResponse`, {
      clientContext: 'r',
      playBeep: true,
      bargeInAllowed: true,
      maxRecordDurationInSeconds: 60,
      initialSilenceTimeoutInSeconds: 30,
      maxSilenceTimeoutInSeconds: 30,
      stopTones: ['#'],
    })
    await expectHears(cleo, { loud: [] })
    await press(cleo, 'Keypad')
    await cleo.getByRole('button', { name: 'Pound' }).click()
    const end = await told(world, ({ resourceUrl }) => resourceUrl.endsWith(`/operations/${body.id}`))
    const { status, resultInfo, recordingLocation, recordingAccessToken } = end.resourceData
    assert.deepEqual([status, resultInfo.code, resultInfo.subcode], ['completed', 200, 8514])
    const reply = await fetch(recordingLocation, { headers: { authorization: `Bearer ${recordingAccessToken}` } })
    const read = readWav(Buffer.from(await reply.arrayBuffer()))
    assert.ok(read.ok)
    assert.ok(loudness(read.samples, CLEO) > 20 * loudness(read.samples, BEN), 'the recording has what Cleo said')
    await endAll(world, [id])
  })

  test('who is moved into a group call hears on without a gap', async (t) => {
    const world = await openWorld(t)
    const [ada, cleo] = await Promise.all([open(t, world, 0, 'ada'), open(t, world, 2, 'cleo')])
    const group = await create(world, [user('ada'), user('eva')])
    await answer(ada)
    const alone = await create(world, [user('cleo')])
    await answer(cleo)
    const { url, files } = await startFileServer(t)
    files.set('/prompt.wav', toneFile(PROMPT, 2))
    const prompts = [mediaPrompt(`${url}/prompt.wav`)]
    await until(async () => (await get(world, alone.id)).body.state === 'established', 'the call is established')
    await post(world, `${alone.id}/playPrompt`, { clientContext: 'p', loop: true, prompts })
    await expectHears(cleo, { loud: [PROMPT], quiet: [ADA] })
    const gaps = await watchGaps(cleo)
    await invite(world, group.id, { ...user('cleo'), replacesCallId: alone.id })
    await Promise.all([
      expectHears(cleo, { loud: [ADA], quiet: [PROMPT, CLEO] }),
      expectHears(ada, { loud: [CLEO], quiet: [ADA] }),
    ])
    const gap = await gaps()
    t.diagnostic(`the longest gap was ${gap.toFixed(0)} ms`)
    assert.ok(gap < LONGEST_GAP, `a gap of ${gap.toFixed(0)} ms`)
    assert.equal(await cleo.getByRole('button', { name: 'Answer' }).count(), 0)
    await endAll(world, [group.id])
  })

  test('a guest waits in the lobby of a meeting, and is let in', async (t) => {
    const world = await openWorld(t)
    const ada = await open(t, world, 0, 'ada')
    const made = await world.client('alpha').post(`/users/${USERS.ada}/onlineMeetings`, {
      subject: 'Tea',
      lobbyBypassSettings: { scope: 'organizer' },
    })
    assert.equal(made.status, 201, made.headers.get('rollcall-explanation') ?? '')
    await ada.getByLabel('Link or meeting ID').fill(made.body.joinWebUrl)
    await press(ada, 'Join')
    await ada.getByRole('button', { name: 'Mute' }).waitFor()

    const context = await browsers[1]?.person()
    assert.ok(context)
    t.after(() => context.close())
    const guest = await context.newPage()
    await guest.goto(`${world.url}/phone/?meeting=${encodeURIComponent(made.body.joinWebUrl)}`)
    await guest.getByLabel('Your name').fill('Gus')
    await press(guest, 'Join as a guest')
    await guest.getByText('Somebody will let you in soon').waitFor()
    await expectHears(guest, { loud: [], quiet: [ADA] })
    await press(ada, 'Admit Gus')
    await guest.getByRole('button', { name: 'Mute' }).waitFor()
    await Promise.all([
      expectHears(guest, { loud: [ADA], quiet: [BEN] }),
      expectHears(ada, { loud: [BEN], quiet: [ADA] }),
    ])
    await press(guest, 'Leave')
    await ada.getByText('1 person').waitFor()
    await press(ada, 'Leave')
    await ada.getByText('You have left.').waitFor()
  })
})

/** A server on the real clock: what is said takes the time that it takes. A busy machine is no reason to refuse anybody. */
function openWorld(t: TestContext): Promise<World> {
  return startWorld(
    t,
    { clock: 'real', mediaLoadLimit: 100, mediaConnectTimeout: 60_000 },
    { alpha: { roles: [...ALL_ROLES, 'OnlineMeetings.ReadWrite.All'] } },
  )
}

async function post(world: World, path: string, body: unknown): Promise<Reply> {
  const reply = await world.client('alpha').post(`${CALLS}/${path}`, body)
  assert.ok(reply.status < 300, `${path}: ${reply.status} ${reply.headers.get('rollcall-explanation')}`)
  return reply
}

function get(world: World, path: string): Promise<Reply> {
  return world.client('alpha').get(`${CALLS}/${path}`)
}

async function invite(world: World, id: string, who: unknown): Promise<void> {
  await post(world, `${id}/participants/invite`, { participants: [who], clientContext: 'invite' })
}

const mediaPrompt = (uri: string): object => ({
  '@odata.type': '#microsoft.graph.mediaPrompt',
  mediaInfo: { '@odata.type': '#microsoft.graph.mediaInfo', uri },
})

function toneFile(frequency: number, seconds: number): Buffer {
  const samples = Int16Array.from({ length: seconds * SAMPLE_RATE }, (_, n) =>
    Math.round(8000 * Math.sin((2 * Math.PI * frequency * n) / SAMPLE_RATE)),
  )
  return writeWav(samples)
}

/** How much of a frequency there is in what was recorded. */
function loudness(samples: Int16Array, frequency: number): number {
  let [cosine, sine] = [0, 0]
  samples.forEach((sample, n) => {
    const angle = (2 * Math.PI * frequency * n) / SAMPLE_RATE
    cosine += sample * Math.cos(angle)
    sine += sample * Math.sin(angle)
  })
  return Math.hypot(cosine, sine) / samples.length
}
