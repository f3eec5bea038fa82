/** Conversations by the ids that people have at hand, and commands for them. */
import type { Command } from '../calls/commands.ts'
import type { Conversation } from '../calls/conversation.ts'
import { readGuid } from '../runtime.ts'
import type { ControlParts } from './parts.ts'
import { invalid, notFound } from './parts.ts'

/** The conversation with this id, or that a call with this id is part of; ended ones too. */
export async function find(parts: ControlParts, text: string): Promise<Conversation> {
  const id = readGuid(text) ?? text
  const key = await parts.store.findCall(id)
  const conversation = await parts.switchboard.read(key?.conversationId ?? id)
  if (!conversation) throw notFound(`There is no call or conversation with the id ${text.slice(0, 64)}.`)
  return conversation
}

/** The conversation, and the id of somebody who is in it or being rung for it; no application. */
export async function findParticipant(
  parts: ControlParts,
  params: Readonly<Record<string, string>>,
): Promise<{ conversation: Conversation; participantId: string }> {
  const conversation = await find(parts, params['id'] ?? '')
  const participantId = readGuid(params['participantId'] ?? '') ?? ''
  const { participants, invitations } = conversation
  const party = [...participants, ...invitations].find(({ id }) => id === participantId)
  if (!party) throw notFound(`Nobody with the id ${params['participantId'] ?? ''} is in the call or being rung for it.`)
  if ('party' in party && party.party.type === 'application') {
    throw invalid('This participant is an application: it acts by the calling API alone.')
  }
  return { conversation, participantId }
}

/** Has a command carried out. @throws HttpError */
export async function submit(
  parts: ControlParts,
  { id }: Conversation,
  command: Command,
  requestId: string,
): Promise<void> {
  const result = await parts.switchboard.submit(id, command, { requestId })
  if (!result.ok) throw parts.refused(result.error)
}
