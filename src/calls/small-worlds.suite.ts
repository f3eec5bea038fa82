/** The small worlds that are walked through (see `explore.suite.ts`): two calls, three people, and what they can do. */
import type { Call } from './call.ts'
import { isLive } from './call.ts'
import type { Conversation } from './conversation.ts'
import type { Rules } from './draft.ts'
import type { Move, Moves, Pending, SmallWorld, State } from './explore.suite.ts'
import { SmallWorld as World, connect, nothing, perform } from './explore.suite.ts'
import { cancelMedia, hold, play, presses, record, unhold } from './media-scene.suite.ts'
import { isFinished } from './operation.ts'
import type { Participant } from './participant.ts'
import { isPerson } from './participant.ts'
import type { Invitee } from './reach.ts'
import type { Person } from './scene.suite.ts'
import { a, ann, bob, bot, calls, create, cyd, invite, invitee, join, open } from './scene.suite.ts'

const PEOPLE = [ann, bob, cyd]
const rules: Rules = { ...open, maxParticipants: 4, mediaQueueLimit: 2 }

/** The other call of bot a's application. */
const x = { ...bot('x'), appId: a.appId }

/** A beginning, and what can happen from there. */
export interface Small {
  readonly name: string
  /** How many steps every run explores, however slow the machine. */
  readonly depth: number
  readonly rules: Rules
  readonly begin: State
  readonly moves: Moves
}

interface Own {
  readonly conversation: Conversation
  readonly call: Call
}

function ownCalls({ conversations }: State): readonly Own[] {
  return [...conversations.values()].flatMap((conversation) =>
    conversation.calls.map((call) => ({ conversation, call })),
  )
}

function liveCalls(state: State): readonly Own[] {
  return ownCalls(state).filter(({ call }) => isLive(call))
}

// What the world does

/** Each thing that waits is done, well or not, and messages twice; a leg that is up goes down; time passes; a crash. */
function worldMoves(state: State): readonly Move[] {
  const { conversations, pending, restarted } = state
  const people = [...conversations.values()].flatMap(({ participants }) => participants.filter(isPerson))
  return [
    ...distinct(pending).flatMap(effectMoves),
    ...people.map(({ id }): Move => ({
      name: `${id} leaves`,
      make: (world) => world.everywhere({ type: 'LegLeft', participantId: id }),
    })),
    { name: 'time passes', make: (world) => void world.tick() },
    ...(restarted ? [] : [{ name: 'a crash', make: (world: SmallWorld) => world.restart() }]),
  ]
}

function distinct(pending: readonly Pending[]): readonly Pending[] {
  const seen = new Map(pending.map((one) => [JSON.stringify(one), one]))
  return [...seen.values()]
}

function effectMoves(pending: Pending): readonly Move[] {
  const { effect, again } = pending
  const name = `${effect.type}${'participantId' in effect ? ` ${effect.participantId}` : ''}`
  const once = (what: string, make: (world: SmallWorld) => void): Move => ({
    name: `${name}: ${what}`,
    make(world) {
      world.take(pending, false)
      make(world)
    },
  })
  if (effect.type === 'Ring') {
    const { participantId, link } = effect
    const chain = link === undefined ? {} : { link }
    return [
      once('answers', (world) => connect(world, participantId, chain)),
      once('is busy', (world) =>
        world.everywhere({ type: 'LegFailed', participantId, reason: { name: 'callee-busy' }, ...chain }),
      ),
    ]
  }
  const done = once('done', (world) => perform(world, effect))
  if (effect.type !== 'Tell' || again) return [done]
  const twice: Move = {
    name: `Tell ${effect.command.type}: done, and comes again`,
    make(world) {
      world.take(pending, true)
      perform(world, effect)
    },
  }
  return [{ ...done, name: `Tell ${effect.command.type}` }, twice]
}

// What applications do

function hangsUp({ conversation, call }: Own): Move {
  const { id: callId, appId } = call
  return {
    name: `${callId} hangs up`,
    make: (world) => world.submit(conversation.id, { type: 'HangUp', callId, appId }),
  }
}

