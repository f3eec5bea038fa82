/** Recording policies in the world of property tests: who must be recorded, and what recorders answer. */
import type { JoiningAnswer, RecordingDuty } from './recorder.ts'
import type { Person } from './scene.suite.ts'
import { OPTIONAL, REQUIRED, answer, bot, choose, duty } from './scene.suite.ts'
import type { Deed, World } from './world.suite.ts'

const RECORDERS = ['r', 's']

/** Who must record somebody: often nobody, now and then two applications. */
export function dutiesOf(world: World, person: Person, pick: number): RecordingDuty[] {
  const requirements = [REQUIRED, OPTIONAL, { before: true, during: false }, { before: false, during: true }]
  return RECORDERS.slice(0, pick % 5 === 4 ? 2 : pick % 2).map((name, index) =>
    duty(person, { ...world.bot(name), name: world.mint(name) }, choose(requirements, pick + index)),
  )
}

export const recorderDeeds = {
  /** A recorder answers a question; now and then one that nobody asked, or asked long ago. */
  joining(world, [x, y]) {
    const asked = world.live.flatMap(({ id, recordings }) =>
      recordings.flatMap(({ participantId, state }) =>
        state.name === 'asking' || (y % 7 === 6 && 'callId' in state)
          ? [{ conversationId: id, participantId, callId: state.callId }]
          : [],
      ),
    )
    const question = choose(asked, x)
    const given = choose<JoiningAnswer>(
      [
        { type: 'accept' },
        { type: 'accept' },
        { type: 'reject', reason: 'busy' },
        { type: 'inviteNewBot', inviteUri: 'https://other.example/' },
        { type: 'invalid', detail: 'no body' },
      ],
      y,
    )
    if (!question || !given) return
    const { conversationId, participantId, callId } = question
    world.submit(conversationId, { type: 'JoiningAnswered', callId, participantId, answer: given })
  },

  /** A recorder answers its call, and has room for several. */
  recorderComes(world, [x, y]) {
    const called = world.live.flatMap(({ id: conversationId, calls }) =>
      calls
        .filter(({ recorder, state }) => recorder && state.name === 'incoming')
        .map((call) => ({ conversationId, call })),
    )
    const one = choose(called, x)
    if (!one) return
    const { conversationId } = one
    const { id: callId, appId } = one.call
    world.submit(conversationId, { ...answer(bot('r'), { participantCapacity: 2 + (y % 3) }), callId, appId })
    world.submit(conversationId, { type: 'CallConnected', callId })
  },
} satisfies { readonly [name: string]: (world: World, picks: Deed['picks']) => void }

/** How often each is done, beside the others. */
export const recorderWeights = { joining: 3, recorderComes: 5 } as const
