/**
 * Application permissions by name. The published documentation prints several spellings of the calling permissions
 * (plural and differently capitalised); the real values are singular, and those are what the product keeps.
 */

/** The permissions that the calling API asks for. */
export const callingRoles = [
  'Calls.Initiate.All',
  'Calls.InitiateGroupCall.All',
  'Calls.JoinGroupCall.All',
  'Calls.JoinGroupCallAsGuest.All',
  'Calls.AccessMedia.All',
] as const

/** A permission that the calling API asks for. */
export type CallingRole = (typeof callingRoles)[number]

/** The permissions that the directory's own API asks for; the first includes the others. */
export const directoryRoles = ['Directory.ReadWrite.All', 'User.ReadWrite.All', 'Application.ReadWrite.All'] as const

/** Neighbouring families that bots hold too; nothing here asks for them, so their names are kept as written. */
const OTHER_ROLE =
  /^(?:OnlineMeetings|OnlineMeetingRecording|CallRecords|CallRecordings|CallRecord-PstnCalls)\.[A-Za-z]+(?:\.[A-Za-z]+)*$/

const byLooseName = new Map<string, string>([...callingRoles, ...directoryRoles].map((role) => [loose(role), role]))

/**
 * The name under which the product keeps a permission, from any published spelling of it
 * (`Calls.JoinGroupCallsasGuest.All` gives `Calls.JoinGroupCallAsGuest.All`).
 * @returns undefined if no permission has that name.
 */
export function canonicalRole(text: string): string | undefined {
  return byLooseName.get(loose(text)) ?? (OTHER_ROLE.test(text) ? text : undefined)
}

function loose(role: string): string {
  return role.toLowerCase().replace('groupcalls', 'groupcall')
}
