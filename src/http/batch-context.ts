/**
 * Requests that came in a batch run through the same door as any other, in a context that says so. It is asynchronous
 * context and no header, so no client can claim it.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

const batches = new AsyncLocalStorage<string>()

/** Runs `work`; the requests that it makes of the application belong to the batch with this request id. */
export function inBatch<T>(requestId: string, work: () => T): T {
  return batches.run(requestId, work)
}

/** The request id of the batch that the current request belongs to, if it does. */
export function currentBatch(): string | undefined {
  return batches.getStore()
}