function removals({ conversation, call }: Own): readonly Move[] {
  const { id: callId, appId } = call
  const ids = new Set([...conversation.participants, ...conversation.invitations].map(({ id }) => id))
  return [...ids].map((participantId) => ({
    name: `${callId} removes ${participantId}`,
    make: (world) => world.submit(conversation.id, { type: 'RemoveParticipant', callId, appId, participantId }),
  }))
}

type Chosen = (world: SmallWorld) => readonly Invitee[]

function invites({ conversation, call }: Own, name: string, chosen: Chosen, mode?: 'all' | 'first'): Move {
  return {
    name: `${call.id} invites ${name}`,
    make(world) {
      const command = invite({ ...a, callId: call.id, appId: call.appId }, world.mint('operation'), chosen(world))
      world.submit(conversation.id, { ...command, ...(mode && { mode }) })
    },
  }
}

function minted(world: SmallWorld, person: Person, more: Partial<Invitee> = {}): Invitee {
  return invitee({ ...person, name: world.mint(person.name) }, more)
}

function invitesEach(own: Own): readonly Move[] {
  return PEOPLE.map((person) => invites(own, person.name, (world) => [minted(world, person)]))
}

/** Somebody is taken out of another call. */
function pulls(own: Own, all: readonly Own[]): readonly Move[] {
  return all
    .filter(({ call }) => call !== own.call)
    .flatMap(({ conversation, call }) =>
      conversation.participants.filter(isPerson).map(({ identity, id }) => {
        const person = PEOPLE.find((one) => one.identity.id === identity.id) ?? ann
        const replaces = { callId: call.id, call: { callId: call.id, conversationId: conversation.id } }
        return invites(own, `${id} out of ${call.id}`, (world) => [minted(world, person, { replaces })])
      }),
    )
}

function transfers(own: Own, all: readonly Own[]): readonly Move[] {
  const { conversation, call } = own
  const { id: callId, appId } = call
  const transfer = (name: string, chosen: (world: SmallWorld) => Invitee, who?: Participant): Move => ({
    name: `${callId} transfers ${who?.id ?? ''} to ${name}`,
    make(world) {
      const out = { conversationId: world.mint('conversation'), participantId: world.mint('transferee') }
      const transferee = who && { participantId: who.id }
      const more = { target: chosen(world), out, ...(transferee && { transferee }) }
      world.submit(conversation.id, { type: 'Transfer', callId, appId, ...more })
    },
  })
  const whom = conversation.mode === 'peerToPeer' ? [undefined] : conversation.participants.filter(isPerson)
  const others = all.filter((one) => one.call !== call)
  return whom.flatMap((who) => [
    transfer('cyd', (world) => minted(world, cyd), who),
    ...others.flatMap((other) =>
      other.conversation.participants.filter(isPerson).map(({ identity }) => {
        const person = PEOPLE.find((one) => one.identity.id === identity.id) ?? ann
        const replaces = {
          callId: other.call.id,
          call: { callId: other.call.id, conversationId: other.conversation.id },
        }
        return transfer(`${person.name} out of ${other.call.id}`, (world) => minted(world, person, { replaces }), who)
      }),
    ),
  ])
}

function incoming({ conversation, call }: Own): readonly Move[] {
  if (call.state.name !== 'incoming') return []
  const { id: callId, appId } = call
  const submit = (name: string, make: (world: SmallWorld) => Parameters<SmallWorld['submit']>[1]): Move => ({
    name: `${callId} ${name}`,
    make: (world) => world.submit(conversation.id, make(world)),
  })
  const redirect = (people: readonly Person[]): Move =>
    submit(`redirects to ${people.map(({ name }) => name).join()}`, (world) => ({
      type: 'Redirect',
      callId,
      appId,
      targets: people.map((person) => minted(world, person)),
      timeout: 30_000,
      maskCallee: false,
      maskCaller: false,
    }))
  return [
    submit('answers', () => ({ type: 'Answer', callId, appId, mediaConfig: { type: 'serviceHosted' } })),
    submit('rejects', () => ({ type: 'Reject', callId, appId, reason: 'none' })),
    redirect([bob]),
    redirect([bob, cyd]),
    submit('is not reached', () => ({ type: 'IncomingUndelivered', callId, detail: 'no route', final: true })),
  ]
}

