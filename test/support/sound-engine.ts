/** The embedded engine for one test. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { silence } from '../../src/calls/hearing.ts'
import type { Hearing } from '../../src/calls/hearing.ts'
import { EmbeddedEngine } from '../../src/media/embedded/embedded.ts'
import type { StudioSettings } from '../../src/media/embedded/protocol.ts'
import { wallClock } from '../../src/runtime.ts'

/** The settings of tests. */
export const testSettings: StudioSettings = {
  opus: { rate: 48_000, coding: 'lowDelay', complexity: 0, bitrate: 32_000 },
  peer: { address: '127.0.0.1', leavesLoopback: true, announced: undefined, ports: undefined },
  legLimits: { packets: 250, connect: 10_000, silence: 5000, interruption: 5000 },
  loudest: 3,
  pictures: {
    slots: 3,
    bounds: { camera: { least: 100_000, most: 1_000_000 }, screen: { least: 100_000, most: 2_000_000 } },
    packets: 1500,
  },
}

/** An engine that is closed with the test, and whose faults are the test's. */
export function openEngine(
  t: TestContext,
  options: { readonly settings?: Partial<StudioSettings>; readonly maxLegs?: number; readonly faults?: unknown[] } = {},
): EmbeddedEngine {
  const clock = wallClock()
  const faults = options.faults ?? []
  const engine = new EmbeddedEngine({
    clock,
    settings: { ...testSettings, ...options.settings },
    capacity: { legs: options.maxLegs ?? 100, load: 100 },
    onFault: (fault) => faults.push(fault),
  })
  t.after(async () => {
    await engine.close()
    clock.stop()
    if (!options.faults) assert.deepEqual(faults, [])
  })
  return engine
}

/** Everybody hears everybody else. */
export function room(...speakers: readonly string[]): Hearing {
  return { ...silence, room: Object.fromEntries(speakers.map((one) => [one, 1])), listeners: speakers }
}
