/** What prompts and recordings are called in the older versions. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callBody, startWorld, user } from '../support/world.ts'
import { mediaPrompt, promptOf } from '../scenarios/media-steps.ts'

/** By version: the members of a playPrompt and of a recording when they end, beside those of every operation. */
const versions: readonly (readonly [version: string, prompt: readonly string[], recording: readonly string[]])[] = [
  ['v1.0', [], ['recordingAccessToken', 'recordingLocation']],
  ['2021-03', [], ['recordingAccessToken', 'recordingLocation']],
  ['beta', ['completionReason'], ['completionReason', 'recordingAccessToken', 'recordingLocation']],
  ['2020-12', ['completionReason'], ['completionReason', 'recordingAccessToken', 'recordingLocation']],
  ['2019-09', ['completionReason'], ['completionReason', 'recordingAccessToken', 'recordingLocation']],
  [
    '2018-12',
    ['completionReason', 'prompts'],
    [
      'bargeInAllowed',
      'completionReason',
      'initialSilenceTimeoutInSeconds',
      'maxRecordDurationInSeconds',
      'maxSilenceTimeoutInSeconds',
      'playBeep',
      'prompts',
      'recordResourceAccessToken',
      'recordResourceLocation',
      'stopTones',
    ],
  ],
]
const ALWAYS = new Set(['@odata.type', '@odata.id', '@odata.etag', 'id', 'status', 'resultInfo'])

for (const [wireVersion, prompt, recording] of versions) {
  test(`${wireVersion}: a prompt and a recording`, async (t) => {
    const world = await startWorld(t, {}, { alpha: { wireVersion } })
    const uri = await promptOf(t, 1)
    await world.script('ada', { answer: { after: '0s', say: '1m' } })
    const client = world.client('alpha', 'beta')
    const created = await client.post('/app/calls', callBody(world, 'alpha', [user('ada')]))
    const path = (created.headers.get('location') ?? '').replace(/^.*\/beta/, '')
    await world.take()
    await client.post(`${path}/playPrompt`, { prompts: [mediaPrompt(uri)] })
    await client.post(`${path}/record`, { stopTones: ['*'], maxRecordDurationInSeconds: 3 })
    await world.advance('10s')
    const ends = (await world.take()).map(({ resourceData }) => resourceData)
    const beside = ends.map((data) =>
      Object.keys(data)
        .filter((name) => !ALWAYS.has(name))
        .toSorted(),
    )
    assert.deepEqual(beside, [prompt, recording])
    assert.deepEqual(
      ends.map((data) => [data['@odata.type'], data.status]),
      [
        ['#microsoft.graph.playPromptOperation', 'completed'],
        ['#microsoft.graph.recordOperation', 'completed'],
      ],
    )
    if (wireVersion === '2018-12') assert.deepEqual(ends[1].stopTones, ['*'])
    await world.nothingElse()
  })
}
