/** Rollcall's sound engine without the server around it, and without its bounds. */
import type { Config } from '../../src/config.ts'
import { defaultConfig } from '../../src/config.ts'
import { EmbeddedEngine } from '../../src/media/embedded/embedded.ts'
import { studioSettings } from '../../src/media/embedded/settings.ts'
import { wallClock } from '../../src/runtime.ts'

/** An engine that runs. */
export interface Engine {
  readonly sound: EmbeddedEngine
  readonly stop: () => Promise<void>
}

/** Opens an engine. @param settings where it is not to be as it comes */
export function openEngine(settings: Partial<Config> = {}): Engine {
  const clock = wallClock()
  const sound = new EmbeddedEngine({
    clock,
    settings: studioSettings(defaultConfig(settings)),
    capacity: { legs: 10_000, load: 100 },
    onFault: (fault) => console.error(fault),
  })
  return {
    sound,
    stop: async () => {
      await sound.close()
      clock.stop()
    },
  }
}

/** Everybody of a room hears everybody else. */
export function arrange(sound: EmbeddedEngine, conversationId: string, listeners: readonly string[]): void {
  const room = Object.fromEntries(listeners.map((one) => [one, 1]))
  sound.arrange(conversationId, { room, apart: {}, ducking: {}, listeners })
}

/** Lets time pass. */
export function pass(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}
