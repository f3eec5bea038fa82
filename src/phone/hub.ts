/** Every page that is open: whose it is, what it was told last, and whether it still gives signs of life. */
import type { BrowserEndpoint, Pages } from '../endpoints/browser/browser.ts'
import type { Line } from '../endpoints/browser/line.ts'
import type { CallView, Farewell, ServerMessage } from '../endpoints/browser/protocol.ts'
import { viewOf } from '../endpoints/browser/view.ts'
import type { Conversation } from '../calls/conversation.ts'
import type { Hearing } from '../calls/hearing.ts'
import { gainOf, hearingOf } from '../calls/hearing.ts'
import { isConnected } from '../calls/participant.ts'
import type { Cancel, Clock } from '../runtime.ts'
import type { Visitor } from './person.ts'

/** One page that has introduced itself. */
export interface Page {
  /** The page's own id. */
  readonly id: string
  readonly visitor: Visitor
  /** When it was last heard of. */
  heardAt: number
  /** Sends a message, unless the page reads too slowly to be sent `dispensable` ones. */
  send(message: ServerMessage, dispensable?: boolean): void
  /** Sends text that was made before. */
  sendText(text: string): void
  close(code: Farewell['code'], explanation: string): void
}

/** What the hub works with. */
export interface HubParts {
  readonly clock: Clock
  /** Real time without jumps. */
  readonly wall: Clock
  readonly browser: BrowserEndpoint
  readonly conversation: (id: string) => Conversation | undefined
  /** Milliseconds. */
  readonly heartbeat: number
  readonly reconnectTimeout: number
  /** Pages of one person. */
  readonly pages: number
  /** Whether pictures are carried. */
  readonly video: boolean
}

interface Shown {
  readonly page: Page
  /** What it was told last. */
  calls: string
}

/** Silence of so many heartbeats, and a page counts as gone. */
const PATIENCE = 3

/** The pages. */
export class Hub implements Pages {
  readonly #parts: HubParts
  /** By person, and their page's id; the page that was opened first comes first. */
  readonly #people = new Map<string, Map<string, Shown>>()
  /** Until when somebody whose last page was lost is expected back. */
  readonly #expected = new Map<string, number>()
  readonly #due = new Set<string>()
  #cancelBeat: Cancel | undefined
  #heardLast: readonly [Conversation, Hearing] | undefined

  constructor(parts: HubParts) {
    this.#parts = parts
    parts.browser.attend(this, {
      onChange: (personId) => this.#changed(personId),
      onSpeaking: (line, speakers) => this.#speaking(line, speakers),
    })
  }

