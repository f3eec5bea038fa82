/** Where traces are taken: what stands between parts that know nothing of it. */
import type { FastifyInstance } from 'fastify'
import type { Poster } from '../notifications/post.ts'
import type { Store } from '../store/store.ts'

/** What the switchboard needs of the store. */
export type ConversationStore = Pick<Store, 'commit' | 'load' | 'findCall' | 'unfinished' | 'timeline'>

/** Makes spans of what goes through it. */
export interface Tracing {
  /** A span for each request, in the trace that its `traceparent` names (W3C Trace Context). */
  observe(app: FastifyInstance): void
  /** A span for each commit, below that of the request that led to it. */
  store(store: ConversationStore): ConversationStore
  /** A span for each try, below that of the commit that owed it; the bot gets its `traceparent`. */
  poster(poster: Poster): Poster
  /** Sends what is left, as far as the collector takes it. */
  close(): Promise<void>
}

/** The store as the switchboard needs it, its methods by themselves. */
export function conversationStore(store: Store): ConversationStore {
  return {
    commit: (commit) => store.commit(commit),
    load: (id) => store.load(id),
    findCall: (id) => store.findCall(id),
    unfinished: () => store.unfinished(),
    timeline: (id) => store.timeline(id),
  }
}
