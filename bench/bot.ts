/** Bots that take notifications and count them: as cheap as can be, so that they are not what is measured. */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Notifications so far, by what they tell; `at` is the moment of the last one, in milliseconds since the Unix epoch. */
export interface Taken {
  posts: number
  established: number
  operations: number
  rosters: number
  at: number
}

/** A notification that was watched: which operation ended, or who was on the roster, when (milliseconds of the machine's monotonic clock). */
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

/** Answers that are held back; undefined while every one leaves at once. */
let held: (() => void)[] | undefined

function accept(response: ServerResponse): void {
  const answer = (): void => void response.writeHead(202, { 'content-length': '0' }).end()
  if (held) held.push(answer)
  else answer()
}

function take(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    accept(response)
    const text = Buffer.concat(chunks).toString('latin1')
    taken.posts++
    watched?.push({ text, at: Number(process.hrtime.bigint()) / 1e6 })
    taken.at = Date.now()
    if (text.includes('"state":"established"')) taken.established++
    if (text.includes('commsOperation') || text.includes('inviteParticipantsOperation')) {
      if (/"status":"(?:completed|failed)"/.test(text)) taken.operations++
    } else if (text.includes('/participants"')) taken.rosters++
    answerWhoWait()
  })
}

/** One more bot, by its address. @param slow milliseconds that it takes for an answer */
async function listen(slow = 0, port = 0): Promise<string> {
  const server: Server = createServer((request, response) => {
    if (slow === 0) return take(request, response)
    request.resume()
    setTimeout(() => response.writeHead(202, { 'content-length': '0' }).end(), slow)
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/calls`
}

process.on('disconnect', () => process.exit())

function arrivalOf({ text, at }: { readonly text: string; readonly at: number }): Arrival {
  const ended = /operations\/([0-9a-f-]{36})/.exec(text)?.[1]
  if (ended !== undefined) return { what: 'operation', ids: [ended], at }
  return { what: 'roster', ids: [...text.matchAll(/"id":"([0-9a-f-]{36})"/g)].map(([, id]) => id ?? ''), at }
}

type Question =
  | { readonly field: keyof Taken; readonly count: number }
  | { readonly watch: boolean }
  | { readonly hold: boolean }
  | { readonly listen: number; readonly slow?: number }

/**
 * A question for `field` waits until so many of it were taken: then all counts are told. `watch` begins to keep what
 * comes, or ends that and tells what came. `hold` holds answers back, or lets them go. `listen` makes more bots.
 */
process.on('message', (question: Question) => void answer(question))

async function answer(question: Question): Promise<void> {
  if ('watch' in question) {
    process.send?.((watched ?? []).map(arrivalOf))
    watched = question.watch ? [] : undefined
  } else if ('hold' in question) {
    const waited = held
    held = question.hold ? [] : undefined
    process.send?.({})
    for (const release of waited ?? []) release()
  } else if ('listen' in question) {
    process.send?.(await Promise.all(Array.from({ length: question.listen }, () => listen(question.slow))))
  } else {
    waiting.push(question)
    answerWhoWait()
  }
}

process.send?.({ ready: await listen(0, Number(process.argv[2] ?? 0)) })