function together(own: Own): readonly Move[] {
  const both: Chosen = (world) => [minted(world, bob), minted(world, cyd)]
  const chain: Chosen = (world) => {
    const { identity, address } = cyd
    const fallback = {
      legId: world.mint('leg'),
      identity,
      reach: { type: 'endpoint', address } as const,
      ringTimeout: 10_000,
    }
    return [minted(world, bob, { ringTimeout: 10_000, fallbacks: [fallback] })]
  }
  return [
    invites(own, 'all of bob and cyd', both, 'all'),
    invites(own, 'the first of bob and cyd', both, 'first'),
    invites(own, 'bob, or else cyd', chain),
  ]
}

function sounds({ conversation, call }: Own): readonly Move[] {
  const { id: callId, appId } = call
  const who = { callId, appId }
  const submit = (name: string, make: (world: SmallWorld) => Parameters<SmallWorld['submit']>[1]): Move => ({
    name: `${callId} ${name}`,
    make: (world) => world.submit(conversation.id, make(world)),
  })
  const [person] = conversation.participants.filter(isPerson)
  return [
    submit('plays', (world) => play(who, world.mint('play'))),
    submit('plays for ever', (world) => play(who, world.mint('play'), { loop: true })),
    submit('records', (world) => record(who, world.mint('record'))),
    submit('cancels', (world) => cancelMedia(who, world.mint('cancel'))),
    ...(person
      ? [
          submit('holds', (world) => hold(who, world.mint('hold'), { name: person.id })),
          submit('takes back', (world) => unhold(who, world.mint('unhold'), { name: person.id })),
          submit('hears a key', () => presses({ name: person.id }, 'pound')),
        ]
      : []),
    ...conversation.operations
      .filter((one) => !isFinished(one))
      .map(({ id: operationId }) =>
        submit(`${operationId} fails`, () => ({
          type: 'MediaEnded',
          callId,
          operationId,
          outcome: { name: 'failed', reason: { name: 'prompt-bad-format' } },
        })),
      ),
  ]
}

/** People come to a meeting, are let in or turned away, and all of it ends. */
function meetingMoves({ conversations }: State): readonly Move[] {
  const conversation = conversations.get('there')
  const { meetingInfo, ...place } = join(x, { conversationId: 'there' })
  if (!meetingInfo) return []
  const enters = (person: Person, lobby: boolean): Move => ({
    name: `${person.name} comes${lobby ? ' to the lobby' : ''}`,
    make(world) {
      const { identity, address } = person
      const who = { participantId: world.mint(person.name), identity, address, lobby }
      world.submit('there', { type: 'PersonJoins', ...who, meeting: { ...place, meetingInfo } })
    },
  })
  const waiting = conversation?.participants.filter(({ state }) => state.name === 'lobby') ?? []
  return [
    enters(ann, false),
    enters(bob, true),
    ...waiting.flatMap(({ id: participantId }) =>
      (['Admit', 'TurnAway'] as const).map((type) => ({
        name: `${type} ${participantId}`,
        make: (world: SmallWorld) => world.submit('there', { type, participantId }),
      })),
    ),
    { name: 'the end for all', make: (world) => world.submit('there', { type: 'EndForAll' }) },
    {
      name: 'X joins',
      make: (world) =>
        world.submit(
          'there',
          join({ ...x, callId: world.mint('X') }, { conversationId: 'there', participantId: world.mint('x') }),
        ),
    },
  ]
}

// Beginnings

function begun(make: (world: SmallWorld) => void): State {
  const world = new World(nothing, rules)
  make(world)
  for (let [first] = world.pending; first; [first] = world.pending) {
    world.take(first, false)
    if (first.effect.type === 'Ring') connect(world, first.effect.participantId)
    else perform(world, first.effect)
  }
  return world.state
}

function calling(world: SmallWorld, who: typeof a, conversationId: string, people: readonly Person[]): void {
  const targets = people.map((person) => minted(world, person))
  world.submit(conversationId, create(who, targets, { conversationId, participantId: world.mint(who.name) }))
}

function personCalls(world: SmallWorld): void {
  const caller = { ...ann, name: world.mint('ann') }
  world.submit('here', calls(caller, a, { applicationParticipantId: world.mint('a') }))
}

