/** From the start of the process to its ready line, and what of that is the process's own time. Beside it: Node.js alone. */
import { spawnSync } from 'node:child_process'
import { cpuSeconds } from './kit/children.ts'
import type { Bench } from './kit/bench.ts'
import { Rollcall } from './kit/rollcall.ts'

export const start: Bench = {
  name: 'start',
  what: 'milliseconds from a warm start to the ready line',
  async round() {
    const server = await Rollcall.start({ callbacks: ['http://127.0.0.1:9/'], people: 10 })
    await server.halt()
    await server.again()
    const figures = { ready: server.readyAfter, own: cpuSeconds(server.pid) * 1000, node: nodeAlone() }
    await server.stop()
    return figures
  },
  compare: [{ what: 'ready, beside an empty program', ours: 'ready', peer: 'node' }],
}

function nodeAlone(): number {
  const began = performance.now()
  spawnSync(process.execPath, ['--eval', '0'])
  return performance.now() - began
}
