/**
 * There is an incident: opens a meeting about it, and calls everybody who should be there, one by one. Whoever presses 1
 * comes into the meeting. Whoever calls the bot meanwhile hears what has happened. Ctrl+C hangs up.
 *
 *     npm start -- --https
 *     NODE_EXTRA_CA_CERTS=data/ca.pem npx node examples/incident-bot.ts --call <user id> --call <user id>
 *
 * In a third shell, somebody presses a key (`curl --cacert data/ca.pem https://localhost:8080/control/calls` has the ids):
 *
 *     curl --cacert data/ca.pem https://localhost:8080/control/calls/<call>/participants/<participant>/press \
 *       -H 'content-type: application/json' -d '{"keys":"1"}'
 */
import { parseArgs } from 'node:util'
import { Bot, botOptions, run, say } from './support/bot.ts'
import { answerOf, callIdOf, callOf, canHear, isIncoming, nameOf, pathOf } from './support/calling.ts'
import { promptOf, reasonOf, rosterOf, short, target } from './support/calling.ts'
import type { Call, Participant } from './support/calling.ts'
import { coordinatesOf } from './support/join-url.ts'
import { melody } from './support/wav.ts'

const ADELE = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1001'
const BAO = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1002'
const KOFI = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1010'

const { values } = parseArgs({
  options: {
    ...botOptions,
    organizer: { type: 'string', default: KOFI },
    call: { type: 'string', multiple: true, default: [ADELE, BAO] },
    /** How often to say that a call is still wanted, in seconds: Graph ends one of which it has not heard for 45 minutes. */
    'keep-alive': { type: 'string', default: '600' },
  },
})

run(async () => {
  const bot = new Bot(values)
  let meeting: Call | null = null
  let begun = false
  /** Who is called, by the id of the call with them, and the calls that were spoken to. */
  const responders = new Map<string, string>()
  const greeted = new Set<string>()

  const act = (id: string, action: string, body: object): Promise<unknown> =>
    bot.graph.api(`${pathOf(id)}/${action}`).post(body)

  /** Reads the meeting afresh, as a bot does that was restarted, and calls the people. */
  async function begin(id: string): Promise<void> {
    const { state, myParticipantId } = (await bot.graph.api(pathOf(id)).get()) as Call
    const { value } = (await bot.graph.api(`${pathOf(id)}/participants`).get()) as { value: readonly Participant[] }
    const groups = (await bot.graph.api(`${pathOf(id)}/audioRoutingGroups`).get()) as { value: readonly object[] }
    const me = (await bot.graph.api(`${pathOf(id)}/participants/${myParticipantId}`).get()) as Participant
    say(
      `meeting ${short(id)} is ${state}: ${value.length} in it, ${groups.value.length} groups, I am ${nameOf(me.info)}`,
    )
    for (const user of values.call) {
      const call = await bot.create({ targets: [target(user)], tenantId: values.tenant })
      responders.set(call.id, user)
      say(`call ${short(call.id)} to ${user}`)
    }
  }

  /** Says what has happened; from those who are called it wants an answer. */
  async function greet(id: string): Promise<void> {
    if (greeted.has(id)) return
    greeted.add(id)
    say(`call ${short(id)}: they hear what has happened`)
    const asking = responders.has(id) ? [act(id, 'subscribeToTone', { clientContext: id })] : []
    await Promise.all([act(id, 'playPrompt', promptOf(prompt, id)), ...asking])
  }

  async function press(id: string, tone: string): Promise<void> {
    const user = responders.get(id)
    say(`call ${short(id)}: ${tone}`)
    if (!meeting || user === undefined) return
    if (tone !== 'tone1') return void (await act(id, 'playPrompt', promptOf(prompt, id)))
    await act(meeting.id, 'participants/invite', {
      participants: [target(user, { replacesCallId: id })],
      clientContext: id,
    })
  }

  /** Who is in the meeting needs no call of their own any more; it may have ended by itself. */
  async function meet(roster: readonly Participant[]): Promise<void> {
    say(`in the meeting: ${roster.map(({ info }) => nameOf(info)).join(', ')}`)
    const here = roster.map(({ info }) => info.identity['user']?.id)
    for (const [id, user] of responders) if (here.includes(user)) await bot.hangUp(id)
    if (begun || !meeting || !roster.some(({ id }) => id === meeting?.myParticipantId)) return
    begun = true
    await begin(meeting.id)
  }

  function over(id: string, { resultInfo }: Call): void {
    say(`${id === meeting?.id ? 'meeting' : 'call'} ${short(id)} is over: ${reasonOf(resultInfo)}`)
    responders.delete(id)
    greeted.delete(id)
    if (id === meeting?.id) bot.finish()
  }

  await bot.start(async (notification) => {
    const id = callIdOf(notification)
    const call = callOf(notification)
    const roster = rosterOf(notification)
    if (call && isIncoming(notification)) await act(id, 'answer', answerOf(bot.callbackUri))
    else if (call?.state === 'terminated') over(id, call)
    else if (call?.toneInfo) await press(id, call.toneInfo.tone)
    else if (call && canHear(call) && id !== meeting?.id) await greet(id)
    else if (roster && id === meeting?.id) await meet(roster)
  })

  const prompt = bot.offer('incident.wav', melody([880, 0.5], [660, 0.5], [880, 0.5]))
  bot.keepAlive(Number(values['keep-alive']))
  const meetings = `/users/${values.organizer}/onlineMeetings`
  const { joinWebUrl } = (await bot.graph.api(meetings).post({ subject: 'Incident' })) as { joinWebUrl: string }
  meeting = await bot.create({ ...coordinatesOf(joinWebUrl), tenantId: values.tenant })
  say(`meeting ${short(meeting.id)} is ${meeting.state}`)
  await bot.done()
})
