/**
 * Who may import whom in `src/` and `web/`, as data; `test/house.test.ts` checks it. ARCHITECTURE.md tells the reasons. A change
 * here is a change of the architecture: make it on purpose, and tell it there.
 */

/** A part of `src/` or `web/` with walls around it. */
export interface Module {
  readonly name: string
  /** Folders (ending in `/`) and files that belong to it; a longer path wins over a shorter one. */
  readonly paths: readonly string[]
  /** Names of modules, and single files of modules, that it may import; itself always. */
  readonly may: readonly string[] | 'everything'
  /** Files of which it may import types alone. */
  readonly types?: readonly string[]
  /** Whether it may import modules of Node.js. */
  readonly node: boolean
  /** Whether it may import npm packages. */
  readonly packages: boolean
}

const open = { node: true, packages: true } as const

/** Every module. A file of `src/` or `web/` that belongs to none is a violation. */
export const modules: readonly Module[] = [
  { name: 'calls', paths: ['src/calls/'], may: [], node: false, packages: false },
  // The table of codes is data: whoever sends one, and whoever explains it, reads it there.
  { name: 'codes', paths: ['src/codes/'], may: ['calls'], node: false, packages: false },
  { name: 'runtime', paths: ['src/runtime.ts'], may: [], node: true, packages: false },
  { name: 'config', paths: ['src/config.ts', 'src/options.ts', 'src/option-types.ts'], may: ['runtime'], ...open },
  // A full disk is the one fault of the server's own that whoever asks can be told.
  { name: 'http', paths: ['src/http/'], may: ['codes', 'runtime', 'src/config.ts', 'src/store/store.ts'], ...open },
  // Where applications may send the server; whoever goes there asks it.
  { name: 'outbound', paths: ['src/outbound/'], may: ['src/config.ts'], ...open },
  { name: 'metrics', paths: ['src/metrics.ts'], may: ['src/store/store.ts', 'src/media/engine.ts', 'http'], ...open },
  { name: 'store', paths: ['src/store/'], may: ['calls', 'runtime'], ...open },
  // What is left of calls: made by the switchboard's word, read by Graph's routes; it asks nobody.
  { name: 'records', paths: ['src/records/'], may: ['calls', 'runtime', 'src/store/store.ts'], ...open },
  // Its notifications leave by one try of `post.ts`, and otherwise by rules of their own.
  {
    name: 'subscriptions',
    paths: ['src/subscriptions/'],
    may: [
      'records',
      'runtime',
      'src/config.ts',
      'src/store/store.ts',
      'src/notifications/post.ts',
      'src/notifications/back-off.ts',
    ],
    ...open,
  },
  {
    name: 'media',
    paths: ['src/media/'],
    may: ['calls', 'outbound', 'runtime', 'src/config.ts', 'http', 'src/store/store.ts'],
    ...open,
  },
  // Scripted people make their sounds in the rooms in which recordings listen.
  {
    name: 'endpoints',
    paths: ['src/endpoints/'],
    may: ['calls', 'runtime', 'src/media/engine.ts', 'src/media/rooms.ts', 'src/media/sound.ts', 'http'],
    ...open,
  },
  {
    name: 'directory',
    paths: ['src/directory/'],
    may: [
      'calls',
      'runtime',
      'src/endpoints/scripted/script.ts',
      'src/endpoints/scripted/steps.ts',
      'src/outbound/hosts.ts',
    ],
    ...open,
  },
  {
    name: 'switchboard',
    paths: ['src/switchboard/'],
    may: ['calls', 'runtime', 'src/store/store.ts', 'src/endpoints/endpoint.ts'],
    ...open,
  },
  { name: 'oauth', paths: ['src/oauth/'], may: ['codes', 'directory', 'runtime', 'src/config.ts', 'http'], ...open },
  {
    name: 'meetings',
    paths: ['src/meetings/'],
    may: ['calls', 'directory', 'runtime', 'src/store/store.ts', 'src/oauth/keys.ts'],
    ...open,
  },
  // Of their own accord people come in from control and from pages alike.
  {
    name: 'arrivals',
    paths: ['src/arrivals/'],
    may: ['calls', 'directory', 'meetings', 'runtime', 'http'],
    ...open,
  },
  // What people do at browser pages: the socket through which they act, and how they are reached by it.
  {
    name: 'phone',
    paths: ['src/phone/'],
    may: [
      'arrivals',
      'calls',
      'switchboard',
      'directory',
      'meetings',
      'endpoints',
      'media',
      'oauth',
      'runtime',
      'src/config.ts',
      'http',
      'src/store/store.ts',
    ],
    ...open,
  },
  { name: 'wire', paths: ['src/graph/wire/'], may: ['calls', 'runtime', 'dialects'], ...open },
  { name: 'dialects', paths: ['src/graph/dialects/'], may: ['calls', 'runtime', 'wire'], ...open },
  {
    name: 'graph',
    paths: ['src/graph/'],
    may: [
      'calls',
      'codes',
      'wire',
      'dialects',
      'switchboard',
      'records',
      'subscriptions',
      'directory',
      'meetings',
      'outbound',
      'runtime',
      'src/config.ts',
      'src/oauth/bearer.ts',
      'http',
    ],
    ...open,
  },
  {
    name: 'notifications',
    paths: ['src/notifications/'],
    may: [
      'calls',
      'codes',
      'outbound',
      'runtime',
      'src/config.ts',
      'directory',
      'src/store/store.ts',
      'wire',
      'dialects',
      'src/oauth/keys.ts',
    ],
    ...open,
  },
  {
    name: 'control',
    paths: ['src/control/'],
    may: [
      'arrivals',
      'calls',
      'codes',
      'switchboard',
      'records',
      'subscriptions',
      'directory',
      'meetings',
      'notifications',
      'runtime',
      'src/config.ts',
      'http',
      'endpoints',
      'media',
      'src/store/store.ts',
      'src/store/backup.ts',
    ],
    ...open,
  },
  // It stands between parts and hands on what it sees: off, nothing of it is loaded but this seam.
  {
    name: 'tracing',
    paths: ['src/tracing/'],
    may: ['src/config.ts', 'http', 'src/store/store.ts', 'src/notifications/post.ts'],
    ...open,
  },
  { name: 'backup', paths: ['src/backup.ts'], may: ['explain', 'src/config.ts'], ...open },
  { name: 'explain', paths: ['src/explain.ts'], may: ['codes', 'runtime', 'src/config.ts'], ...open },
  {
    name: 'server',
    paths: ['src/server.ts', 'src/core.ts', 'src/rules.ts', 'src/surfaces.ts', 'src/kept-clock.ts'],
    may: 'everything',
    ...open,
  },
  { name: 'main', paths: ['src/main.ts', 'src/program.ts'], may: 'everything', ...open },
  // Pages run in a browser: of the server they know the form of what it says, and nothing else.
  {
    name: 'web',
    paths: ['web/'],
    may: [],
    types: ['src/endpoints/browser/protocol.ts', 'src/control/live-view.ts'],
    node: false,
    packages: true,
  },
]

/** Modules that only these may import, because they stand at the top. */
export const topModules: Readonly<Record<string, readonly string[]>> = { server: ['main'], main: [] }

/** Groups of modules that may import each other; any other circle is a violation. */
export const circles: readonly (readonly string[])[] = [['wire', 'dialects']]
