/**
 * The story of Rollcall in half a minute: a bot, written with Microsoft's own client library, creates a group call and
 * invites people into it. `npm run demo` starts a server of its own, or uses the one that `npm start` runs.
 *
 *     npm run demo -- --wire beta                  speak the beta version
 *     npm run demo -- --url http://localhost:9000  use the server at that address
 */
import { parseArgs } from 'node:util'
import type { Client } from '@microsoft/microsoft-graph-client'
import { getToken, graphClient } from './support/graph.ts'
import { findServer } from './support/server.ts'
import { asked, heard, note, scene } from './support/story.ts'
import { Webhook } from './support/webhook.ts'
import type { Notification } from './support/webhook.ts'

/** From the built-in directory, `src/directory/demo.yaml`. */
const BOT = { tenant: 'contoso', clientId: '5d2e9b74-6c1f-4f0b-b3a8-9e4c7d1f2001', clientSecret: 'change-me' }
const ADELE = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1001'
const BAO = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1002'
const CHIDI = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1003'
const HANA = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1008'
const KOFI = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1010'
const LENA = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1011'
const PHONE = '+12065550150'
const CALLS = '/communications/calls'

interface Resource {
  readonly id: string
  readonly state?: string
  readonly status?: string
}

/** A bot at work: its client, its webhook, and what they talk about. */
interface Bot {
  readonly graph: Client
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

async function create({ graph, webhook }: Bot, title: string, targets: readonly object[]): Promise<string> {
  const call = (await graph.api(CALLS).post({
    '@odata.type': '#microsoft.graph.call',
    callbackUri: webhook.url,
    targets,
    requestedModalities: ['audio'],
    mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
  })) as Resource
  asked(`POST ${CALLS}  ${title}`, `201 call ${call.id.slice(0, 8)} ${call.state ?? ''}`)
  await webhook.expect((one) => stateOf(one, call.id) === 'established')
  return call.id
}

/** Waits for a roster of at least `size` people. */
async function rosterOf({ webhook }: Bot, callId: string, size: number): Promise<void> {
  await webhook.expect(
    ({ resourceUrl, resourceData }) =>
      resourceUrl.endsWith(`${callId}/participants`) && Array.isArray(resourceData) && resourceData.length >= size,
  )
}

async function invite(
  { graph, webhook }: Bot,
  callId: string,
  title: string,
  participants: readonly object[],
): Promise<void> {
  const body = { participants, clientContext: title }
  const operation = (await graph.api(`${CALLS}/${callId}/participants/invite`).post(body)) as Resource
  asked(`POST ${CALLS}/${callId.slice(0, 8)}…/participants/invite  ${title}`, `200 operation ${operation.status ?? ''}`)
  await webhook.expect(({ resourceUrl }) => resourceUrl.endsWith(`/operations/${operation.id}`))
}

function stateOf({ resourceUrl, resourceData }: Notification, callId: string): unknown {
  return resourceUrl.endsWith(`/calls/${callId}`) ? (resourceData as Record<string, unknown>)['state'] : undefined
}

async function tell(bot: Bot): Promise<void> {
  const { graph, webhook } = bot
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
  await webhook.expect((one) => stateOf(one, peerToPeer) === 'terminated')

  scene('A phone')
  await invite(bot, group, PHONE, [phone(PHONE)])
  await rosterOf(bot, group, 7)

  scene('Chidi, who is busy')
  await invite(bot, group, 'Chidi', [user(CHIDI)])

  scene('Who is in the call')
  const { value } = (await graph.api(`${CALLS}/${group}/participants`).get()) as { value: readonly object[] }
  asked(`GET ${CALLS}/${group.slice(0, 8)}…/participants`, `200 ${value.length} participants`)

  scene('The bot hangs up')
  await graph.api(`${CALLS}/${group}`).delete()
  asked(`DELETE ${CALLS}/${group.slice(0, 8)}…`, '204')
  await webhook.expect((one) => stateOf(one, group) === 'terminated')
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:8080' },
      wire: { type: 'string', default: 'v1.0' },
    },
  })
  const server = await findServer(values.url)
  const webhook = new Webhook(heard)
  try {
    note(server.own ? `started Rollcall at ${server.url}` : `using Rollcall at ${server.url}`)
    await webhook.start()
    await webhook.trust(server.url, BOT.clientId)
    const token = await getToken(server.url, BOT)
    await tell({ graph: graphClient(server.url, values.wire, token), webhook })
    scene('That was Rollcall.')
    note('Why did something happen? GET /control/calls/{id}/timeline tells; docs/reference/control.md has the rest.')
  } finally {
    await webhook.close()
    await server.stop()
  }
}

await main()
