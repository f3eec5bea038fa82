/**
 * The story of Rollcall in half a minute: a bot, written with Microsoft's own client library, creates a group call and
 * invites people into it. `npm run demo` starts a server of its own, or uses the one that `npm start` runs.
 *
 *     npm run demo -- --wire 2018-12               speak another version: beta, 2021-03, 2020-12, 2019-09, 2018-12
 *     npm run demo -- --url http://localhost:9000  use the server at that address
 *     npm run demo -- --directory mine.yaml        what its own server starts with; the demo's people must be in it
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ResponseType } from '@microsoft/microsoft-graph-client'
import type { Client } from '@microsoft/microsoft-graph-client'
import { getToken, graphClient } from './support/graph.ts'
import { findServer } from './support/server.ts'
import { asked, heard, note, scene } from './support/story.ts'
import { Webhook, subjectOf } from './support/webhook.ts'
import type { Notification } from './support/webhook.ts'
import { keyOf, wireOf } from './support/wire.ts'
import type { Wire } from './support/wire.ts'

/** From the built-in directory, `src/directory/demo.yaml`. */
const BOT = { tenant: 'contoso', clientId: '5d2e9b74-6c1f-4f0b-b3a8-9e4c7d1f2001', clientSecret: 'change-me' }
const ADELE = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1001'
const BAO = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1002'
const CHIDI = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1003'
const HANA = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1008'
const KOFI = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1010'
const LENA = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1011'
const PHONE = '+12065550150'
const DIRECTORY = fileURLToPath(new URL('../src/directory/demo.yaml', import.meta.url))

/** What a POST made. */
interface Made {
  readonly httpStatus: number
  readonly id: string
  readonly state?: string
  readonly status?: string
}

/** A bot at work: its client, its webhook, and what they talk about. */
interface Bot {
  readonly graph: Client
  readonly wire: Wire
  readonly webhook: Webhook
}

const user = (id: string, more: object = {}): object => ({
  '@odata.type': '#microsoft.graph.invitationParticipantInfo',
  identity: { '@odata.type': '#microsoft.graph.identitySet', user: { '@odata.type': '#microsoft.graph.identity', id } },
  ...more,
})
const phone = (id: string): object => ({
  '@odata.type': '#microsoft.graph.invitationParticipantInfo',
  identity: {
    '@odata.type': '#microsoft.graph.identitySet',
    phone: { '@odata.type': '#microsoft.graph.identity', id },
  },
})

/** Sends a POST that makes something. In 2018 a new call's answer has no body: its id is at the end of the `Location`. */
async function post({ graph }: Bot, path: string, body: object): Promise<Made> {
  const response = (await graph.api(path).responseType(ResponseType.RAW).post(body)) as Response
  const text = await response.text()
  if (!response.ok) throw new Error(`POST ${path} was answered ${response.status}: ${text}`)
  const shown = text === '' ? {} : (JSON.parse(text) as Partial<Made>)
  const id = shown.id ?? response.headers.get('location')?.split('/').at(-1) ?? ''
  return { ...shown, id, httpStatus: response.status }
}

async function create(bot: Bot, title: string, targets: readonly object[]): Promise<string> {
  const { webhook, wire } = bot
  const call = await post(bot, wire.calls, {
    '@odata.type': '#microsoft.graph.call',
    callbackUri: webhook.url,
    targets,
    requestedModalities: ['audio'],
    mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
  })
  asked(`POST ${wire.calls}  ${title}`, `${call.httpStatus} call ${call.id.slice(0, 8)} ${call.state ?? ''}`.trimEnd())
  await webhook.expect('the call to be established', (one) => stateOf(one, call.id) === 'established')
  return call.id
}

/** Waits for a roster of at least `size` people. */
async function rosterOf({ webhook }: Bot, callId: string, size: number): Promise<void> {
  await webhook.expect(`a roster of ${size}`, (one) => {
    const { call, part } = subjectOf(one)
    const { resourceData } = one
    return call === keyOf(callId) && part === 'roster' && Array.isArray(resourceData) && resourceData.length >= size
  })
}

