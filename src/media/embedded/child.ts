/** The process of the embedded engine: started by `client.ts`, it ends with whoever started it. */
import nodeDataChannel from 'node-datachannel'
import { randomIds, steadyClock, stopwatch } from '../../runtime.ts'
import { Meters } from './meters.ts'
import { Opus } from './opus.ts'
import type { FromStudio, ToStudio } from './protocol.ts'
import type { Used } from './studio.ts'
import { Studio } from './studio.ts'

/** Messages that the server has not yet taken: beyond these, sound is left out and at last everything. */
const MOST_WAITING = { sound: 500, anything: 20_000 } as const

const ids = randomIds()
const clock = steadyClock()
let studio: Studio | undefined
/** What is to be told, and how much of what was told the server has not yet taken. */
let telling: FromStudio[] = []
let waiting = 0

function tell(message: FromStudio): void {
  if (waiting > MOST_WAITING.anything) process.exit(1)
  if (waiting > MOST_WAITING.sound && (message.type === 'voices' || message.type === 'frames')) return
  waiting++
  // What all rooms have to tell in one tick goes together: each crossing costs more than what is in it.
  if (telling.push(message) === 1) queueMicrotask(post)
}

function post(): void {
  const messages = telling
  telling = []
  if (!process.connected) return
  process.send?.(messages, undefined, undefined, () => {
    waiting -= messages.length
  })
}

/** A random number of 32 bits. */
function random(): number {
  return Buffer.from(ids.secret(4), 'base64url').readUInt32BE()
}

/** Milliseconds of processor time. */
function used(): Used {
  const [thread, all] = [process.threadCpuUsage(), process.cpuUsage()]
  return { thread: (thread.user + thread.system) / 1000, all: (all.user + all.system) / 1000 }
}

async function open({ settings }: Extract<ToStudio, { type: 'open' }>): Promise<void> {
  const opus = await Opus.open(settings.opus)
  studio = new Studio({ settings, opus, clock, meters: new Meters(stopwatch()), random, used, tell })
  tell({ type: 'open' })
}

function end(): void {
  studio?.close()
  clock.stop()
  nodeDataChannel.cleanup()
  process.exit(0)
}

process.on('message', (message: ToStudio) => {
  if (message.type === 'open') void open(message)
  else if (message.type === 'close') end()
  else studio?.take(message)
})
process.on('disconnect', end)
// What a terminal sends to all of its programs is the server's to follow; it ends this process in its turn.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
