/**
 * Each family of operations in each version: what is answered and told, and that no body has an id, a name or an
 * enumeration's value in another version's spelling. What whole bodies look like is in the tests of the single pages.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WireVersion } from '../../src/graph/dialects/dialect.ts'
import { dialects } from '../../src/graph/dialects/dialects.ts'
import type { AnyJson } from '../support/any-json.ts'
import { families } from './families.ts'
import { startStage } from './stage.ts'

const isOld = (version: WireVersion): boolean => version < '2020'

const isToday = (version: WireVersion): boolean => version === 'v1.0' || version === 'beta'

/** A step of a story of v1.0, as another version has it. */
function told(version: WireVersion, step: string): string[] {
  const [options = '', none = options] = step.split(' | ')
  const line = isToday(version) ? options : none
  if (version === '2018-12' && line === 'POST unmuteAll 400') return ['POST unmuteAll 200', 'updated roster of 3']
  if (version === '2018-12' && line === 'POST answer 202') return ['POST answer 200']
  if (!isOld(version)) return [line]
  if (line.includes('terminating')) return []
  if (line.includes('deleted call terminated')) {
    return [line.replace('deleted', 'updated'), line.replace('terminated', '(gone)')]
  }
  return [line === 'POST invite 200' ? 'POST invite 202' : line]
}

const OLD = ['@odata.id', '@odata.etag', 'subCode', 'createdDateTime', 'lastActionDateTime', 'label']
const NEW = ['callChainId', 'callOptions', 'incomingContext', 'transcription', 'resourceUrl', 'subcode', 'initiator']
const OF_2018 = ['ringningTimeoutInSeconds', 'recordResourceLocation', 'recordResourceAccessToken']
const SINCE_2019 = ['ringingTimeoutInSeconds', 'recordingLocation', 'recordingAccessToken', 'mediaState']
const BETA = ['activeModalities', 'routingPolicies', 'terminationReason', 'meetingCapability']
const SINCE_2021 = ['preferredDisplayName', 'deltaParticipants', 'removedState', 'isDeltaRosterEnabled']

/** Names that no body of a version has. */
const UNKNOWN: Readonly<Record<WireVersion, readonly string[]>> = {
  'v1.0': [...OLD.filter((name) => name !== 'label'), ...OF_2018, ...BETA, 'preferredDisplayName', 'initiatedBy'],
  beta: [...OLD.filter((name) => name !== 'label'), ...OF_2018],
  '2021-03': [...OLD.filter((name) => name !== 'label'), ...OF_2018, ...BETA, ...SINCE_2021, 'initiatedBy'],
  '2020-12': [...OLD.filter((name) => name !== 'label'), ...OF_2018, ...SINCE_2021],
  '2019-09': [...NEW, ...OF_2018, ...SINCE_2021, 'recordingStatus'],
  '2018-12': [...NEW, ...SINCE_2019, ...SINCE_2021, 'recordingStatus'],
}

/** Names that the bodies of all families together must have had, so that the list above cannot become empty words. */
const SEEN: Readonly<Record<WireVersion, readonly string[]>> = {
  'v1.0': ['subcode', 'callChainId', 'resourceUrl', 'recordingLocation', 'recordingStatus', 'deltaParticipants'],
  beta: ['subcode', 'activeModalities', 'terminationReason', 'preferredDisplayName', 'initiatedBy', 'initiator'],
  '2021-03': ['subcode', 'callOptions', 'recordingStatus', 'initiator'],
  '2020-12': ['subcode', 'callOptions', 'activeModalities', 'initiatedBy', 'terminationReason'],
  '2019-09': ['subCode', '@odata.etag', 'mediaState', 'recordingLocation', 'initiatedBy', 'terminationReason'],
  '2018-12': ['subCode', '@odata.etag', 'recordResourceLocation', 'initiatedBy', 'terminationReason'],
}

/** Ids in another version's spelling; addresses, threads and what the directory or the request named stay as they are. */
function misspelledIds(version: WireVersion, text: string): readonly string[] {
  const minted = text
    .replaceAll(
      /"(error|threadId|recordingLocation|recordResourceLocation|recordingAccessToken)":("[^"]*"|\{.*?\}\})/g,
      '',
    )
    .replaceAll(/"application":\{.*?\}/g, '')
  const other = isOld(version)
    ? /\b(?![1-4]{8}-0000)[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\b/g
    : /\b[\dA-F]{32}\b|\b(?=\w*[A-F])[\dA-F]{8}(-[\dA-F]{4}){3}-[\dA-F]{12}\b/g
  return minted.match(other) ?? []
}

const CHOICES = [
  'state',
  'changeType',
  'status',
  'direction',
  'tone',
  'mediaType',
  'audio',
  'routingMode',
  'endpointType',
]

/** Values of enumerations that do not begin with a small letter; only the answer to an invite may, since 2020. */
function misspelledChoices(version: WireVersion, body: AnyJson): readonly string[] {
  if (typeof body !== 'object' || body === null) return []
  if (Array.isArray(body)) return body.flatMap((one) => misspelledChoices(version, one))
  const invite = String(body['@odata.type']).endsWith('inviteParticipantsOperation') && 'resultInfo' in body
  return Object.entries(body).flatMap(([name, value]) => {
    if (typeof value !== 'string') return misspelledChoices(version, value)
    if (!CHOICES.includes(name) || /^[a-z]/.test(value)) return []
    return invite && name === 'status' && !isOld(version) ? [] : [`${name}: ${value}`]
  })
}

for (const { version } of dialects) {
  const seen = new Set<string>()
  for (const { name, config = {}, story, play } of families) {
    test(`${version}: ${name}`, async (t) => {
      const stage = await startStage(t, version, config)
      await play(stage, t)
      assert.deepEqual(
        stage.story,
        story.flatMap((step) => told(version, step)),
      )
      const text = JSON.stringify(stage.bodies)
      assert.deepEqual(misspelledIds(version, text), [])
      assert.deepEqual(misspelledChoices(version, stage.bodies), [])
      const names = new Set(
        Array.from(text.matchAll(/"([@\w.]+)":|#microsoft\.graph\.(\w+)"/g), ([, a, b]) => a ?? b ?? ''),
      )
      assert.deepEqual(
        UNKNOWN[version].filter((one) => names.has(one)),
        [],
      )
      for (const one of names) seen.add(one)
    })
  }

  test(`${version}: the names that are its own have been seen`, () => {
    assert.deepEqual(
      SEEN[version].filter((one) => !seen.has(one)),
      [],
    )
  })
}
