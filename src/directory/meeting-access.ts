/**
 * Whose online meetings an application may make and read: what Teams calls an application access policy. In development
 * an application without one may act for every user of its tenant; in production it needs one.
 */
import type { Application, User } from './directory.ts'

/** Whether the application may act for the user. */
export function mayActFor(
  { tenantId, meetingUsers }: Pick<Application, 'tenantId' | 'meetingUsers'>,
  user: User,
  mode: 'development' | 'production',
): boolean {
  if (user.tenantId !== tenantId) return false
  if (meetingUsers === undefined) return mode === 'development'
  if (meetingUsers === 'all') return true
  const name = user.userPrincipalName.toLowerCase()
  return meetingUsers.some((one) => one === user.id || one.toLowerCase() === name)
}
