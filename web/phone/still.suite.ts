/** What tests of the phone hold in their hands in place of a browser: a clock, and lines to a server. */
import type { PageMessage, PageRequest, ServerMessage, Welcome } from '../../src/endpoints/browser/protocol.ts'
import type { Runtime } from '../runtime.ts'
import type { Line, LineEvents } from './connection.ts'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** A clock that stands until it is wound, and no chance. */
export function stillRuntime(): Runtime & { readonly wind: (by: number) => void } {
  let now = 0
  let timers: Timer[] = []
  return {
    now: () => now,
    id: () => 'id',
    chance: () => 0.5,
    later(delay, callback) {
      const timer = { at: now + delay, callback }
      timers.push(timer)
      return () => void (timers = timers.filter((other) => other !== timer))
    },
    wind(by) {
      const end = now + by
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
        if (!next) break
        timers = timers.filter((timer) => timer !== next)
        now = next.at
        next.callback()
      }
      now = end
    },
  }
}

/** The server's end of a line. */
export interface FakeLine {
  readonly events: LineEvents
  readonly sent: PageMessage[]
  closed: boolean
  readonly say: (message: ServerMessage) => void
}

/** Lines as they are opened. */
export function fakeLines(): { readonly lines: FakeLine[]; readonly open: (events: LineEvents) => Line } {
  const lines: FakeLine[] = []
  return {
    lines,
    open(events) {
      const line: FakeLine = {
        events,
        sent: [],
        closed: false,
        say: (message) => events.heard(JSON.stringify(message)),
      }
      lines.push(line)
      return {
        send: (text) => void line.sent.push(JSON.parse(text) as PageMessage),
        close: () => void (line.closed = true),
      }
    },
  }
}

export const HELLO = { type: 'hello', device: 'abcdefgh' } as const
export const WELCOME: Welcome = {
  type: 'welcome',
  person: { kind: 'user', id: 'u', displayName: 'Ada' },
  heartbeat: 1000,
  reconnectTimeout: 30_000,
  messageLimit: 1000,
}

/** Lets everything that is ready happen. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await Promise.resolve()
}

/** The requests that a page has sent, without beats and greetings. */
export function requests({ sent }: FakeLine): readonly PageRequest[] {
  return sent.filter((message): message is PageRequest => 'request' in message)
}
