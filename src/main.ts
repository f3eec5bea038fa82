/** Reads the configuration, starts, waits for a signal, stops. */
import { ConfigError, readConfig } from './config.ts'
import type { RunningServer } from './server.ts'
import { StartError, startServer } from './server.ts'
import { StoreError } from './store/sqlite.ts'

async function main(): Promise<void> {
  const request = readConfig()
  if (request.kind === 'print') {
    console.log(request.text)
    return
  }
  const server = await startServer(request.config, { processMetrics: true })
  console.log(`Rollcall ready at ${server.url}`)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stop(server).catch(fail)
    })
  }
}

async function stop(server: RunningServer): Promise<void> {
  await server.close()
  process.exitCode = 0
}

/** A mistake in the set-up is told in words; anything else is a fault and shows where it came from. */
function fail(error: unknown): void {
  const known = error instanceof ConfigError || error instanceof StartError || error instanceof StoreError
  console.error(known ? error.message : error)
  process.exitCode = 1
}

main().catch(fail)
