/** What tests of the phone hold in their hands in place of a server: the other ends of lines. */
import type { PageMessage, PageRequest, ServerMessage, Welcome } from '../../src/endpoints/browser/protocol.ts'
import type { Line, LineEvents } from './connection.ts'

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

/** The requests that a page has sent, without beats and greetings. */
export function requests({ sent }: FakeLine): readonly PageRequest[] {
  return sent.filter((message): message is PageRequest => 'request' in message)
}
