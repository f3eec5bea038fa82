/** A person calls another one: a call of two without any application. */
import type { PersonCallsPerson } from './commands.ts'
import { addCaller } from './create.ts'
import type { Draft } from './draft.ts'
import { checkDuplicates, startInvitation } from './invite.ts'

/** A person or phone calls another one, who rings as if an application had called. */
export function personCallsPerson(draft: Draft, { caller, target }: PersonCallsPerson): void {
  checkDuplicates(draft, [{ identity: caller.source.identity }, target])
  addCaller(draft, caller)
  const { identity } = caller.source
  startInvitation(draft, target, { type: 'talk', callerId: caller.participantId }, identity)
}