/** Every world that is walked through. */
export const smallWorlds: readonly Small[] = [
  {
    name: 'a call with one, a call with two: invites, people pulled from one to the other',
    depth: 4,
    rules,
    begin: begun((world) => {
      calling(world, a, 'here', [ann])
      calling(world, x, 'there', [bob, cyd])
    }),
    moves: (state) => {
      const own = liveCalls(state)
      const one = (call: Own): readonly Move[] => [
        hangsUp(call),
        ...removals(call),
        ...invitesEach(call),
        ...pulls(call, own),
      ]
      return [...worldMoves(state), ...own.flatMap(one)]
    },
  },
  {
    name: 'nothing but people who are pulled out of a call with two into a call with one',
    depth: 6,
    rules,
    begin: begun((world) => {
      calling(world, a, 'here', [ann])
      calling(world, x, 'there', [bob, cyd])
    }),
    moves: (state) => {
      const own = liveCalls(state)
      const [first] = own.filter(({ call }) => call.id === a.callId)
      return [...worldMoves(state), ...own.map(hangsUp), ...(first ? pulls(first, own).slice(0, 1) : [])]
    },
  },
  {
    name: 'a call with one, a call with two: transfers, blind and consultative, and out of the group',
    depth: 4,
    rules,
    begin: begun((world) => {
      calling(world, a, 'here', [ann])
      calling(world, x, 'there', [bob, cyd])
    }),
    moves: (state) => {
      const own = liveCalls(state)
      return [...worldMoves(state), ...own.flatMap((call) => [hangsUp(call), ...transfers(call, own)])]
    },
  },
  {
    name: 'a call that comes in beside a call with one: answered, rejected, redirected, transferred',
    depth: 5,
    rules,
    begin: begun((world) => {
      personCalls(world)
      calling(world, x, 'there', [bob])
    }),
    moves: (state) => {
      const own = liveCalls(state)
      const one = (call: Own): readonly Move[] => [hangsUp(call), ...incoming(call), ...transfers(call, own)]
      return [...worldMoves(state), ...own.flatMap(one), ...own.flatMap((call) => pulls(call, own))]
    },
  },
  {
    name: 'a call with one beside a call with two: all or nobody, the first, fallbacks',
    depth: 4,
    rules,
    begin: begun((world) => {
      calling(world, a, 'here', [ann])
      calling(world, x, 'there', [bob, cyd])
    }),
    moves: (state) => {
      const own = liveCalls(state)
      return [
        ...worldMoves(state),
        ...own.flatMap((call) => [hangsUp(call), ...removals(call), ...together(call)]),
        ...own.filter(({ call }) => call.id === a.callId).flatMap((call) => pulls(call, own)),
      ]
    },
  },
  {
    name: 'sound in a call with one, from which people are pulled into a call with two',
    depth: 4,
    rules,
    begin: begun((world) => {
      calling(world, a, 'here', [ann])
      calling(world, x, 'there', [bob, cyd])
    }),
    moves: (state) => {
      const own = liveCalls(state)
      const [first] = own.filter(({ call }) => call.id === a.callId)
      const other = own.filter(({ call }) => call.id !== a.callId)
      return [
        ...worldMoves(state),
        ...(first ? [hangsUp(first), ...sounds(first)] : []),
        ...other.flatMap((call) => [hangsUp(call), ...sounds(call).slice(0, 1), ...pulls(call, own)]),
      ]
    },
  },
  {
    name: 'a meeting beside a call with one: the lobby, invites, people pulled in, the end for all',
    depth: 4,
    rules,
    begin: begun((world) => {
      calling(world, a, 'here', [ann])
      world.submit('there', join(x, { conversationId: 'there', participantId: world.mint('x') }))
    }),
    moves: (state) => {
      const own = liveCalls(state)
      const meeting = own.filter(({ conversation }) => conversation.id === 'there')
      return [
        ...worldMoves(state),
        ...meetingMoves(state),
        ...own.flatMap((call) => [hangsUp(call), ...removals(call)]),
        ...meeting.flatMap((call) => [invites(call, 'cyd', (world) => [minted(world, cyd)]), ...pulls(call, own)]),
      ]
    },
  },
]
