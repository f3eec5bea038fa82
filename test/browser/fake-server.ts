/** The phone's page beside a server that says what a test wants: every view can be had at once, and none takes a call. */
import type { BrowserContext, Page, WebSocketRoute } from 'playwright-core'
import type {
  CallView,
  Done,
  PageMessage,
  PageRequest,
  RosterEntry,
  ServerMessage,
  VideoTerms,
} from '../../src/endpoints/browser/protocol.ts'
import { CALL, entryOf } from '../../web/phone/calls.suite.ts'

/** The product's clock stands here. */
export const NOW = Date.UTC(2026, 10, 21, 12)

export const ADA = { kind: 'user', id: 'ada', displayName: 'Ada Lovelace' } as const
export const BEN = { kind: 'user', id: 'ben', displayName: 'Ben Okafor' } as const
export const BOT = { kind: 'application', id: 'bot', displayName: 'Front desk' } as const

/** Somebody on a roster. */
export function entry(displayName: string, more: Partial<RosterEntry> = {}): RosterEntry {
  return { ...entryOf(displayName), participantId: `p-${displayName}`, ...more }
}

/** A call of Ada's. */
export function call(more: Partial<CallView> = {}): CallView {
  return {
    ...CALL,
    callId: 'c1',
    kind: 'peerToPeer',
    since: NOW - 83_000,
    other: BEN,
    participantId: 'p-Ada Lovelace',
    roster: [entry('Ada Lovelace', { me: true }), entry('Ben Okafor')],
    ...more,
  }
}

/** What a page asked, and the means to answer. */
export interface FakeServer {
  readonly page: Page
  /** Everything that the page has said, oldest first. */
  readonly heard: readonly PageMessage[]
  say(message: ServerMessage): void
  /** Resolves when the page has asked for it since the calls were last told, and was answered. */
  when(isIt: (request: PageRequest) => boolean): Promise<void>
  /** The state from now on. */
  calls(...calls: readonly CallView[]): void
  /** Closes the line as if the network had gone; it is taken up again only if `back` says so. */
  cut(back: boolean): Promise<void>
}

/** What a request comes to; undefined if it is never answered. */
type Answer = Omit<Done, 'type' | 'request'> | 'refused' | undefined

/** Opens the phone as Ada, signed in, beside a server that answers as `answer` says. */
export async function openFake(
  context: BrowserContext,
  server: string,
  answer: (request: PageRequest, page: Page) => Answer | Promise<Answer> = () => ({}),
  video?: VideoTerms,
): Promise<FakeServer> {
  const page = await context.newPage()
  const heard: PageMessage[] = []
  let socket: WebSocketRoute | undefined
  let taking = true
  let answeredNow: readonly PageRequest[] = []
  let state: ServerMessage = { type: 'state', now: NOW, calls: [] }
  const say = (message: ServerMessage): void => socket?.send(JSON.stringify(message))
  await page.routeWebSocket('**/phone/socket', (route) => {
    if (!taking) return void route.close()
    socket = route
    route.onMessage(async (text) => {
      const message = JSON.parse(String(text)) as PageMessage
      heard.push(message)
      if (message.type === 'hello') {
        const terms = { heartbeat: 5000, reconnectTimeout: 30_000, messageLimit: 65_536 }
        say({ type: 'welcome', person: ADA, ...terms, ...(video && { video }) })
        say(state)
      } else if ('request' in message) {
        const answered = await answer(message, page)
        if (answered === 'refused') {
          say({ type: 'refused', request: message.request, code: 'no', explanation: 'Nobody is called that.' })
        } else if (answered) say({ type: 'done', request: message.request, ...answered })
        answeredNow = [...answeredNow, message]
      }
    })
  })
  await page.addInitScript(signedIn(server))
  await page.goto(`${server}/phone/`)
  await page.getByRole('heading', { name: 'Join a meeting' }).waitFor()
  return {
    page,
    heard,
    say,
    async when(isIt) {
      while (!answeredNow.some(isIt)) await page.waitForTimeout(20)
    },
    calls(...calls) {
      state = { type: 'state', now: NOW, calls }
      answeredNow = []
      say(state)
    },
    async cut(back) {
      taking = back
      await socket?.close()
    },
  }
}

/** What a sign-in leaves behind in a page, as a script. */
function signedIn(server: string): string {
  const user = { access_token: 'token', token_type: 'Bearer', scope: 'openid', profile: {}, expires_at: 4e9 }
  const [key, value] = [`oidc.user:${server}/signin:phone`, JSON.stringify(user)].map((text) => JSON.stringify(text))
  return `sessionStorage.setItem(${key}, ${value})`
}