  /** How many pages are open. */
  get size(): number {
    let size = 0
    for (const pages of this.#people.values()) size += pages.size
    return size
  }

  has(personId: string): boolean {
    if (this.#people.has(personId)) return true
    const until = this.#expected.get(personId)
    if (until === undefined || until > this.#parts.wall.now()) return until !== undefined
    this.#expected.delete(personId)
    return false
  }

  hasPage(personId: string, page: string): boolean {
    return this.#people.get(personId)?.has(page) ?? false
  }

  /** A page has introduced itself. It takes the place of an earlier connection of itself. */
  enter(page: Page): void {
    const personId = page.visitor.identity.id
    const pages = this.#people.get(personId) ?? new Map<string, Shown>()
    const before = pages.get(page.id)
    pages.delete(page.id)
    const [oldest] = pages.values()
    this.#people.set(personId, pages.set(page.id, { page, calls: '' }))
    this.#expected.delete(personId)
    before?.page.close('replaced', 'The same page has connected anew.')
    if (pages.size > this.#parts.pages && oldest) {
      pages.delete(oldest.page.id)
      oldest.page.close('tooMany', `More than ${this.#parts.pages} pages of one person were open (option phonePages).`)
      this.#parts.browser.pageChanged(personId, oldest.page.id)
    }
    this.#parts.browser.pageChanged(personId, page.id)
    this.#changed(personId)
    this.#cancelBeat ??= this.#nextBeat()
  }

  /** A page is gone. @param lost without a word: it may be back any moment, so its person is rung as if it were here */
  leave(page: Page, lost: boolean): void {
    const personId = page.visitor.identity.id
    const pages = this.#people.get(personId)
    if (pages?.get(page.id)?.page !== page) return
    pages.delete(page.id)
    if (pages.size === 0) {
      this.#people.delete(personId)
      if (lost) this.#expected.set(personId, this.#parts.wall.now() + this.#parts.reconnectTimeout)
    }
    this.#parts.browser.pageChanged(personId, page.id)
    this.#changed(personId)
  }

  /** Says goodbye to every page. */
  close(): void {
    this.#cancelBeat?.()
    for (const pages of this.#people.values()) {
      for (const { page } of pages.values())
        page.close('restart', 'The server is being stopped: connect again in a moment.')
    }
    this.#people.clear()
  }

  /** Once in a heartbeat every page is sent one, and whoever has been silent for too long is given up. */
  #nextBeat(): Cancel {
    const { wall, heartbeat } = this.#parts
    return wall.schedule(wall.now() + heartbeat, () => {
      const silent = wall.now() - PATIENCE * heartbeat
      for (const pages of this.#people.values()) {
        for (const { page } of pages.values()) {
          if (page.heardAt >= silent) page.send({ type: 'beat' })
          else page.close('silent', `The page gave no sign of life for ${PATIENCE} heartbeats (option phoneHeartbeat).`)
        }
      }
      for (const [personId, until] of this.#expected) if (until <= wall.now()) this.#expected.delete(personId)
      this.#cancelBeat = this.#people.size === 0 && this.#expected.size === 0 ? undefined : this.#nextBeat()
    })
  }

  /** Changes of one turn are told together. */
  #changed(personId: string): void {
    if (this.#due.has(personId) || !this.#people.has(personId)) return
    this.#due.add(personId)
    setImmediate(() => {
      this.#due.delete(personId)
      for (const shown of this.#people.get(personId)?.values() ?? []) this.#show(personId, shown)
    })
  }

  #show(personId: string, shown: Shown): void {
    const { page } = shown
    const calls = JSON.stringify(this.#viewsFor(personId, page.id))
    if (calls === shown.calls) return
    shown.calls = calls
    page.sendText(`{"type":"state","now":${this.#parts.clock.now()},"calls":${calls}}`)
  }

  #viewsFor(personId: string, page: string): readonly CallView[] {
    const { browser, conversation, video } = this.#parts
    return browser
      .linesOf(personId)
      .map((line) => viewOf(line, conversation(line.place.conversationId), { page, video }))
  }

  /** Who speaks is told to many at once. */
  #hearingIn(conversation: Conversation): Hearing {
    const [known, hearing] = this.#heardLast ?? []
    if (hearing && known === conversation) return hearing
    const now = hearingOf(conversation)
    this.#heardLast = [conversation, now]
    return now
  }

  /** Nobody is told of somebody whom they do not hear. */
  #speaking(line: Line, speakers: Readonly<Record<string, number>>): void {
    const shown = this.#people.get(line.address.id)?.get(line.page ?? '')
    if (!shown || line.phase !== 'up') return
    const { conversationId, participantId: own } = line.place
    const conversation = this.#parts.conversation(conversationId)
    const me = conversation?.participants.find(({ id }) => id === own)
    if (!conversation || !me || !isConnected(me)) return
    const hearing = this.#hearingIn(conversation)
    const named = Object.entries(speakers).flatMap(([name, level]) => {
      if (name !== own && gainOf(hearing, name, own) === 0) return []
      const participantId = conversation.calls.find(({ id }) => id === name)?.participantId ?? name
      return [[participantId, level] as const]
    })
    shown.page.send({ type: 'levels', callId: line.callId, speakers: Object.fromEntries(named) }, true)
  }
}
