/** A bot that takes notifications and counts them: as cheap as one can be, so that it is not what is measured. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Notifications so far, by what they tell; `at` is the moment of the last one, in milliseconds since the Unix epoch. */
export interface Taken {
  posts: number
  established: number
  operations: number
  rosters: number
  at: number
}

/** A notification that was watched: which operation ended, or who was on the roster, when (milliseconds since the epoch). */
export interface Arrival {
  readonly what: 'operation' | 'roster'
  readonly ids: readonly string[]
  readonly at: number
}

let watched: { readonly text: string; readonly at: number }[] | undefined
const taken: Taken = { posts: 0, established: 0, operations: 0, rosters: 0, at: 0 }
const waiting: { readonly field: keyof Taken; readonly count: number }[] = []

function answerWhoWait(): void {
  const [first] = waiting
  if (!first || taken[first.field] < first.count) return
  waiting.shift()
  process.send?.({ ...taken })
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    response.writeHead(202, { 'content-length': '0' }).end()
    const text = Buffer.concat(chunks).toString('latin1')
    taken.posts++
    watched?.push({ text, at: performance.timeOrigin + performance.now() })
    taken.at = Date.now()
    if (text.includes('"state":"established"')) taken.established++
    if (text.includes('commsOperation') || text.includes('inviteParticipantsOperation')) {
      if (/"status":"(?:completed|failed)"/.test(text)) taken.operations++
    } else if (text.includes('/participants"')) taken.rosters++
    answerWhoWait()
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ ready: `http://127.0.0.1:${port}/api/calls` })
})

process.on('disconnect', () => process.exit())

function arrivalOf({ text, at }: { readonly text: string; readonly at: number }): Arrival {
  const ended = /operations\/([0-9a-f-]{36})/.exec(text)?.[1]
  if (ended !== undefined) return { what: 'operation', ids: [ended], at }
  return { what: 'roster', ids: [...text.matchAll(/"id":"([0-9a-f-]{36})"/g)].map(([, id]) => id ?? ''), at }
}

type Question = { readonly field: keyof Taken; readonly count: number } | { readonly watch: boolean }

/**
 * A question waits until so many of `field` were taken: then all counts are told. `watch` begins to keep what comes, or
 * ends that and tells what came.
 */
process.on('message', (question: Question) => {
  if ('watch' in question) {
    process.send?.((watched ?? []).map(arrivalOf))
    watched = question.watch ? [] : undefined
    return
  }
  waiting.push(question)
  answerWhoWait()
})
