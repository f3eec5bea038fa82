/** A person calls another one: a call of two without any application. */
import type { Invitee, PersonCalls } from './commands.ts'
import { addCaller } from './create.ts'
import type { Draft } from './draft.ts'
import { checkDuplicates, startInvitation } from './invite.ts'

/** A person or phone calls another one: a call of two without any application. */
export interface PersonCallsPerson {
  readonly type: 'PersonCallsPerson'
  readonly conversationId: string
  readonly tenantId: string
  readonly callChainId: string
  readonly caller: PersonCalls['caller']
  readonly target: Invitee
}

/** A person or phone calls another one, who rings as if an application had called. */
export function personCallsPerson(draft: Draft, { caller, target }: PersonCallsPerson): void {
  checkDuplicates(draft, [{ identity: caller.source.identity }, target])
  addCaller(draft, caller)
  const { identity } = caller.source
  startInvitation(draft, target, { type: 'talk', callerId: caller.participantId }, identity)
}
