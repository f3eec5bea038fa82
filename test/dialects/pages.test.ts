/**
 * Every request of every published page, typed in from the page with other ids, at every address that the page lists: what
 * the page says of the answer and of each notification, and no more than it says. How things hang together is told by the
 * other tests of this folder; here stands what an old bot was promised.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { APPS, USERS } from '../support/world.ts'
import type { Example, Page } from './pages.ts'
import { CONTEXT, pages } from './pages.ts'
import type { Scene } from './scene.ts'
import { startScene } from './scene.ts'

const user = (id: string): object => ({ identity: { user: { id } } })
const media = { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' }

/** Makes a call, lets everybody answer, and forgets what was heard of it. */
async function make(scene: Scene, address: string, name: string, targets: readonly string[]): Promise<void> {
  const body = { callbackUri: '{bot}', targets: targets.map(user), requestedModalities: ['audio'], mediaConfig: media }
  const made = await scene.ask('POST', address, body)
  assert.equal(made.status, 201)
  scene.name(name, made.location)
  await scene.heard()
}

/** What an example takes for granted. */
const stages: Record<Example['stage'], (scene: Scene, address: string) => Promise<void>> = {
  nothing: () => Promise.resolve(),
  group: (scene, address) => make(scene, address, 'call', [USERS.ada, USERS.ben]),
  peerToPeer: (scene, address) => make(scene, address, 'call', [USERS.ada]),
  both: async (scene, address) => {
    await make(scene, address, 'call', [USERS.ada, USERS.ben])
    await make(scene, address, 'old', [USERS.cleo])
  },
  incoming: async (scene) => {
    await scene.world.control('POST', '/calls', { from: USERS.cleo, to: APPS.alpha })
    const [incoming] = await scene.heard()
    scene.name('call', incoming.value[0].resource)
  },
}

const sorted = (value: object): string[] => Object.keys(value).toSorted()

function checkAnswer(scene: Scene, page: Page, { answer }: Example, reply: Awaited<ReturnType<Scene['reply']>>): void {
  assert.equal(reply.status, answer.status, reply.headers.get('rollcall-explanation') ?? '')
  const location = reply.headers.get('location')
  if (reply.status === 201) scene.name('call', location ?? '')
  else if (reply.body.id !== undefined) scene.name('op', reply.body.id)
  scene.equal(location, answer.location ?? null)
  if (answer.members === undefined) return assert.equal(reply.body, '')
  assert.match(reply.headers.get('content-type') ?? '', /^application\/json/)
  assert.deepEqual(sorted(reply.body), answer.members.toSorted())
  scene.contains(reply.body, answer.values)
  for (const participant of reply.body.participants ?? []) {
    assert.deepEqual(sorted(participant), page.inviteeMembers(participant).toSorted())
  }
}

async function checkNotifications(scene: Scene, page: Page, { told }: Example): Promise<void> {
  const heard = await scene.heard()
  assert.equal(heard.length, told.length, JSON.stringify(heard.map(({ value }) => value[0].resource)))
  for (const [index, expected] of told.entries()) {
    const { value, ...envelope } = heard[index]
    assert.deepEqual(envelope, page.envelope)
    assert.equal(value.length, 1)
    const { resourceData, ...item } = value[0]
    scene.equal(item, {
      ...page.item,
      changeType: expected.changeType,
      ...page.locators(expected.path),
    })
    const rows = Array.isArray(resourceData) ? resourceData : [resourceData]
    for (const row of rows) assert.deepEqual(sorted(row), expected.members.toSorted())
    scene.contains(rows.at(-1), expected.values)
  }
}

for (const page of pages) {
  for (const address of page.addresses) {
    for (const example of page.examples) {
      test(`${page.version} at ${address}: ${example.name}`, async (t) => {
        const scene = await startScene(t, page.version)
        scene.keep(CONTEXT)
        await stages[example.stage](scene, address)
        for (const [who, script] of Object.entries(example.scripts ?? {})) await scene.world.script(who, script)
        const reply = await scene.reply('POST', address + example.path, example.body)
        const answer = { ...example.answer }
        const { location } = example.answer
        if (location !== undefined) Object.assign(answer, { location: `{server}${address}${location}` })
        checkAnswer(scene, page, { ...example, answer }, reply)
        await checkNotifications(scene, page, example)
      })
    }
  }
}
