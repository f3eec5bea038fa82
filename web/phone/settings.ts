/** What the person has chosen for this browser: kept in it, and followed by whoever shows or uses it. */

export interface Settings {
  /** The id of the microphone; empty for the system's choice. */
  readonly microphone: string
  /** The id of the camera; empty for the system's choice. */
  readonly camera: string
  /** The id of the loudspeaker; empty for the system's choice. */
  readonly speaker: string
  /** Whether the browser takes echo and noise out of what the microphone hears, and evens its loudness. */
  readonly cleanVoice: boolean
  /** Whether incoming calls ring aloud. */
  readonly ringAloud: boolean
}

const KEY = 'rollcall.phone'
const usual: Settings = { microphone: '', camera: '', speaker: '', cleanVoice: true, ringAloud: true }

/** Settings in the browser's storage; where there is none they last as long as the page. */
export class KeptSettings {
  readonly #listeners = new Set<() => void>()
  #current: Settings = usual

  constructor() {
    try {
      this.#current = { ...usual, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Settings>) }
    } catch {
      // Unreadable settings are as good as none.
    }
  }

  get current(): Settings {
    return this.#current
  }

  change(some: Partial<Settings>): void {
    this.#current = { ...this.#current, ...some }
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#current))
    } catch {
      // They last as long as the page.
    }
    for (const listener of this.#listeners) listener()
  }

  /** Calls `listener` after each change; returns how to stop that. */
  readonly follow = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
