/** The application permissions of Microsoft Graph by their published ids, as far as the product has to do with them. */
import { derivedGuid } from './object-ids.ts'

/** The app id of Microsoft Graph itself: whose permissions the others are given. */
export const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000'

/** Published permissions and their ids. */
export const appRoles: ReadonlyMap<string, string> = new Map([
  ['Calls.Initiate.All', '284383ee-7f6e-4e40-a2a8-e85dcb029101'],
  ['Calls.InitiateGroupCall.All', '4c277553-8a09-487b-8023-29ee378d8324'],
  ['Calls.JoinGroupCall.All', 'f6b49018-60ab-4f81-83bd-22caeabfed2d'],
  ['Calls.JoinGroupCallAsGuest.All', 'fd7ccf6b-3d28-418b-9701-cd10f5cd2fd4'],
  ['Calls.AccessMedia.All', 'a7a681dc-756e-4909-b988-f160edc6655f'],
  ['CallRecords.Read.All', '45bbb07e-7321-4fd7-a8f6-3ff27e6a81c8'],
  ['CallRecord-PstnCalls.Read.All', 'a2611786-80b3-417e-adaa-707d4261a5f0'],
  ['OnlineMeetingRecording.Read.All', 'a4a08342-c95d-476b-b943-97e100569c8d'],
  ['OnlineMeetings.Read.All', 'c1684f21-1984-47fa-9d61-2dc8c296bb70'],
  ['OnlineMeetings.ReadWrite.All', 'b8bb2037-6e08-44ac-a4ea-4674e010e2a4'],
  ['User.ReadWrite.All', '741f803b-c850-494e-b5df-cde7c675a1ca'],
  ['Application.ReadWrite.All', '1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9'],
  ['Directory.ReadWrite.All', '19dbc75e-c2e2-444c-a770-ec69d8559fc7'],
])

/** The id of a permission; one that follows from the name if none is known to be published. */
export function appRoleId(role: string): string {
  return appRoles.get(role) ?? derivedGuid('appRole', role)
}

/** The permission with this id. */
export function appRoleOf(id: string): string | undefined {
  return [...appRoles].find(([, known]) => known === id)?.[0]
}