async function invite(bot: Bot, callId: string, title: string, participants: readonly object[]): Promise<void> {
  const { webhook, wire } = bot
  const body = { participants, clientContext: title }
  const operation = await post(bot, `${wire.calls}/${callId}/participants/invite`, body)
  asked(
    `POST ${wire.calls}/${callId.slice(0, 8)}…/participants/invite  ${title}`,
    `${operation.httpStatus} operation ${operation.status ?? ''}`,
  )
  await webhook.expect('the operation to end', (one) => subjectOf(one).part === keyOf(operation.id))
}

function isAbout(notification: Notification, callId: string): boolean {
  const { call, part } = subjectOf(notification)
  return call === keyOf(callId) && part === undefined
}

function stateOf(notification: Notification, callId: string): unknown {
  if (!isAbout(notification, callId)) return undefined
  return (notification.resourceData as Record<string, unknown>)['state']
}

/** Waits for a call's last notification: in 2018 and 2019 it comes after the one that says why. */
async function endOf({ webhook }: Bot, callId: string): Promise<void> {
  await webhook.expect('the call to end', (one) => one.changeType === 'deleted' && isAbout(one, callId))
}

async function tell(bot: Bot): Promise<void> {
  const { graph, wire } = bot
  scene('A group call with Adele and Bao')
  const group = await create(bot, 'Adele, Bao', [user(ADELE), user(BAO)])
  await rosterOf(bot, group, 3)

  scene('Two more people')
  await invite(bot, group, 'Kofi and Lena', [user(KOFI), user(LENA)])
  await rosterOf(bot, group, 5)

  scene('Hana, who is in a peer-to-peer call with the bot: the invite pulls her over')
  const peerToPeer = await create(bot, 'Hana', [user(HANA)])
  await invite(bot, group, 'Hana, replacing her call', [user(HANA, { replacesCallId: peerToPeer })])
  await rosterOf(bot, group, 6)
  await endOf(bot, peerToPeer)

  scene('A phone')
  await invite(bot, group, PHONE, [phone(PHONE)])
  await rosterOf(bot, group, 7)

  scene('Chidi, who is busy')
  await invite(bot, group, 'Chidi', [user(CHIDI)])

  scene('Who is in the call')
  const { value } = (await graph.api(`${wire.calls}/${group}/participants`).get()) as { value: readonly object[] }
  asked(`GET ${wire.calls}/${group.slice(0, 8)}…/participants`, `200 ${value.length} participants`)

  scene('The bot hangs up')
  await graph.api(`${wire.calls}/${group}`).delete()
  asked(`DELETE ${wire.calls}/${group.slice(0, 8)}…`, '204')
  await endOf(bot, group)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:8080' },
      wire: { type: 'string', default: 'v1.0' },
      directory: { type: 'string', default: DIRECTORY },
    },
  })
  const wire = wireOf(values.wire, BOT.clientId)
  const pin = { appId: BOT.clientId, wireVersion: wire.version }
  const server = await findServer(values.url, { directory: values.directory, ...(wire.pinned && { pin }) })
  const webhook = new Webhook(heard)
  try {
    note(server.own ? `started Rollcall at ${server.url}` : `using Rollcall at ${server.url}`)
    if (wire.pinned && !server.own) {
      note(`No address speaks ${wire.version} by itself. It is spoken if that server's directory pins it for the bot:`)
      note(`  wireVersion: '${wire.version}'    at the application ${BOT.clientId}`)
    }
    await webhook.start()
    await webhook.trust(server.url, BOT.clientId)
    const token = await getToken(server.url, BOT)
    await tell({ graph: graphClient(server.url, wire.root, token), wire, webhook })
    scene('That was Rollcall.')
    note('Why did something happen? GET /control/calls/{id}/timeline tells; docs/reference/control.md has the rest.')
  } finally {
    await webhook.close()
    await server.stop()
  }
}

await main()
