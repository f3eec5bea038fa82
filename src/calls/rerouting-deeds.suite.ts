/** How applications pass calls on in the world of the property tests. */
import { isIn } from './call.ts'
import { isPerson } from './participant.ts'
import type { Invitee } from './reach.ts'
import { choose, invitee } from './scene.suite.ts'
import type { Picks, World } from './world.suite.ts'

/** Somebody in another call of `appId`, to be taken out of it. */
function consulted(world: World, appId: string, pick: number): Invitee | undefined {
  const others = [...world.conversations.values()].flatMap(({ id: conversationId, calls, participants }) =>
    calls
      .filter((call) => call.appId === appId && isIn(call))
      .flatMap((call) => participants.filter(isPerson).map((person) => ({ conversationId, call, person }))),
  )
  const { conversationId, call, person } = choose(others, pick + 1) ?? {}
  if (conversationId === undefined || !call || person?.party.type !== 'person') return undefined
  const { identity, party } = person
  const taken = { name: world.mint('consulted'), identity, address: party.address }
  return invitee(taken, { replaces: { callId: call.id, call: { callId: call.id, conversationId } } })
}

export const reroutingDeeds = {
  redirect(world, [x, y, z]) {
    const all = [...world.conversations.values()].flatMap((one) => one.calls.map((call) => ({ id: one.id, call })))
    const incoming = all.filter(({ call }) => call.state.name === 'incoming')
    const { id, call } = choose(z % 9 === 0 ? all : incoming, x) ?? {}
    if (id === undefined || !call) return
    const targets = world.invitees(call.appId, 1 + (y % 4), z).map(({ replaces: _, ...target }) => target)
    const masks = { maskCaller: y % 2 === 0, maskCallee: y % 3 === 0 }
    const timeout = (15 + (z % 75)) * 1000
    world.submit(id, { type: 'Redirect', callId: call.id, appId: call.appId, targets, timeout, ...masks })
  },
  transfer(world, [x, y, z]) {
    const all = [...world.conversations.values()].flatMap((one) => one.calls.map((call) => ({ one, call })))
    const apt = all.filter(({ one, call }) => (one.mode === 'peerToPeer') === z % 2 > 0 && isIn(call))
    const { one, call } = choose(y % 5 === 0 ? all : apt, x) ?? {}
    const target = call && (y % 3 === 0 ? consulted(world, call.appId, x) : world.invitees(call.appId, 1, z)[0])
    if (!one || !call || !target) return
    const others = one.participants.filter(({ id }) => id !== call.participantId)
    const participantId = choose(others, y)?.id ?? 'nobody'
    const transferee = { participantId: z % 7 === 0 ? 'nobody' : participantId }
    const { id: callId, appId } = call
    const isNamed = one.mode !== 'peerToPeer' || z % 3 === 0
    const out = { conversationId: world.mint('conversation'), participantId: world.mint('transferee') }
    const more = { ...(isNamed && { transferee }), ...(y % 11 > 0 && { out }) }
    world.submit(one.id, { type: 'Transfer', callId, appId, target, ...more })
  },
} satisfies { readonly [name: string]: (world: World, picks: Picks) => void }

/** How often each is done, beside the others. */
export const reroutingWeights = { redirect: 4, transfer: 4 } as const
