/** Everything that somebody can do in the world of property tests. */
import { callDeeds, callWeights } from './call-deeds.suite.ts'
import { inviteDeeds, inviteWeights } from './invite-deeds.suite.ts'
import { mediaDeeds } from './media-deeds.suite.ts'
import { peopleDeeds, peopleWeights } from './people-deeds.suite.ts'
import { recorderDeeds, recorderWeights } from './recorder-deeds.suite.ts'
import { reroutingDeeds, reroutingWeights } from './rerouting-deeds.suite.ts'
import { MINUTE, choose } from './scene.suite.ts'
import type { Picks, World } from './world.suite.ts'

const DEEDS = {
  ...callDeeds,
  ...peopleDeeds,
  ...mediaDeeds,
  ...reroutingDeeds,
  ...recorderDeeds,
  ...inviteDeeds,
  delivery(world, [x, y]) {
    const call = world.call(x)
    if (!call) return
    const { callId } = call
    const failed = { type: 'IncomingUndelivered', callId, detail: 'no route', final: y % 3 === 0 } as const
    world.submit(call.conversationId, y % 4 === 0 ? { type: 'IncomingDelivered', callId } : failed)
  },
  perform(world, [x, y]) {
    const effect = choose(world.effects, x)
    if (!effect) return
    // One in five stays in the heap, and is performed again.
    if (y % 5 !== 0) world.effects = world.effects.filter((one) => one !== effect)
    if (effect.type === 'Ring' && y % 2 === 0) world.connect(effect.participantId, y % 3 === 0, effect.link)
    else world.perform(effect)
  },
  mediaUp(world, [x]) {
    const call = world.call(x)
    const { conversationId, callId } = call ?? {}
    if (conversationId === undefined || callId === undefined) return
    if (x % 3 === 0)
      world.submit(conversationId, { type: 'CallMediaChanged', callId, isUp: x % 2 === 0, hears: x % 4 < 2 })
    else if (x % 11 === 0) world.submit(conversationId, { type: 'CallMediaFailed', callId, reason: 'media-lost' })
    else world.submit(conversationId, { type: 'CallConnected', callId })
  },
  recordAll(world, [x, y]) {
    const conversation = world.conversation(x)
    if (!conversation) return
    const { id, callRecording } = conversation
    const recordingId = world.mint('recording')
    const outcome =
      y % 2 === 0
        ? ({ name: 'failed', detail: 'full' } as const)
        : ({ name: 'stored', fileId: recordingId, bytes: 1, duration: 1 } as const)
    if (y % 5 === 0 && callRecording)
      world.submit(id, { type: 'CallRecordingEnded', recordingId: callRecording.id, outcome })
    else
      world.submit(
        id,
        y % 3 === 0 ? { type: 'RecordConversation', on: false } : { type: 'RecordConversation', on: true, recordingId },
      )
  },
  pass(world, [x]) {
    world.now += (x % 30) * 1000
  },
  wake(world, [x, y]) {
    const conversation = world.conversation(x)
    if (conversation) world.submit(conversation.id, { type: y % 8 === 7 ? 'EndForAll' : 'Wake' })
  },
  wakeNext(world) {
    world.wakeNext()
  },
  jump(world, [x]) {
    world.now += (x % 60) * MINUTE
    for (const { id } of world.live) world.submit(id, { type: 'Wake' })
  },
  restart(world) {
    world.restart()
  },
  forget(world, [x]) {
    const conversation = world.conversation(x)
    // Long over: no other conversation can still ask it for somebody.
    const { endedAt, departures, arrivals } = conversation ?? { departures: [], arrivals: [] }
    const isLongOver = endedAt !== undefined && departures.length + arrivals.length === 0
    if (conversation && world.isBegun(conversation.id)) return
    if (conversation && isLongOver) world.conversations.delete(conversation.id)
  },
} satisfies { readonly [name: string]: (world: World, picks: Picks) => void }

/** What can be done. */
export type DeedName = keyof typeof DEEDS

/** How often each deed is done, of all. */
export const WEIGHTS: { readonly [Name in DeedName]: number } = {
  ...callWeights,
  ...peopleWeights,
  ...reroutingWeights,
  ...recorderWeights,
  ...inviteWeights,
  media: 12,
  hold: 4,
  press: 4,
  mediaEnded: 4,
  delivery: 1,
  perform: 30,
  mediaUp: 5,
  recordAll: 3,
  pass: 3,
  wake: 1,
  wakeNext: 1,
  jump: 1,
  restart: 2,
  forget: 1,
}

/** One thing that somebody does: what, and a few numbers that choose who and how. */
export interface Deed {
  readonly name: DeedName
  readonly picks: Picks
}

/** Has it done. */
export function act(world: World, { name, picks }: Deed): void {
  DEEDS[name](world, picks)
}
