/**
 * What is published, version by version, and what becomes of it here: from the tables that the routes are made of, so
 * `docs/reference/coverage.md` and `GET /control/coverage` say what the server does.
 */
import { batchOperation } from './batch/batch.ts'
import { directoryRoutes } from './directory/directory.ts'
import type { WireVersion } from './dialects/dialect.ts'
import { meetingRoutes } from './meetings/routes.ts'
import { metadataOperation } from './metadata/route.ts'
import { recordRoutes } from './records/routes.ts'
import { recordingRoutes } from './recordings/routes.ts'
import { routes } from './routes/graph.ts'
import type { Needed, Permissions } from './routes/published.ts'
import { EVER, TODAY, always } from './routes/published.ts'
import { subscriptionRoutes } from './subscriptions/routes.ts'
import { refusedOperations } from './routes/unbuilt.ts'

/** `done`; `partial`, where the note says what is missing; or `refused` by name (501), where it says why. */
export type Coverage = 'done' | 'partial' | 'refused'

/** A published operation. */
export interface CoverageRow {
  readonly area: 'calls' | 'meetings' | 'call records' | 'recordings' | 'subscriptions' | 'directory' | 'service'
  readonly operation: string
  readonly method: string
  /** Below the version; calls are below their other collections, too. */
  readonly path: string
  readonly state: Coverage
  readonly note?: string
  /** The versions whose pages or metadata have it. */
  readonly published: readonly WireVersion[]
  /** Permissions as today's pages have them, and as those until 2021 had, in words. */
  readonly permissions: { readonly today: string; readonly until2021: string }
}

/** Every published operation. */
export function coverage(): readonly CoverageRow[] {
  return [...callRows(), ...resourceRows()]
}

function callRows(): CoverageRow[] {
  return routes.map(({ operation, method, path, published, permissions, partial }) => {
    const refusal = refusedOperations.find((one) => one.method === method && one.path === path)
    const note = refusal?.why ?? partial
    return {
      area: 'calls',
      operation,
      method,
      path: shown(`/communications/calls${path}`),
      state: refusal ? 'refused' : partial === undefined ? 'done' : 'partial',
      ...(note !== undefined && { note }),
      published,
      permissions: inWords(refusal?.permissions ?? permissions),
    }
  })
}

/** A row of one of the tables beside calls. */
interface Resource {
  readonly operation: string
  readonly method: string
  readonly path: string
  readonly roles?: readonly string[]
  readonly role?: string
  readonly only?: WireVersion
  readonly partial?: string
  /** Why it is refused, if it is. */
  readonly why?: string
}

function resourceRows(): CoverageRow[] {
  const tables: readonly (readonly [CoverageRow['area'], readonly Resource[]])[] = [
    ['meetings', meetingRoutes],
    ['call records', recordRoutes],
    ['recordings', recordingRoutes],
    ['subscriptions', subscriptionRoutes],
    ['directory', directoryRoutes],
    ['service', [batchOperation, metadataOperation]],
  ]
  return tables.flatMap(([area, table]) =>
    table.map(({ operation, method, path, roles, role, only, partial, why }) => {
      const note = why ?? partial
      const needed = roles ?? (role === undefined ? undefined : [role, 'Directory.ReadWrite.All'])
      return {
        area,
        operation,
        method,
        path: shown(path),
        state: why !== undefined ? 'refused' : partial === undefined ? 'done' : 'partial',
        ...(note !== undefined && { note }),
        published: only === undefined ? TODAY : [only],
        permissions: inWords(needed ? always(...needed) : { today: 'none', until2021: 'none' }),
      } as const
    }),
  )
}

/** The wire versions, newest first. */
export const versions: readonly WireVersion[] = EVER

function inWords({ today, until2021 }: Permissions): CoverageRow['permissions'] {
  return { today: words(today), until2021: words(until2021) }
}

function words(needed: Needed): string {
  switch (needed) {
    case 'none':
      return 'none'
    case 'atCreation':
      return 'that of creating the call'
    case 'byBody':
      return 'by what is asked for'
    default:
      return needed.join(' or ')
  }
}

function shown(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}')
}
