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
    name: 'devices',
    async show(server) {
      server.calls(call())
      await server.page.getByRole('button', { name: 'Devices' }).click()
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

const filmed: readonly RosterEntry[] = group.map((one) => ({ ...one, sharing: false, camera: one.kind === 'user' }))
const presented: Partial<CallView> = {
  ...meeting,
  roster: filmed.map((one) => ({ ...one, sharing: one.displayName === 'Eva Nakamura' })),
  presenterId: 'p-Eva Nakamura',
}
/** A meeting in which nobody but these show their camera. */
const only = (...names: readonly string[]): Partial<CallView> => ({
  ...meeting,
  roster: filmed.map((one) => ({ ...one, camera: names.includes(one.displayName) })),
})

/** The call with its media, as far as the page goes; its own camera is off. */
async function connect(server: FakeServer, more: Partial<CallView>): Promise<void> {
  const roster = (more.roster ?? call().roster).map((one) => (one.me ? { ...one, camera: false } : one))
  server.calls(call({ ...more, roster, media: 'wanted' }))
  await server.when(({ type }) => type === 'rejoin')
  server.calls(call({ ...more, roster }))
}

const camera =
  (name: string) =>
  (page: Page): Promise<void> =>
    page.getByLabel(`What the camera of ${name} sees`).waitFor()

/** Turns one's own camera on. */
async function showOwn(server: FakeServer, more: Partial<CallView>): Promise<void> {
  await server.page.getByRole('button', { name: 'Camera', exact: true }).click()
  await server.when((request) => request.type === 'camera' && request.on)
  server.calls(call(more))
}

/** What there is to see where the server carries pictures. */
export const pictureViews: readonly View[] = [
  {
    name: 'two cameras',
    async show(server) {
      const roster = [entry('Ada Lovelace', { me: true, camera: true }), entry('Ben Okafor', { camera: true })]
      await connect(server, { roster })
      await showOwn(server, { roster })
    },
    async has(page) {
      await camera('Ben Okafor')(page)
      await page.getByLabel('What your camera sees').waitFor()
    },
  },
  {
    name: 'cameras',
    async show(server) {
      await connect(server, { ...meeting, roster: filmed })
      await showOwn(server, { ...meeting, roster: filmed })
      await camera('Cleo Marín')(server.page)
      server.say({ type: 'levels', callId: 'c1', speakers: { 'p-Ben Okafor': 0.6 } })
    },
    async has(page) {
      await camera('Eva Nakamura')(page)
      await page.locator('[data-speaking=true]').waitFor()
    },
  },
  {
    name: 'somebody pinned',
    async show(server) {
      await connect(server, { ...meeting, roster: filmed })
      await camera('Ben Okafor')(server.page)
      await server.page.getByRole('button', { name: 'Show Ben Okafor large' }).press('Enter')
    },
    async has(page) {
      await page.getByRole('button', { name: 'Show Ben Okafor large', pressed: true }).waitFor()
      await camera('Ben Okafor')(page)
      const focused = await page.evaluate<string>('document.activeElement.getAttribute("aria-label")')
      if (focused !== 'Show Ben Okafor large') throw new Error(`the keyboard is at ${focused}`)
    },
  },
  {
    name: 'presented',
    show: (server) => connect(server, presented),
    async has(page) {
      await page.getByLabel('What Eva Nakamura presents', { exact: true }).waitFor()
      await page.getByText('Eva Nakamura presents').first().waitFor()
    },
  },
  {
    name: 'presented, and somebody pinned',
    async show(server) {
      await connect(server, presented)
      await server.page.getByRole('button', { name: 'Show Cleo Marín large' }).click()
    },
    async has(page) {
      await page.getByRole('button', { name: 'Show what Eva Nakamura presents large' }).waitFor()
      await camera('Cleo Marín')(page)
      await page.getByLabel('What Eva Nakamura presents', { exact: true }).waitFor()
    },
  },
  {
    name: 'presenting',
    async show(server) {
      await connect(server, only('Ben Okafor'))
      await server.page.getByRole('button', { name: 'Present', exact: true }).click()
      await server.when((request) => request.type === 'share' && request.sharing)
      const shared = only('Ben Okafor')
      const roster = shared.roster?.map((one) => ({ ...one, sharing: one.me }))
      server.calls(call({ ...shared, ...(roster && { roster }), presenterId: 'p-Ada Lovelace' }))
    },
    has: (page) => page.getByRole('button', { name: 'Stop presenting' }).waitFor(),
  },
  {
    name: 'pictures hidden',
    async show(server) {
      await connect(server, presented)
      await server.page.getByLabel('What Eva Nakamura presents', { exact: true }).waitFor()
      await server.page.getByRole('button', { name: 'Hide pictures' }).click()
    },
    async has(page) {
      await page.getByText('Pictures are hidden.').waitFor()
      await page.getByRole('button', { name: 'Show pictures' }).click()
      await page.getByLabel('What Eva Nakamura presents', { exact: true }).waitFor()
    },
  },
  {
    name: 'a camera and a screen refused',
    async show(server) {
      await connect(server, only('Ben Okafor'))
      await server.page.evaluate(`for (const name of ['getUserMedia', 'getDisplayMedia']) {
        navigator.mediaDevices[name] = async () => {
          delete navigator.mediaDevices[name]
          throw new DOMException('Permission denied', 'NotAllowedError')
        }
      }`)
      await server.page.getByRole('button', { name: 'Present', exact: true }).click()
      await server.page.getByRole('button', { name: 'Camera', exact: true }).click()
    },
    async has(page) {
      await page.getByText('This page may not use the camera.').waitFor()
      const notices = await page.getByRole('button', { name: 'Put away' }).count()
      if (notices !== 1) throw new Error('who chooses no screen is told of it')
    },
  },
  {
    name: 'a camera tried',
    async show(server) {
      await connect(server, {})
      await server.page.getByRole('button', { name: 'Devices' }).click()
      await server.page.getByRole('button', { name: 'Try the camera' }).click()
    },
    has: (page) => page.getByLabel('What your camera sees').waitFor(),
  },
]
