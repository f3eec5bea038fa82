/**
 * Records people because a policy says so: it is called into each of their calls, takes several of them in one, and tells
 * Graph that it records. The sound itself goes to bots with Microsoft's media library, which there is for .NET alone.
 * Ctrl+C hangs up, and whoever must not talk unrecorded is put out.
 *
 *     npm start -- --https --directory examples/policy-recording.yaml
 *     NODE_EXTRA_CA_CERTS=data/ca.pem npx node examples/policy-recording-bot.ts
 *
 * In a third shell another bot, in that directory too, calls three people, two of whom are to be recorded:
 *
 *     NODE_EXTRA_CA_CERTS=data/ca.pem npx node examples/group-call-bot.ts
 */
import { parseArgs } from 'node:util'
import { Bot, botOptions, run, say } from './support/bot.ts'
import { callIdOf, callOf, deltaOf, isIncoming, joiningOf, leftOf, nameOf } from './support/calling.ts'
import { pathOf, reasonOf, serviceHosted, short } from './support/calling.ts'
import type { Call, DeltaParticipants, Operation, Participant } from './support/calling.ts'

const { values } = parseArgs({
  options: {
    ...botOptions,
    'client-id': { type: 'string', default: '5d2e9b74-6c1f-4f0b-b3a8-9e4c7d1f2003' },
    port: { type: 'string', default: '3980' },
    /** How many people it records in one call. */
    capacity: { type: 'string', default: '10' },
  },
})

/** For whom a call is: whoever the policy names. */
function holderOf({ applicationMetadata }: Call): string {
  return applicationMetadata?.botData?.user?.policyHolderId ?? 'somebody'
}

/** Who is in a call: the whole roster came first, and since then what changed. */
class Roster {
  readonly #people = new Map<string, Participant>()
  #sequenceNumber = 0

  /** Takes a change, unless it came before. */
  take({ sequenceNumber, participants }: DeltaParticipants): void {
    if (sequenceNumber <= this.#sequenceNumber) return
    this.#sequenceNumber = sequenceNumber
    for (const one of participants) {
      if (one.removedState) this.#people.delete(one.id)
      else this.#people.set(one.id, one)
    }
  }

  /** The names, and whom Graph shows as recorded. */
  names(): string {
    const names = [...this.#people.values()].map(({ info, recordingInfo }) =>
      recordingInfo?.recordingStatus === 'recording' ? `${nameOf(info)} (recorded)` : nameOf(info),
    )
    return names.join(', ')
  }

  /** Somebody's name. */
  nameOf(participantId: string): string {
    const participant = this.#people.get(participantId)
    return participant ? nameOf(participant.info) : 'somebody'
  }
}

run(async () => {
  const bot = new Bot(values)
  const rosters = new Map<string, Roster>()
  /** The calls in which Graph was told of the recording. */
  const told = new Set<string>()

  /** Takes a call for somebody; it has five seconds for that. */
  async function answer(id: string, call: Call): Promise<void> {
    say(`call ${short(id)} for ${holderOf(call)}`)
    rosters.set(id, new Roster())
    await bot.graph.api(`${pathOf(id)}/answer`).post({
      callbackUri: `${bot.callbackUri}/notifications`,
      acceptedModalities: ['audio'],
      mediaConfig: serviceHosted,
      participantCapacity: Number(values.capacity),
      callOptions: { '@odata.type': '#microsoft.graph.incomingCallOptions', isDeltaRosterEnabled: true },
    })
  }

  await bot.start(async (notification) => {
    const id = callIdOf(notification)
    const call = callOf(notification)
    const joining = joiningOf(notification)
    const left = leftOf(notification)
    const delta = deltaOf(notification)
    if (call && isIncoming(notification)) await answer(id, call)
    else if (call?.state === 'established' && !told.has(id)) {
      // Nothing may be recorded before this has completed.
      told.add(id)
      const body = { status: 'recording', clientContext: id }
      const operation = (await bot.graph.api(`${pathOf(id)}/updateRecordingStatus`).post(body)) as Operation
      say(`call ${short(id)}: the recording is told, ${operation.status}`)
    } else if (call?.state === 'terminated') {
      say(`call ${short(id)} is over: ${reasonOf(call.resultInfo)}`)
      rosters.delete(id)
      told.delete(id)
    } else if (left) say(`call ${short(id)}: ${rosters.get(id)?.nameOf(left.participantId)} is recorded no more`)
    else if (delta) {
      const roster = rosters.get(id)
      roster?.take(delta)
      say(`in call ${short(id)}: ${roster?.names()}`)
    } else if (joining) {
      say(`call ${short(id)} for ${holderOf(joining.call)}, too`)
      return { '@odata.type': '#microsoft.graph.acceptJoinResponse' }
    }
  })
  say('waiting for calls')
  await bot.done()
})
