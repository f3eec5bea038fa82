/** Recording policies in the world of property tests: who must be recorded, and what recorders answer. */
import type { JoiningAnswer } from './recorder.ts'
import { answer, bot, choose } from './scene.suite.ts'
import type { Picks, World } from './world.suite.ts'

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
} satisfies { readonly [name: string]: (world: World, picks: Picks) => void }

/** How often each is done, beside the others. */
export const recorderWeights = { joining: 3, recorderComes: 5 } as const
