/** What a route of the directory's API is: a row of data and a function from a decoded request to an answer. */
import { z } from 'zod'
import type { Change } from '../../directory/changes.ts'
import type { Directory, Tenant } from '../../directory/directory.ts'
import type { LiveDirectory } from '../../directory/live.ts'
import type { Clock, Ids } from '../../runtime.ts'
import type { Json } from '../wire/identity.ts'
import { badRequest, notFound } from './errors.ts'
import type { Query } from '../paging.ts'

/** What the handlers work with. */
export interface DirectoryParts {
  readonly directory: LiveDirectory
  /** The wall clock: by it secrets expire. */
  readonly clock: Clock
  readonly ids: Ids
  /** Secrets that an application may have, and certificates. */
  readonly mostCredentials: number
  /** The server's public address, without a slash at the end. */
  readonly baseUrl: () => string
}

/** One request, authenticated and addressed. */
export interface DirectoryRequest {
  /** In whose tenant it is. */
  readonly tenantId: string
  /** The object that the address names, if it does: an id, or `appId=` and an app id. */
  readonly id: string
  readonly params: Readonly<Record<string, string>>
  readonly query: Query
  /** The value that the one property which can be filtered by must have. */
  readonly filter: string | undefined
  readonly body: unknown
}

/** An object, a list of objects, or nothing. */
export type DirectoryAnswer =
  | { readonly status: 204 }
  | { readonly status: 200 | 201; readonly item: Json; readonly context: string }
  | { readonly status: 200; readonly items: readonly Item[]; readonly context: string }

/** One of a list; only those of the page that is asked for are shown. */
export interface Item {
  readonly id: string
  readonly show: () => Json
}

/** A row of the route table. */
export interface DirectoryRoute {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Path below the version. */
  readonly path: string
  readonly operation: string
  /** The role that is enough beside Directory.ReadWrite.All. */
  readonly role: 'User.ReadWrite.All' | 'Application.ReadWrite.All'
  /** The one property that `$filter` may name. */
  readonly filterable?: string
  readonly handle: (request: DirectoryRequest, parts: DirectoryParts) => DirectoryAnswer | Promise<DirectoryAnswer>
}

/** The tenant that the request is in. */
export function tenantOf({ tenantId }: DirectoryRequest, directory: Directory): Tenant {
  const tenant = directory.tenant(tenantId)
  if (!tenant) throw notFound(tenantId)
  return tenant
}

/** Reads a body; the first mistake is told in the words of Graph's directory. */
export function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const read = schema.safeParse(body ?? {})
  if (read.success) return read.data
  const [issue] = read.error.issues
  if (issue?.code === 'unrecognized_keys') {
    const name = issue.keys[0] ?? ''
    throw badRequest(
      `Invalid property '${name.slice(0, 64)}'.`,
      `${name.slice(0, 64)} is not a property that can be written here.`,
    )
  }
  const path = issue?.path.join('.') ?? ''
  throw badRequest(
    `Invalid value specified for property '${path}' of resource.`,
    `${path || 'the body'}: ${issue?.message ?? ''}.`,
  )
}

/** Carries out a change, after those before it. */
export function change<T>(
  { directory }: DirectoryParts,
  decide: (current: Directory) => { readonly changes: readonly Change[]; readonly result: T },
): Promise<T> {
  return directory.change(decide)
}

/** Text that must be there. */
export const requiredText = z.string().trim().min(1).max(320)
