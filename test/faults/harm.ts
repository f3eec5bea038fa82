/** Loaded into a server before it starts: does it harm from within, as it is told by the process that started it. */
import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Worker } from 'node:worker_threads'

/** What is done. */
export type Harm =
  /** The thread of the database ends. */
  | { readonly type: 'endThread' }
  /** Nothing else runs for some milliseconds. */
  | { readonly type: 'stall'; readonly for: number }
  /** Somebody sets the machine's clock. */
  | { readonly type: 'setClock'; readonly by: number }
  /** None: it tells what it holds. */
  | { readonly type: 'measure' }
  /** None: it tells how long its event loop was busy at a stretch since it was last asked; from the first time on it looks. */
  | { readonly type: 'longestTurn' }

/** What a server holds, once what nobody needs is gone. */
export interface Measure {
  /** Bytes of JavaScript's heap, and of all memory of the process. */
  readonly heap: number
  readonly rss: number
  /** Sockets, timers and the like. */
  readonly handles: number
}

const workers: Worker[] = []
const trueTime = Date.now.bind(Date)
/** Milliseconds; a server can be started on a machine whose clock was set before. */
let offset = Number(process.env['HARM_CLOCK'] ?? 0)

Date.now = () => trueTime() + offset
process.on('worker', (worker) => workers.push(worker))
process.on('message', (harm: Harm) => {
  if (harm.type === 'endThread') for (const worker of workers) void worker.terminate()
  else if (harm.type === 'setClock') offset += harm.by
  else if (harm.type === 'longestTurn') process.send?.(longestTurn())
  else if (harm.type === 'measure') void measure().then((measured) => process.send?.(measured))
  else {
    const end = performance.now() + harm.for
    while (performance.now() < end);
  }
})
let longest = 0
let looking = false

/**
 * The longest turn of the event loop since it was last asked for, in milliseconds of this thread on a processor: it does not
 * count what others do on the machine meanwhile.
 */
function longestTurn(): number {
  const told = longest
  longest = 0
  if (!looking) look(process.threadCpuUsage())
  looking = true
  return told
}

function look(before: NodeJS.CpuUsage): void {
  const { user, system } = process.threadCpuUsage(before)
  longest = Math.max(longest, (user + system) / 1000)
  setImmediate(look, process.threadCpuUsage())
}

/** Weak references and what waits for the event loop go after the second time; compiled code that may be made again, too. */
async function measure(): Promise<Measure> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (how: object) => void
  for (let count = 0; count < 2; count++) {
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { heapUsed: heap, rss } = process.memoryUsage()
  return { heap, rss, handles: process.getActiveResourcesInfo().length }
}

// Whoever started the server is no reason for it to live on.
process.channel?.unref()
