/** Everybody who can be reached: whoever has a page open is rung there, everybody else does what their script says. */
import type { BrowserEndpoint } from './browser/browser.ts'
import type { Endpoint, LegEffect, Report } from './endpoint.ts'
import type { Place } from './scripted/performance.ts'
import type { ScriptedEndpoint } from './scripted/scripted.ts'
import type { Saying } from './scripted/steps.ts'

/** The endpoints of people, as one. */
export class People implements Endpoint {
  readonly #scripted: ScriptedEndpoint
  readonly #browser: BrowserEndpoint

  constructor(scripted: ScriptedEndpoint, browser: BrowserEndpoint) {
    this.#scripted = scripted
    this.#browser = browser
  }

  perform(conversationId: string, effect: LegEffect, report: Report): void {
    const endpoint = this.#browser.takes(conversationId, effect) ? this.#browser : this.#scripted
    endpoint.perform(conversationId, effect, report)
  }

  /** Somebody scripted says something that their script does not say. @returns whether there is such a sound */
  say(place: Place, saying: Saying): boolean {
    return this.#scripted.say(place, saying)
  }

  /** Somebody has left, or was put out, by other means than an effect. */
  left(place: Place): void {
    this.#scripted.left(place)
    this.#browser.left(place)
  }

  stop(): void {
    this.#scripted.stop()
    this.#browser.stop()
  }
}
