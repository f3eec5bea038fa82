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

/** A question waits until so many of `field` were taken: then all counts are told. */
process.on('message', (question: { readonly field: keyof Taken; readonly count: number }) => {
  waiting.push(question)
  answerWhoWait()
})
