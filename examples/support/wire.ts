/** Where each published version of the calling API is spoken: docs/reference/versions.md sets them side by side. */

/** One version, as a bot addresses it. */
export interface Wire {
  readonly version: string
  /** The first segment of its addresses. */
  readonly root: 'v1.0' | 'beta'
  /** The collection of calls below it. */
  readonly calls: string
  /** Whether no address speaks it by itself: the directory has to pin it for the application. */
  readonly pinned: boolean
}

/** @throws Error for a version that is not spoken */
export function wireOf(version: string, appId: string): Wire {
  const addresses: Readonly<Record<string, Omit<Wire, 'version'>>> = {
    'v1.0': { root: 'v1.0', calls: '/communications/calls', pinned: false },
    beta: { root: 'beta', calls: '/communications/calls', pinned: false },
    '2021-03': { root: 'v1.0', calls: '/communications/calls', pinned: true },
    '2020-12': { root: 'beta', calls: '/communications/calls', pinned: true },
    '2019-09': { root: 'beta', calls: '/app/calls', pinned: false },
    '2018-12': { root: 'beta', calls: `/applications/${appId}/calls`, pinned: false },
  }
  const address = addresses[version]
  if (!address) throw new Error(`--wire is one of ${Object.keys(addresses).join(', ')}, not ${version}.`)
  return { version, ...address }
}

/** An id in one spelling: 2018 and 2019 write 32 capital hex digits, later versions GUIDs in small letters. */
export function keyOf(id: string): string {
  return id.replaceAll('-', '').toLowerCase()
}
