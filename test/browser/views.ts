/** Every view of the phone, and how it comes about. */
import type { Page } from 'playwright-core'
import type { CallView, RosterEntry } from '../../src/endpoints/browser/protocol.ts'
import { BOT, call, entry, type FakeServer } from './fake-server.ts'

const group: readonly RosterEntry[] = [
  entry('Ada Lovelace', { me: true, role: 'organizer' }),
  entry('Ben Okafor'),
  entry('Cleo Marín', { muted: true }),
  entry('Front desk', { kind: 'application' }),
  entry('Dov', { kind: 'guest', muted: true, mutedByOthers: true }),
  entry('+1 206 555 0150', { kind: 'phone', onHold: true }),
  entry('Eva Nakamura', { sharing: true }),
]
const meeting: Partial<CallView> = { kind: 'meeting', subject: 'Quarterly review of the front desk', roster: group }
const ringing = call({
  callId: 'c2',
  phase: 'ringing',
  here: false,
  media: 'none',
  kind: 'group',
  other: BOT,
  subject: 'Water in the basement',
  roster: [entry('Cleo Marín'), entry('Dov')],
})

/** One view. */
export interface View {
  readonly name: string
  /** Brings it about. */
  readonly show: (server: FakeServer) => void | Promise<void>
  /** What is on it. */
  readonly has: (page: Page) => Promise<void>
}

const text =
  (words: string | RegExp) =>
  (page: Page): Promise<void> =>
    page.getByText(words).first().waitFor()

const calls =
  (...all: readonly CallView[]) =>
  (server: FakeServer): void =>
    server.calls(...all)

const end = (cause: NonNullable<CallView['end']>['cause'], explanation: string): Partial<CallView> => ({
  phase: 'ended',
  here: false,
  media: 'none',
  end: { cause, code: 480, subcode: 10_037, explanation },
})

/** All that a person sees who is signed in. */
export const views: readonly View[] = [
  { name: 'ready', show: calls(), has: text('Call somebody') },
  {
    name: 'microphone',
    show: ({ page }) => page.getByRole('button', { name: 'Try the microphone' }).click(),
    has: (page) => page.getByRole('meter').waitFor(),
  },
  {
    name: 'found',
    show: ({ page }) => page.getByLabel('Name or number').fill('o'),
    has: text('ben@contoso.example'),
  },
  { name: 'ringing', show: calls(ringing), has: text(/asks you into a group call, “Water in the basement”/) },
  {
    name: 'calling',
    show: calls(call({ phase: 'calling', direction: 'outgoing', media: 'connecting' })),
    has: text('Calling …'),
  },
  { name: 'two', show: calls(call()), has: text(/1:2\d/) },
  {
    name: 'group',
    async show(server) {
      server.calls(call({ ...meeting, mayAdmit: true, recording: true, transcribing: true }))
      await server.page.getByText('Presents').waitFor()
      server.say({ type: 'levels', callId: 'c1', speakers: { 'p-Ben Okafor': 0.6 } })
    },
    has: (page) => page.locator('[data-speaking=true]').waitFor(),
  },
  {
    name: 'lobby of others',
    show: calls(
      call({
        ...meeting,
        mayAdmit: true,
        roster: [
          ...group.slice(0, 3),
          ...['Fay', 'Gus the guest'].map((name) => entry(name, { kind: 'guest', inLobby: true })),
        ],
      }),
    ),
    has: text('2 people in the lobby'),
  },
  {
    name: 'own lobby',
    show: calls(call({ ...meeting, phase: 'lobby', roster: [] })),
    has: text('Somebody will let you in soon'),
  },
  {
    name: 'muted',
    show: calls(call({ muted: true })),
    has: (page) => page.getByRole('button', { name: 'Unmute' }).waitFor(),
  },
  {
    name: 'held',
    show: calls(call({ onHold: true })),
    has: (page) => page.getByRole('button', { name: 'Resume' }).waitFor(),
  },
  { name: 'held by others', show: calls(call({ heldByOthers: true })), has: text('You are on hold') },
  { name: 'second call rings', show: calls(ringing, call()), has: text('1:23') },
  {
    name: 'two calls',
    show: calls(call(), call({ callId: 'c3', other: BOT, onHold: true })),
    has: text('Front desk: On hold'),
  },
  { name: 'elsewhere', show: calls(call({ here: false })), has: text('Bring it here') },
  {
    name: 'keypad',
    async show(server) {
      server.calls(call())
      await server.page.getByRole('button', { name: 'Keypad' }).click()
      await server.page.keyboard.type('12#')
    },
    has: text('12#'),
  },
  {
    name: 'sound',
    async show(server) {
      server.calls(call())
      await server.page.getByRole('button', { name: 'Sound' }).click()
    },
    has: text('Take echo and noise out of my voice'),
  },
  {
    name: 'ended',
    show: calls(
      call(end('busy', 'Ben Okafor is in another call and takes no second one (486/10003).')),
      call({ callId: 'c4', other: BOT, ...end('answeredElsewhere', '') }),
    ),
    has: text('Ben Okafor is in another call.'),
  },
  {
    name: 'refused',
    async show({ page }) {
      await page.getByLabel('Name or number').fill('Zoe')
      await page.getByRole('button', { name: 'Call', exact: true }).click()
    },
    has: text('Nobody is called that.'),
  },
  {
    name: 'interrupted',
    async show(server) {
      server.calls(call({ media: 'interrupted' }))
      await server.page.getByText('Reconnecting …').waitFor()
      await server.cut(false)
    },
    has: text('The connection to the server is lost.'),
  },
]
