/** A stateless mock server for the same operation: Stoplight's Prism with a small OpenAPI file. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** A port that is free now: Prism does not tell which one it took. */
const port = await new Promise<number>((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = probe.address() as AddressInfo
    probe.close(() => resolve(free))
  })
})
const child = spawn(
  process.execPath,
  [
    at('./node_modules/@stoplight/prism-cli/dist/index.js'),
    'mock',
    at('./invite.openapi.yaml'),
    '-p',
    String(port),
    '-v',
    'warn',
  ],
  { stdio: ['ignore', 'ignore', 'inherit'] },
)
process.on('disconnect', () => {
  child.kill('SIGKILL')
  process.exit()
})
const url = `http://127.0.0.1:${port}`
for (;;) {
  const up = await fetch(url).then(
    () => true,
    () => false,
  )
  if (up) break
  await new Promise((resolve) => setTimeout(resolve, 50))
}
process.send?.({ ready: `${url} none` })
