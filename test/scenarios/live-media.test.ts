/** Service-hosted media with somebody who is really there: prompts and music are heard, what is said is recorded, keys go both ways. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { melody } from '../../examples/support/wav.ts'
import { startFileServer } from '../../src/media/media.suite.ts'
import { readWav } from '../../src/media/wav.ts'
import { expectHeard } from '../support/heard.ts'
import { openPage } from '../support/page.ts'
import { SoundPeer } from '../support/sound-peer.ts'
import { strengthOf } from '../support/speaking-peer.ts'
import type { World } from '../support/world.ts'
import { startWorld, user } from '../support/world.ts'
import { act, mediaPrompt } from './media-steps.ts'
import { create } from './steps.ts'
import type { Known } from './wire.ts'

const VOICE = 440
const PROMPT = 1000
const KEYS = 126

/** Ada at a page, in a call that alpha made with her and Ben. */
async function talk(
  t: TestContext,
  clock: 'real' | 'virtual' = 'real',
): Promise<{ world: World; call: Known; ada: string; peer: SoundPeer }> {
  const world = await startWorld(t, { clock })
  const peer = await SoundPeer.make(VOICE)
  t.after(() => peer.close())
  const page = await openPage(t, world, 'ada')
  const call = await create(world, [user('ada'), user('ben')])
  const { callId } = await page.phase('ringing')
  const done = await page.do({ type: 'answer', callId, offer: await peer.offer() })
  await peer.accept(done.answer ?? '')
  await page.phase('connected', ({ media }) => media === 'connected')
  const ada = await until('ada is in', async () => {
    const { body } = await world.control('GET', `/calls/${call.id}`)
    return body.participants.find(
      ({ identity }: { identity: { displayName?: string } }) => identity.displayName === 'ada',
    )?.id
  })
  return { world, call, ada, peer }
}

async function until<Found>(what: string, find: () => Promise<Found | undefined> | Found | undefined): Promise<Found> {
  for (let tries = 0; tries < 200; tries++) {
    const found = await find()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return assert.fail(`it never happened: ${what}`)
}

/** The operation of a kind that has ended, once its notification is there. */
async function ended(world: World, kind: string): Promise<Record<string, unknown>> {
  return until(`the end of ${kind}`, async () => {
    const taken = await world.bots.alpha.take()
    return taken
      .map(({ resourceData }) => resourceData)
      .find((data) => data['@odata.type'] === `#microsoft.graph.${kind}Operation`)
  })
}

/** The samples of a recording that has ended. */
async function soundOf(record: Record<string, unknown>): Promise<Int16Array> {
  const reply = await fetch(String(record['recordingLocation']), {
    headers: { authorization: `Bearer ${String(record['recordingAccessToken'])}` },
  })
  const wav = readWav(Buffer.from(await reply.arrayBuffer()))
  assert.ok(wav.ok)
  return wav.samples
}

/** Whether somebody has heard a tone, not long ago. */
function hears(peer: SoundPeer, frequency: number): true | undefined {
  return strengthOf(frequency, peer.samples(Math.max(peer.heard.length - 25, 0))) > 0.3 ? true : undefined
}

/** How strong ada's voice is in the quarter of a second that has most of it: a busy machine breaks up the others. */
function voiceIn(samples: Int16Array): number {
  const starts = Array.from({ length: Math.floor(samples.length / 4000) }, (_, index) => index * 4000)
  return Math.max(...starts.map((at) => strengthOf(VOICE, samples.subarray(at, at + 4000), 16_000)))
}

test(
  'prompts and hold music are heard, a recording ends on the pound key, keys are sent',
  { timeout: 120_000 },
  async (t) => {
    const { world, call, ada, peer } = await talk(t)
    const { url, files } = await startFileServer(t)
    files.set('/tone.wav', melody([PROMPT, 3]))

    await act(world, call, 'playPrompt', { prompts: [mediaPrompt(`${url}/tone.wav`)] })
    await until('ada hears the prompt', () => hears(peer, PROMPT))
    await ended(world, 'playPrompt')
    await until('who heard the prompt is told', () =>
      expectHeard(world, call.id, call.id, 'ada').then(
        () => true,
        () => undefined,
      ),
    )

    const recording = {
      playBeep: false,
      maxRecordDurationInSeconds: 60,
      maxSilenceTimeoutInSeconds: 20,
      stopTones: ['#'],
    }
    await act(world, call, 'recordResponse', recording)
    await new Promise((resolve) => setTimeout(resolve, 2000))
    peer.press('pound')
    const record = await ended(world, 'record')
    assert.equal((record['resultInfo'] as { subcode: number }).subcode, 8514, JSON.stringify(record))
    assert.ok(voiceIn(await soundOf(record)) > 0.3, 'the recording has what ada said')

    await act(world, call, `participants/${ada}/startHoldMusic`, { customPrompt: mediaPrompt(`${url}/tone.wav`) })
    await until('ada hears the music', () => hears(peer, PROMPT))
    await act(world, call, `participants/${ada}/stopHoldMusic`)
    await until('the music stops', () => (hears(peer, PROMPT) ? undefined : true))

    const before = peer.packets.length
    await act(world, call, 'sendDtmfTones', { tones: ['tone5'], delayBetweenTonesMs: 100 })
    await until('the key comes', () => peer.packets.slice(before).find(({ type }) => type === KEYS))
    // The people go on without the application.
    await world.client('alpha').delete(`/communications/calls/${call.id}`)
    await until('the application is told', async () => {
      const taken = await world.bots.alpha.take()
      return taken.find(({ changeType, resourceData }) => changeType === 'deleted' && resourceData.id === call.id)
    })
  },
)

test('on a virtual clock what live people say is recorded while it stands', { timeout: 120_000 }, async (t) => {
  const { world, call, ada, peer } = await talk(t, 'virtual')
  await world.take()
  const limits = { playBeep: false, maxRecordDurationInSeconds: 60, maxSilenceTimeoutInSeconds: 20, stopTones: ['#'] }
  await act(world, call, 'recordResponse', limits)
  await new Promise((resolve) => setTimeout(resolve, 2000))
  peer.press('pound')
  const record = await ended(world, 'record')
  assert.equal((record['resultInfo'] as { subcode: number }).subcode, 8514, JSON.stringify(record))
  const samples = await soundOf(record)
  // How much it is depends on how busy the machine is.
  assert.ok(samples.length > 16_000 && samples.length < 80_000, `${samples.length / 16_000} s`)
  assert.ok(voiceIn(samples) > 0.3, 'the recording has what ada said')

  await act(world, call, 'recordResponse', { ...limits, maxRecordDurationInSeconds: 30 })
  await new Promise((resolve) => setTimeout(resolve, 1000))
  await world.control('POST', `/calls/${call.id}/participants/${ada}/mute`)
  await new Promise((resolve) => setTimeout(resolve, 500))
  await world.advance('60s')
  const silent = await ended(world, 'record')
  assert.equal((silent['resultInfo'] as { subcode: number }).subcode, 8509, JSON.stringify(silent))
  const seconds = (await soundOf(silent)).length / 16_000
  assert.ok(seconds > 20.3 && seconds < 25, `${seconds} s: what she said, and the silence`)
  await expectHeard(world, call.id, 'ada', call.id)
  await world.client('alpha').delete(`/communications/calls/${call.id}`)
  await world.take()
})
