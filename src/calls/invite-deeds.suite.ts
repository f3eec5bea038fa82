/** Invites with what this server adds to them, in the world of the property tests: chains, time-outs and modes. */
import type { Invitee } from './reach.ts'
import { bot, choose, invite } from './scene.suite.ts'
import type { Picks, World } from './world.suite.ts'

/** The same invitees with fallbacks for some, and ring time-outs of their own for others. */
function extended(world: World, invitees: readonly Invitee[], pick: number): Invitee[] {
  return invitees.map((one, index) => {
    if (one.replaces) return one
    const chain = world.invitees('', (pick + index) % 4, pick * 3 + index * 7 + 1).filter(({ replaces }) => !replaces)
    const fallbacks = chain.map(({ participantId: legId, identity, reach }) => ({
      legId,
      identity,
      reach,
      ringTimeout: (pick % 40) * 1000 + 1,
    }))
    return {
      ...one,
      ...(fallbacks.length > 0 && { fallbacks }),
      ...(pick % 3 === 0 && { ringTimeout: (pick % 20) * 1000 + 1 }),
    }
  })
}

export const inviteDeeds = {
  inviteTogether(world, [x, y, z]) {
    const call = world.call(x)
    if (!call) return
    const plain = world.invitees(call.appId, 1 + (y % 3), z)
    const invitees = y % 4 < 2 ? extended(world, plain, z) : plain
    // Who is pulled out of another call is invited alone.
    const isMixed = plain.some(({ replaces }, index) => index > 0 && replaces)
    const mode = isMixed ? undefined : choose(['all', 'first', undefined] as const, x + z)
    const { callId, appId } = call
    const command = invite(bot('a'), world.mint('operation'), invitees, { ...(mode && { mode }) })
    world.submit(call.conversationId, { ...command, callId, appId })
  },
  /** Somebody who stands in a chain comes of their own accord, before the one ahead of them says no. */
  overtakeChain(world, [x]) {
    const chains = world.live.flatMap(({ id: conversationId, invitations }) =>
      invitations.flatMap(({ id: participantId, fallbacks = [] }) => ({ conversationId, participantId, fallbacks })),
    )
    const chain = choose(
      chains.filter(({ fallbacks }) => fallbacks.some(({ reach }) => reach.type === 'endpoint')),
      x,
    )
    const [next] = chain?.fallbacks.filter(({ reach }) => reach.type === 'endpoint') ?? []
    if (!chain || next?.reach.type !== 'endpoint') return
    const { conversationId, participantId } = chain
    const { identity, reach } = next
    const entering = { participantId: world.mint('early'), identity, address: reach.address, lobby: false }
    world.submit(conversationId, { type: 'PersonJoins', ...entering })
    world.submit(conversationId, { type: 'LegFailed', participantId, reason: { name: 'callee-busy' } })
  },
} satisfies { readonly [name: string]: (world: World, picks: Picks) => void }

/** How often each is done, beside the others. */
export const inviteWeights = { inviteTogether: 8, overtakeChain: 1 } as const
