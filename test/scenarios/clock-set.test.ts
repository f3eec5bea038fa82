/** Somebody sets the machine's clock while people talk: nothing of theirs is lost, and nothing waits for hours. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import type { Page } from '../support/page.ts'
import { openPage } from '../support/page.ts'
import { SilentEngine } from '../support/silent-engine.ts'
import { startWorld, USERS, user } from '../support/world.ts'
import { create } from './steps.ts'

const HOUR = 3_600_000

/** Sets the clock of this process, and of the server in it. */
function setClock(t: TestContext, by: number): void {
  t.mock.restoreAll()
  const now = Date.now.bind(Date)
  t.mock.method(Date, 'now', () => now() + by)
}

/** Waits for the server's next sign of life. */
async function nextBeat(page: Page): Promise<void> {
  const beats = (): number => page.received.filter(({ type }) => type === 'beat').length
  const before = beats()
  await page.until('a beat, or the end', () => beats() > before || page.closed !== undefined)
}

test('a page that is silent is given up when the clock is set back, and no other when it is set forward', async (t) => {
  const world = await startWorld(t, { phoneHeartbeat: 500 }, {}, {}, undefined, new SilentEngine())
  const page = await openPage(t, world, 'ada')
  const silent = await openPage(t, world, 'ben')
  setClock(t, -HOUR)
  while (silent.farewell === undefined) {
    page.say({ type: 'beat' })
    await nextBeat(page)
  }
  assert.equal(silent.farewell.code, 'silent')
  page.say({ type: 'beat' })
  await world.settle()
  setClock(t, HOUR)
  await nextBeat(page)
  assert.equal(page.closed, undefined, JSON.stringify(page.farewell))
})

test('an application with its own media is heard on when the clock is set back', async (t) => {
  const world = await startWorld(t)
  const blob = JSON.stringify({ rollcall: 'websocket', secret: 'a-secret-for-this-call-alone' })
  const mediaConfig = { '@odata.type': '#microsoft.graph.appHostedMediaConfig', blob }
  const call = await create(world, [user('ada')], { more: { mediaConfig } })
  await world.settle()
  const socket = new WebSocket(`${world.url.replace('http', 'ws')}/media/calls/${call.id}`, {
    headers: { authorization: 'Bearer a-secret-for-this-call-alone' },
  })
  t.after(() => socket.terminate())
  await once(socket, 'open')
  const tone = Int16Array.from({ length: 16_000 }, (_, index) => Math.round(6000 * Math.sin(index / 6)))
  const heard = async (seconds: number): Promise<void> => {
    for (let tries = 0; tries < 200; tries++) {
      const path = `/calls/${call.id}/audibility?speaker=${call.id}&listener=${USERS.ada}`
      const { body } = await world.control('GET', path)
      const rows: readonly { from: string; until: string }[] = body.value
      const sum = rows.reduce((all, { from, until }) => all + Date.parse(until) - Date.parse(from), 0)
      if (sum >= seconds * 1000) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    assert.fail(`it was not heard for ${seconds} seconds`)
  }
  for (let count = 0; count < 3; count++) socket.send(Buffer.from(tone.buffer))
  await heard(0.5)
  setClock(t, -HOUR)
  socket.send(Buffer.from(tone.buffer))
  await heard(3.8)
  t.mock.restoreAll()
  await world.take()
})
