/** Devices of video partners report how their media was. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startWorld } from '../support/world.ts'
import { CALLS, assertEmpty, assertRefused, callNotFound, groupCall, invalidArgument } from './steps.ts'
import type { Json, Known } from './wire.ts'

const quality = ({ callChainId, myParticipantId }: Known, more: Json = {}): Json => ({
  '@odata.type': '#microsoft.graph.teleconferenceDeviceQuality',
  callChainId,
  participantId: myParticipantId,
  mediaLegId: '5f1b1d6e-7a4a-4a34-9b60-0d5b5c1f0a11',
  deviceName: 'Room one',
  mediaQualityList: [
    {
      '@odata.type': '#microsoft.graph.teleconferenceDeviceAudioQuality',
      averageInboundJitter: 'PT0.02S',
      channelIndex: 1,
    },
  ],
  ...more,
})

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version}: a report is kept in the timeline of its call, also after the end`, async (t) => {
    const world = await startWorld(t)
    const { call } = await groupCall(world, ['ada', 'ben'], { version })
    const client = world.client('alpha', version)
    const report = quality(call)
    assertEmpty(await client.post(`${CALLS}/logTeleconferenceDeviceQuality`, { quality: report }), 200)
    await client.delete(`${CALLS}/${call.id}`)
    assert.deepEqual(await world.lines(), ['updated call terminating', 'deleted call terminated'])
    assertEmpty(await client.post(`${CALLS}/logTeleconferenceDeviceQuality`, { quality: report }), 200)
    const { body } = await world.control('GET', `/calls/${call.id}/timeline`)
    const told = body.value.filter(({ event }: { event?: Json }) => event?.['type'] === 'QualityReported')
    assert.deepEqual(
      told.map(({ event, text }: { event: Json; text: string }) => [event['report'], text]),
      [
        [report, 'Quality reported'],
        [report, 'Quality reported'],
      ],
    )
  })
}

test('a report needs a call of the application, and the published form', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const path = `${CALLS}/logTeleconferenceDeviceQuality`
  const client = world.client('alpha')
  assertRefused(await client.post(path, {}), invalidArgument('quality is required: a teleconferenceDeviceQuality.'))
  assertRefused(
    await client.post(path, { quality: quality(call, { callChainId: 'chain' }) }),
    invalidArgument('quality.callChainId is required, and must be a GUID.'),
  )
  const other = '5f1b1d6e-7a4a-4a34-9b60-0d5b5c1f0a11'
  for (const wrong of [{ participantId: other }, { callChainId: other }]) {
    assertRefused(await client.post(path, { quality: quality(call, wrong) }), callNotFound())
  }
  assertRefused(await world.client('beta').post(path, { quality: quality(call) }), callNotFound())
})
