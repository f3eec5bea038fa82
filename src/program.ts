/** Reads the configuration, starts, waits for a signal, stops; or explains a code (`explain 8537`), or makes a `backup`. */
import { flushCompileCache } from 'node:module'
import { backUp } from './backup.ts'
import { ConfigError, readConfig } from './config.ts'
import { explain } from './explain.ts'
import type { LocalAuthority } from './http/tls.ts'
import type { RunningServer } from './server.ts'
import { StartError } from './core.ts'
import { startServer } from './server.ts'
import { TlsError } from './http/tls.ts'
import { StoreError } from './store/store.ts'

/** Does what the command line says. */
export async function run(): Promise<void> {
  const [command, ...words] = process.argv.slice(2)
  if (command === 'explain' || command === 'backup') {
    const { text, exitCode } = await (command === 'explain' ? explain(words) : backUp(words))
    console.log(text)
    process.exitCode = exitCode
    return
  }
  const request = readConfig()
  if (request.kind === 'print') {
    console.log(request.text)
    return
  }
  const server = await startServer(request.config, { processMetrics: true })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stop(server).catch(failAndEnd)
    })
  }
  // What was promised is on the disk, and nothing more can be.
  void server.failed.then(failAndEnd)
  // Whoever reads this may end the server at once.
  console.log(`Rollcall ready at ${server.url}`)
  if (server.authority) console.log(trustHint(server.url, server.authority))
  // For the next start, however this one ends.
  flushCompileCache()
}

/** How clients come to trust the server's certificate. */
function trustHint(url: string, { path, isNew }: LocalAuthority): string {
  const help = 'see docs/reference/tokens.md'
  if (path === undefined)
    return `Clients must trust the certificate at ${url}/control/ca.pem, until the server stops; ${help}`
  return `Clients must trust ${path}${isNew ? ', which is new' : ''}: NODE_EXTRA_CA_CERTS=${path} for Node.js; ${help}`
}

async function stop(server: RunningServer): Promise<void> {
  await server.close()
  process.exitCode = 0
}

/** Ends the process, whatever of it still runs: half a server answers nobody, and holds the port and the data. */
export function failAndEnd(error: unknown): void {
  fail(error)
  process.exit()
}

/** A mistake in the set-up is told in words; anything else is a fault and shows where it came from. */
function fail(error: unknown): void {
  const known = [ConfigError, StartError, StoreError, TlsError].some((kind) => error instanceof kind)
  console.error(known && error instanceof Error ? error.message : error)
  process.exitCode = 1
}
