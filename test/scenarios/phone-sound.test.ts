/** People at pages with the real engine: what the calling API says is what they hear. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Page } from '../support/page.ts'
import { openPage } from '../support/page.ts'
import { SoundPeer } from '../support/sound-peer.ts'
import { strengthOf } from '../support/speaking-peer.ts'
import { startWorld, user } from '../support/world.ts'
import type { UserName, World } from '../support/world.ts'
import { CALLS, create } from './steps.ts'

const ADA = 440
const BEN = 880
const CLEO = 1320
/** More of the power than this is that tone, less than this is not; the rest of a voice is noise of the codec. */
const HEARD = 0.3
const NOT_HEARD = 0.02

interface Live {
  readonly page: Page
  readonly peer: SoundPeer
  readonly callId: string
}

/** Somebody opens a page, and says a tone as soon as they are in. */
async function open(t: TestContext, world: World, who: UserName, frequency: number): Promise<[Page, SoundPeer]> {
  const peer = await SoundPeer.make(frequency)
  t.after(() => peer.close())
  return [await openPage(t, world, who), peer]
}

/** They answer what rings. */
async function answer([page, peer]: [Page, SoundPeer]): Promise<Live> {
  const { callId } = await page.phase('ringing')
  const done = await page.do({ type: 'answer', callId, offer: await peer.offer() })
  await peer.accept(done.answer ?? '')
  await page.phase('connected', ({ media }) => media === 'connected')
  return { page, peer, callId }
}

/** How long is listened at a time, in milliseconds. */
const WINDOW = 600

/** Waits until what is heard is so: these tones, and not those. Who hears nothing is sent nothing. */
async function hears({ peer }: Pick<Live, 'peer'>, tones: readonly number[], not: readonly number[]): Promise<void> {
  const deadline = performance.now() + 20_000
  for (;;) {
    const from = peer.heard.length
    await new Promise((resolve) => setTimeout(resolve, WINDOW))
    const strengthIn = (tone: number): number => strengthOf(tone, peer.samples(from))
    const isHeard = tones.every((tone) => strengthIn(tone) > HEARD / tones.length)
    if (isHeard && not.every((tone) => strengthIn(tone) < NOT_HEARD)) return
    const said = [...tones, ...not].map((tone) => `${tone}: ${strengthIn(tone).toFixed(3)}`).join(', ')
    assert.ok(performance.now() < deadline, `${said}, in ${peer.heard.length - from} packets`)
  }
}

test(
  'two people at pages hear each other, mute, hold and put into another call; keys are heard',
  { timeout: 120_000 },
  async (t) => {
    const world = await startWorld(t)
    const pages = [
      await open(t, world, 'ada', ADA),
      await open(t, world, 'ben', BEN),
      await open(t, world, 'cleo', CLEO),
    ] as const
    const call = await create(world, [user('ada'), user('ben')])
    const ada = await answer(pages[0])
    const ben = await answer(pages[1])
    await hears(ada, [BEN], [ADA, CLEO])
    await hears(ben, [ADA], [BEN, CLEO])
    await world.take()

    await ada.page.do({ type: 'mute', callId: ada.callId, muted: true })
    await hears(ben, [], [ADA])
    await ada.page.do({ type: 'mute', callId: ada.callId, muted: false })
    await hears(ben, [ADA], [])
    await ben.page.do({ type: 'hold', callId: ben.callId, held: true })
    await hears(ada, [], [BEN])
    await hears(ben, [], [ADA])
    await ben.page.do({ type: 'hold', callId: ben.callId, held: false })
    await hears(ada, [BEN], [])
    await world.take()

    await world.client('alpha').post(`${CALLS}/${call.id}/subscribeToTone`, {})
    await world.take()
    ada.peer.press('tone7')
    await t.waitFor(
      async () => {
        const taken = await world.take()
        assert.deepEqual(
          taken.map(({ resourceData }) => resourceData.toneInfo?.tone),
          ['tone7'],
        )
      },
      { timeout: 10_000, interval: 100 },
    )

    const first = await create(world, [user('cleo')])
    const cleo = await answer(pages[2])
    await world.take()
    const before = cleo.peer.packets.length
    const moved = await world.client('alpha').post(`${CALLS}/${call.id}/participants/invite`, {
      participants: [
        {
          '@odata.type': '#microsoft.graph.invitationParticipantInfo',
          identity: user('cleo').identity,
          replacesCallId: first.id,
        },
      ],
    })
    assert.equal(moved.status, 200)
    await cleo.page.phase('connected', ({ kind }) => kind === 'group')
    await hears(cleo, [ADA, BEN], [CLEO])
    await hears(ada, [BEN, CLEO], [ADA])
    const gaps = cleo.peer.packets.slice(before).map(({ at }, index, all) => at - (all[index - 1]?.at ?? at))
    assert.ok(Math.max(...gaps) < 1000, `${Math.max(...gaps)} ms without a packet`)
    const connections = cleo.page.received.flatMap((one) =>
      one.type === 'state' ? one.calls.map(({ media }) => media) : [],
    )
    assert.ok(!connections.slice(connections.indexOf('connected')).includes('wanted'))
    for (const { page, callId } of [ada, ben, cleo]) await page.do({ type: 'hangUp', callId })
    await world.take()
  },
)

test('a page that is reloaded brings its sound back', { timeout: 60_000 }, async (t) => {
  const world = await startWorld(t)
  const pages = [await open(t, world, 'ada', ADA), await open(t, world, 'ben', BEN)] as const
  await create(world, [user('ada'), user('ben')])
  const ada = await answer(pages[0])
  const ben = await answer(pages[1])
  await hears(ben, [ADA], [])
  await world.take()
  ada.peer.close()
  await ada.page.leave()
  await hears(ben, [], [ADA])
  const peer = await SoundPeer.make(ADA)
  t.after(() => peer.close())
  const page = await openPage(t, world, 'ada', ada.page.device)
  const { callId } = await page.phase('connected')
  const { answer: sdp = '' } = await page.do({ type: 'rejoin', callId, offer: await peer.offer() })
  await peer.accept(sdp)
  await hears(ben, [ADA], [])
  await hears({ peer }, [BEN], [ADA])
  assert.deepEqual(await world.lines(), [])
  await page.do({ type: 'hangUp', callId })
  await ben.page.do({ type: 'hangUp', callId: ben.callId })
  await world.take()
})
