/** What people do by themselves in the world of the property tests, and what becomes of their legs. */
import { MEETING, PEOPLE } from './cast.suite.ts'
import { bot, choose, join } from './scene.suite.ts'
import type { Picks, World } from './world.suite.ts'

export const peopleDeeds = {
  enter(world, [x, y]) {
    const person = choose(PEOPLE, x)
    const conversation = world.conversation(y)
    if (!person || !conversation) return
    const { identity, address } = person
    const participantId = world.mint(person.name)
    const duties = world.duties({ ...person, name: participantId }, x + y)
    const lobby = x % 4 === 0
    world.submit(conversation.id, { type: 'PersonJoins', participantId, identity, address, lobby, duties })
  },
  admit(world, [x, y]) {
    const conversation = world.conversation(x)
    const waiting = conversation?.participants.filter(({ state }) => state.name === 'lobby') ?? []
    const participantId = choose(waiting, x)?.id ?? world.someone(x)?.participantId
    if (!conversation || participantId === undefined) return
    if (y % 8 === 7) world.submit(conversation.id, { type: 'AdmitAll' })
    else world.submit(conversation.id, { type: y % 4 === 3 ? 'TurnAway' : 'Admit', participantId })
  },
  /** Somebody comes into the meeting, whoever is there or nobody. */
  enterMeeting(world, [x, y]) {
    const person = choose(PEOPLE, x)
    if (!person) return
    const { identity, address } = person
    const { meetingInfo, ...place } = join(bot('a'), { conversationId: MEETING })
    if (!meetingInfo) return
    const participantId = world.mint(person.name)
    const meeting = { ...place, meetingInfo }
    const duties = world.duties({ ...person, name: participantId }, x + y)
    const lobby = y % 3 === 0
    world.submit(MEETING, { type: 'PersonJoins', participantId, identity, address, lobby, duties, meeting })
  },
  report(world, [x, y]) {
    const someone = world.someone(x)
    if (!someone) return
    const { conversationId, participantId } = someone
    const report = choose(
      [
        { type: 'LegRinging', participantId, device: 'a page' },
        { type: 'LegAnswered', participantId },
        { type: 'LegConnected', participantId, endpointType: 'default', lobby: false, device: 'another page' },
        { type: 'LegConnected', participantId, endpointType: 'default', lobby: false },
        { type: 'LegConnected', participantId, endpointType: 'voicemail', lobby: y % 2 === 0 },
        { type: 'LegFailed', participantId, reason: { name: 'callee-busy' } },
        { type: 'LegLeft', participantId },
      ] as const,
      y,
    )
    if (report) world.submit(conversationId, report)
  },
} satisfies { readonly [name: string]: (world: World, picks: Picks) => void }

/** How often each is done, beside the others. */
export const peopleWeights = { enter: 3, admit: 4, enterMeeting: 1, report: 15 } as const
