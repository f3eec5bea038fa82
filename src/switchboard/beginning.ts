/** What is counted against the bounds before it is there. */
import type {
  Command,
  CreateCall,
  JoinMeeting,
  PersonCalls,
  PersonJoins,
  PersonCallsPerson,
} from '../calls/commands.ts'

/** The commands with which a call, or a conversation, begins. */
export type Beginning = CreateCall | JoinMeeting | PersonCalls | PersonCallsPerson | PersonJoins

const BEGINNINGS: ReadonlySet<Command['type']> = new Set<Beginning['type']>([
  'CreateCall',
  'JoinMeeting',
  'PersonCalls',
  'PersonCallsPerson',
])

/** Whether a command begins something. */
export function isBeginning(command: Command): command is Beginning {
  if (command.type === 'PersonJoins') return command.meeting !== undefined
  return BEGINNINGS.has(command.type)
}

/** The application whose call it is; a person who joins has none. */
export function applicationOf(command: Beginning): string | undefined {
  if (command.type === 'PersonJoins' || command.type === 'PersonCallsPerson') return undefined
  return command.type === 'PersonCalls' ? command.target.appId : command.appId
}
