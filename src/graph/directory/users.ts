/** `users`: people of the directory, by id or user principal name. */
import { z } from 'zod'
import type { Directory, Profile, User } from '../../directory/directory.ts'
import { profileKeys } from '../../directory/directory.ts'
import { UPN } from '../../directory/formats.ts'
import type { Json } from '../wire/identity.ts'
import { badRequest, notFound } from './errors.ts'
import type { DirectoryRequest, DirectoryRoute } from './route.ts'
import { change, readBody, requiredText, tenantOf } from './route.ts'

const profile = z.object(Object.fromEntries(profileKeys.map((key) => [key, z.string().max(256).nullish()]))).shape
const upn = requiredText.regex(UPN, 'write a name such as user1@contoso.example')
/** Everybody is enabled and nobody signs in: these members are read, and nothing is kept of them. */
const account = { accountEnabled: z.literal(true).optional(), passwordProfile: z.looseObject({}).optional() }
const createBody = z.strictObject({ displayName: requiredText, userPrincipalName: upn, ...account, ...profile })
const patchBody = z.strictObject({
  displayName: requiredText.optional(),
  userPrincipalName: upn.optional(),
  ...account,
  ...profile,
})

/** The members that Graph shows unless it is asked for others. */
const STANDARD = ['displayName', 'givenName', 'jobTitle', 'mail', 'mobilePhone', 'officeLocation', 'preferredLanguage']

export const userRoutes: readonly DirectoryRoute[] = [
  {
    operation: 'user: list',
    method: 'GET',
    path: '/users',
    role: 'User.ReadWrite.All',
    filterable: 'userPrincipalName',
    handle(request, { directory }) {
      const { users } = tenantOf(request, directory.current())
      const wanted = request.filter?.toLowerCase()
      const found = users.filter(({ userPrincipalName: name }) => wanted === undefined || name.toLowerCase() === wanted)
      const items = found.map((user) => ({ id: user.id, show: () => show(user, request) }))
      return { status: 200, items, context: 'users' }
    },
  },
  {
    operation: 'user: create',
    method: 'POST',
    path: '/users',
    role: 'User.ReadWrite.All',
    async handle(request, parts) {
      const {
        displayName,
        userPrincipalName,
        accountEnabled: _,
        passwordProfile: __,
        ...rest
      } = readBody(createBody, request.body)
      const entry: User = {
        tenantId: request.tenantId,
        id: parts.ids.guid(),
        displayName,
        userPrincipalName,
        ...profileMember({}, rest),
      }
      await change(parts, (directory) => {
        requireFreeName(directory, userPrincipalName)
        return { changes: [{ kind: 'user', id: entry.id, entry }], result: entry }
      })
      return { status: 201, item: show(entry, request), context: 'users/$entity' }
    },
  },
  {
    operation: 'user: get',
    method: 'GET',
    path: '/users/:id',
    role: 'User.ReadWrite.All',
    handle: (request, { directory }) => ({
      status: 200,
      item: show(requireUser(request, directory.current()), request),
      context: 'users/$entity',
    }),
  },
  {
    operation: 'user: update',
    method: 'PATCH',
    path: '/users/:id',
    role: 'User.ReadWrite.All',
    async handle(request, parts) {
      const {
        accountEnabled: _,
        passwordProfile: __,
        displayName,
        userPrincipalName,
        ...rest
      } = readBody(patchBody, request.body)
      await change(parts, (directory) => {
        const { profile: before = {}, ...user } = requireUser(request, directory)
        if (
          userPrincipalName !== undefined &&
          userPrincipalName.toLowerCase() !== user.userPrincipalName.toLowerCase()
        ) {
          requireFreeName(directory, userPrincipalName)
        }
        const entry: User = {
          ...user,
          ...(displayName !== undefined && { displayName }),
          ...(userPrincipalName !== undefined && { userPrincipalName }),
          ...profileMember(before, rest),
        }
        return { changes: [{ kind: 'user', id: entry.id, entry }], result: undefined }
      })
      return { status: 204 }
    },
  },
  {
    operation: 'user: delete',
    method: 'DELETE',
    path: '/users/:id',
    role: 'User.ReadWrite.All',
    async handle(request, parts) {
      await change(parts, (directory) => ({
        changes: [{ kind: 'user', id: requireUser(request, directory).id }],
        result: undefined,
      }))
      return { status: 204 }
    },
  },
]

function requireUser({ tenantId, id }: DirectoryRequest, directory: Directory): User {
  const user = directory.user(id)
  if (user?.tenantId !== tenantId) throw notFound(id)
  return user
}

/** Refuses a name that somebody has, in whatever tenant. */
function requireFreeName(directory: Directory, name: string): void {
  if (!directory.find(name)) return
  throw badRequest(
    'Another object with the same value for property userPrincipalName already exists.',
    `${name} is taken; choose another userPrincipalName.`,
  )
}

/** The profile after a change: null takes a property away. */
function profileMember(before: Profile, changed: Record<string, string | null | undefined>): { profile?: Profile } {
  const merged = Object.entries({ ...before, ...changed }).filter(([, value]) => typeof value === 'string')
  return merged.length === 0 ? {} : { profile: Object.fromEntries(merged) }
}

function show({ id, displayName, userPrincipalName, profile: kept = {} }: User, { query }: DirectoryRequest): Json {
  const all: Json = {
    accountEnabled: true,
    ...Object.fromEntries(profileKeys.map((key) => [key, kept[key] ?? null])),
    displayName,
  }
  const names = query.select ? Object.keys(all) : STANDARD
  return { businessPhones: [], ...Object.fromEntries(names.map((name) => [name, all[name]])), userPrincipalName, id }
}
