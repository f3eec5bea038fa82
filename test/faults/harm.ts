/** Loaded into a server before it starts: does it harm from within, as it is told by the process that started it. */
import process from 'node:process'
import type { Worker } from 'node:worker_threads'

/** What is done. */
export type Harm =
  /** The thread of the database ends. */
  | { readonly type: 'endThread' }
  /** Nothing else runs for some milliseconds. */
  | { readonly type: 'stall'; readonly for: number }
  /** Somebody sets the machine's clock. */
  | { readonly type: 'setClock'; readonly by: number }

const workers: Worker[] = []
const trueTime = Date.now.bind(Date)
let offset = 0

Date.now = () => trueTime() + offset
process.on('worker', (worker) => workers.push(worker))
process.on('message', (harm: Harm) => {
  if (harm.type === 'endThread') for (const worker of workers) void worker.terminate()
  else if (harm.type === 'setClock') offset += harm.by
  else {
    const end = performance.now() + harm.for
    while (performance.now() < end);
  }
})
// Whoever started the server is no reason for it to live on.
process.channel?.unref()
