/**
 * Measures Rollcall beside its peers: `npm run bench -- [name]... [--rounds 5] [--scale 1]`. Every figure is taken in the
 * same run as the peer's, and told as a ratio; results go to `bench/results/<name>.json`. `--keep folder --minutes 8` has one
 * round of `growth` stop after so long, and go on with the next such command.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { growth } from './growth.ts'
import { invite } from './invite.ts'
import { latency } from './latency.ts'
import type { Bench, Figures, Size } from './kit/bench.ts'
import { Unfinished } from './kit/bench.ts'
import { notifications } from './notifications.ts'
import { phones } from './phones.ts'
import { sound } from './sound.ts'
import { start } from './start.ts'
import { digits, inWords, machine, ratio, spread } from './kit/stats.ts'

const benches: readonly Bench[] = [invite, latency, notifications, growth, start, sound, phones]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    keep: { type: 'string' },
    minutes: { type: 'string', default: '8' },
  },
})
const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name))
if (unknown.length > 0) {
  console.error(
    `There is no benchmark ${unknown.join(', ')}; there are: ${benches.map(({ name }) => name).join(', ')}.`,
  )
  process.exit(2)
}
for (const bench of benches) {
  if (positionals.length === 0 || positionals.includes(bench.name)) await measure(bench)
}
process.exit()

function sizeOf(): Size {
  const until = performance.now() + Number(values.minutes) * 60_000
  const scale = Number(values.scale)
  return values.keep === undefined ? { scale } : { scale, keep: { folder: values.keep, until } }
}

/** One round; undefined if it goes on in another command. */
async function roundOf(bench: Bench): Promise<Figures | undefined> {
  try {
    return await bench.round(sizeOf())
  } catch (error) {
    if (!(error instanceof Unfinished)) throw error
    console.log(`  ${error.message}; the same command goes on from there`)
    return undefined
  }
}

async function measure(bench: Bench): Promise<void> {
  console.log(`\n${bench.name}: ${bench.what}`)
  const rounds: Figures[] = []
  for (let number = 1; number <= (values.keep === undefined ? Number(values.rounds) : 1); number++) {
    const figures = await roundOf(bench)
    if (!figures) return
    rounds.push(figures)
    const told = Object.entries(figures).map(([name, figure]) => `${name} ${digits(figure)}`)
    console.log(`  round ${number}: ${told.join(', ')}`)
  }
  const all = (name: string): readonly number[] => rounds.map((figures) => figures[name] ?? Number.NaN)
  const figures = Object.fromEntries(Object.keys(rounds[0] ?? {}).map((name) => [name, spread(all(name))]))
  const measured = bench.compare.filter(({ ours, peer }) => ours in figures && peer in figures)
  const ratios = measured.map((one) => ({ ...one, ratio: ratio(all(one.ours), all(one.peer)) }))
  for (const { what, ratio: found, aim, most } of ratios) {
    const wish = aim === undefined ? (most === undefined ? '' : `; aim at most ${most}`) : `; aim at least ${aim}`
    console.log(`  ${what}: ${inWords(found)}${wish}`)
  }
  const folder = new URL('results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const result = { machine: machine(), rounds: rounds.length, scale: Number(values.scale), figures, ratios }
  writeFileSync(new URL(`${bench.name}.json`, folder), `${JSON.stringify(result, null, 2)}\n`)
}
