import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { defaultConfig } from '../../config.ts'
import { createDestinations } from '../../outbound/destinations.ts'
import { Activity, virtualClock } from '../../runtime.ts'
import type { EngineBench } from '../engine.suite.ts'
import { engineSuite } from '../engine.suite.ts'
import { spokenWav, startFileServer } from '../media.suite.ts'
import { Prompts } from '../prompts.ts'
import { Rooms } from '../rooms.ts'
import { speechLike } from '../sound.ts'
import { OfflineEngine } from './offline.ts'

async function open(t: TestContext): Promise<EngineBench> {
  const server = await startFileServer(t)
  server.files.set('/text', Buffer.from('no sound'))
  const clock = virtualClock(Date.UTC(2026, 0, 1))
  const activity = new Activity()
  const rooms = new Rooms(clock)
  const limits = { size: 1e7, timeout: 15_000, redirects: 3, downloads: 4, queue: 100, cacheSize: 0, cacheLifetime: 1 }
  const destinations = createDestinations({ config: defaultConfig(), hostsOf: () => undefined })
  const prompts = new Prompts({ clock, activity, limits, userAgent: 'test', destinations })
  const recordings = new Map<string, Buffer>()
  const engine = new OfflineEngine({
    clock,
    rooms,
    prompts,
    keep: (_callId, { id }, wav) => {
      recordings.set(id, wav)
      return Promise.resolve()
    },
    onFault: (fault) => assert.fail(String(fault)),
  })
  t.after(async () => {
    engine.stop()
    clock.stop()
    await prompts.close()
  })
  return {
    engine,
    clock,
    activity,
    notWav: `${server.url}/text`,
    nothing: `${server.url}/nothing`,
    speak: (participantId, seconds) => {
      rooms.speak('here', participantId, speechLike(seconds * 1000))
    },
    serve: (seconds) => {
      const path = `/${server.files.size}.wav`
      server.files.set(path, spokenWav(seconds))
      return server.url + path
    },
    recording: (id) => Promise.resolve(recordings.get(id)),
  }
}

engineSuite('offline', open)
