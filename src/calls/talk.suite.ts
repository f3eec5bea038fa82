/** Two conversations that talk: one pulls Ann out of the other's call. What the tests of moves share. */
import type { Command } from './commands.ts'
import type { Effect } from './effects.ts'
import { answerForMissing } from './move.ts'
import type { Invitee } from './reach.ts'
import type { Outcome } from './scene.suite.ts'
import { Scene, a, ann, bob, bot, connects, create, cyd, invite, invitee } from './scene.suite.ts'
import { linesOf, notificationLine, replacing, resumed } from './scene.suite.ts'

/** Another call of bot a's application: the one that is replaced. */
export const x = { ...bot('x'), appId: a.appId }
/** Ann as the inviting conversation knows her. */
export const newAnn = { ...ann, name: 'ann2' }
export const annOutOf = (callId: string, conversationId = 'there'): Invitee =>
  replacing(newAnn, callId, { callId, conversationId })

/** A scene in which effects wait until they are performed, and can be lost. */
export class Talk extends Scene {
  effects: { readonly conversationId: string; readonly effect: Effect }[] = []
  readonly told: string[] = []

  /** Decides a command; its effects wait. */
  say(conversationId: string, command: Command): Required<Outcome> {
    const decision = this.do(conversationId, command)
    for (const effect of decision.effects) this.effects.push({ conversationId, effect })
    this.told.push(...decision.notifications.map(notificationLine))
    return linesOf(decision)
  }

  /** Performs the oldest effect: a message is delivered, a leg is moved at once, anything else has no consequence. */
  next(): Required<Outcome> | undefined {
    const first = this.effects.shift()
    if (!first) return undefined
    const { conversationId, effect } = first
    if (effect.type === 'MoveLeg') return this.say(conversationId, connects(newAnn))
    if (effect.type !== 'Tell') return undefined
    if (this.conversations.has(effect.conversationId)) return this.say(effect.conversationId, effect.command)
    const { command } = effect
    if (!command.type.startsWith('Move')) return undefined
    const reply = answerForMissing(command as Parameters<typeof answerForMissing>[0], effect.conversationId)
    if (reply) this.effects.push({ conversationId: effect.conversationId, effect: reply })
    return undefined
  }

  settle(): void {
    while (this.effects.length > 0) this.next()
  }

  /** The process dies: no effect that was due is performed; afterwards the unfinished conversations go on. */
  restart(): void {
    this.effects = []
    for (const [id, { endedAt, departures }] of this.conversations) {
      if (endedAt === undefined || departures.length > 0) this.say(id, resumed)
    }
  }

  start(steps: readonly (readonly [string, Command])[]): this {
    for (const [id, command] of steps) this.say(id, command)
    this.settle()
    this.told.length = 0
    return this
  }
}

export const pair = [
  ['there', create(x, [invitee(ann)], { conversationId: 'there' })],
  ['there', connects(ann)],
] as const
export const group = [
  ['here', create(a, [invitee(bob), invitee(cyd)])],
  ['here', connects(bob)],
  ['here', connects(cyd)],
] as const
export const move = invite(a, 'op', [annOutOf(x.callId)])

/** Both calls established, and Ann about to be moved. */
export function moving(): Talk {
  const talk = new Talk().start([...pair, ...group])
  talk.say('here', move)
  return talk
}

/** Ann may go, and her leg is about to be moved. */
export function granted(): Talk {
  const talk = moving()
  talk.next()
  talk.next()
  return talk
}
