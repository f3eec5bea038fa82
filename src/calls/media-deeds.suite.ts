/** What is done to the media of calls in the world of the property tests. */
import { cancelMedia, hold, play, presses, record, sendTones, subscribe, unhold } from './media-scene.suite.ts'
import { choose } from './scene.suite.ts'
import type { Picks, World } from './world.suite.ts'

export const mediaDeeds = {
  media(world, [x, y, z]) {
    const call = world.call(x)
    if (!call) return
    const operationId = world.mint('media')
    const commands = [
      play(call, operationId, { loop: z % 3 === 0 }),
      play(call, operationId),
      record(call, operationId, { bargeInAllowed: z % 2 === 0 }),
      record(call, operationId),
      sendTones(call, operationId),
      subscribe(call, operationId),
      subscribe(call, operationId),
      ...(z % 4 === 0 ? [cancelMedia(call, operationId)] : []),
    ]
    const command = choose(commands, y)
    if (command) world.submit(call.conversationId, command)
  },
  hold(world, [x, y, z]) {
    const call = world.call(x)
    const conversation = call && world.conversations.get(call.conversationId)
    const held = conversation?.calls.find(({ id }) => id === call?.callId)?.hold?.participantId
    const name = (z % 3 > 0 ? held : undefined) ?? choose(conversation?.participants ?? [], y)?.id
    if (!call || name === undefined) return
    const operationId = world.mint('hold')
    world.submit(call.conversationId, (z % 2 === 0 ? hold : unhold)(call, operationId, { name }))
  },
  press(world, [x, y]) {
    const someone = world.someone(x)
    const tone = choose(['tone1', 'pound', 'star'] as const, y) ?? 'tone1'
    if (someone) world.submit(someone.conversationId, presses({ name: someone.participantId }, tone))
  },
  mediaEnded(world, [x, y]) {
    const { operations = [] } = world.conversation(x) ?? {}
    const operation = choose(operations, y)
    if (operation) world.mediaEnds({ callId: operation.callId, operationId: operation.id }, y)
  },
} satisfies { readonly [name: string]: (world: World, picks: Picks) => void }
