/** How calls begin, grow and end in the world of the property tests. */
import { randomAct } from './acts.suite.ts'
import { APPS, MEETING, PEOPLE } from './cast.suite.ts'
import { isPerson } from './participant.ts'
import type { ApplicationLeg } from './reach.ts'
import type { Bot } from './scene.suite.ts'
import { answer, application, bot, calls, callsPerson, create, invite, invitee } from './scene.suite.ts'
import { choose, join, modern, old, ringing } from './scene.suite.ts'
import type { Picks, World } from './world.suite.ts'

/** Media of an application's own. */
const socket = { hears: 'mix', secretHash: '00' } as const

function targetOf(target: Bot): ApplicationLeg | undefined {
  const { reach } = application(target)
  return reach.type === 'application' ? reach.leg : undefined
}

export const callDeeds = {
  create(world, [x, y, z]) {
    const conversationId = world.newConversation()
    if (conversationId === undefined) return
    const who = world.bot(choose(APPS, x) ?? 'a')
    const more = {
      conversationId,
      participantId: world.mint(who.name),
      manners: z % 4 === 0 ? old : z % 4 === 1 ? ringing : modern,
      callOptions: { isDeltaRosterEnabled: z % 2 === 0 },
      ...(z % 7 === 0 && { mediaConfig: { type: 'appHosted', socket } as const }),
    }
    world.submit(conversationId, create(who, world.invitees(who.appId, 1 + (y % 3), z), more))
  },
  joinMeeting(world, [x, y]) {
    const who = world.bot(choose(APPS, x) ?? 'a')
    const more = {
      participantId: world.mint(who.name),
      callOptions: { isDeltaRosterEnabled: y % 2 === 0 },
      lobby: y % 3 === 0,
      ...(y % 5 === 0 && { mediaConfig: { type: 'appHosted', ...(y % 2 === 0 && { socket }) } as const }),
    }
    world.submit(MEETING, join(who, { conversationId: MEETING, ...more }))
  },
  personCalls(world, [x, y]) {
    const conversationId = world.newConversation()
    const person = choose(PEOPLE, x)
    const target = targetOf(world.bot(choose(APPS, y) ?? 'a'))
    if (conversationId === undefined || !person || !target) return
    const caller = { ...person, name: world.mint(person.name) }
    const more = { conversationId, target, applicationParticipantId: world.mint('app') }
    const command = calls(caller, bot('a'), more)
    const duties = world.duties(caller, x + y)
    world.submit(conversationId, { ...command, caller: { ...command.caller, duties } })
  },
  personCallsPerson(world, [x, y]) {
    const conversationId = world.newConversation()
    const caller = choose(PEOPLE, x)
    const target = choose(PEOPLE, y)
    if (conversationId === undefined || !caller || !target) return
    const from = { ...caller, name: world.mint(caller.name) }
    const to = { ...target, name: world.mint(target.name) }
    const command = callsPerson(from, to, { conversationId })
    const duties = world.duties(from, x + y)
    world.submit(conversationId, { ...command, caller: { ...command.caller, duties } })
  },
  answer(world, [x, y]) {
    const call = world.call(x)
    const callOptions = { isDeltaRosterEnabled: y % 2 === 0 }
    if (call)
      world.submit(call.conversationId, {
        ...answer(bot('a'), { callOptions, participantCapacity: y % 4 }),
        callId: call.callId,
        appId: call.appId,
      })
  },
  reject(world, [x, y]) {
    const call = world.call(x)
    const reason = choose(['none', 'busy', 'forbidden'] as const, y) ?? 'none'
    if (call) world.submit(call.conversationId, { type: 'Reject', callId: call.callId, appId: call.appId, reason })
  },
  keepAlive(world, [x]) {
    const call = world.call(x)
    if (call) world.submit(call.conversationId, { type: 'KeepAlive', callId: call.callId, appId: call.appId })
  },
  hangUp(world, [x]) {
    const call = world.call(x)
    if (call) world.submit(call.conversationId, { type: 'HangUp', callId: call.callId, appId: call.appId })
  },
  invite(world, [x, y, z]) {
    const call = world.call(x)
    if (!call) return
    const escalation = choose(['any', 'any', 'one', 'never'] as const, z) ?? 'any'
    const invitees = world.invitees(call.appId, 1 + (y % 3), z)
    const { callId, appId } = call
    world.submit(call.conversationId, {
      ...invite(bot('a'), world.mint('operation'), invitees, { escalation }),
      callId,
      appId: y % 20 === 0 ? 'stranger' : appId,
    })
  },
  /** An application pulls somebody out of one of its calls into another, mostly for good reason. */
  move(world, [x, y]) {
    const own = [...world.conversations.values()].flatMap((conversation) =>
      conversation.calls.map((call) => ({ conversation, call })),
    )
    const established = own.filter(({ call }) => call.state.name === 'established')
    const from = choose(established, x)
    const to = choose(
      established.filter(({ call }) => call.appId === from?.call.appId && call.id !== from.call.id),
      y,
    )
    const person = choose(from?.conversation.participants.filter(isPerson) ?? [], y)
    if (!from || !to || person?.party.type !== 'person') return
    const { identity, party } = person
    const replaced = { callId: from.call.id, conversationId: from.conversation.id }
    const taken = invitee(
      { name: world.mint('moved'), identity, address: party.address },
      { replaces: { callId: from.call.id, call: replaced } },
    )
    const { id: callId, appId } = to.call
    const command = { ...invite(bot('a'), world.mint('operation'), [taken]), callId, appId }
    world.submit(to.conversation.id, command)
  },
  act(world, [x, y, z]) {
    const call = world.call(x)
    const conversation = call && world.conversations.get(call.conversationId)
    if (!call || !conversation) return
    const command = randomAct(conversation, call, world.mint('operation'), [y, z])
    if (command) world.submit(conversation.id, command)
  },
  remove(world, [x, y]) {
    const call = world.call(x)
    const someone = world.someone(y)
    if (!call) return
    const participantId = someone?.participantId ?? 'nobody'
    const { callId, appId } = call
    world.submit(call.conversationId, { type: 'RemoveParticipant', callId, appId, participantId })
  },
} satisfies { readonly [name: string]: (world: World, picks: Picks) => void }

/** How often each is done, beside the others. */
export const callWeights = {
  create: 6,
  joinMeeting: 2,
  personCalls: 3,
  personCallsPerson: 2,
  answer: 5,
  reject: 1,
  keepAlive: 1,
  hangUp: 1,
  invite: 10,
  move: 10,
  act: 8,
  remove: 2,
} as const
