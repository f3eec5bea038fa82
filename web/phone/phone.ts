/**
 * The phone itself: does what the person asks, and keeps each call's sound as the server's snapshots say it is. It knows no
 * browser: lines, legs and time are given to it, so that tests can hold them in hand.
 */
import type {
  CallView,
  Done,
  PartyView,
  StateMessage,
  VideoTerms,
  Welcome,
} from '../../src/endpoints/browser/protocol.ts'
import type { Runtime } from '../runtime.ts'
import { type Asking, Connection, type ConnectionParts, Refusal } from './connection.ts'
import { type PictureLeg, Pictures, type PicturesParts } from './pictures.ts'
import { isAsked, underWay, type Sound } from './state.ts'
import type { PhoneStore } from './store.ts'

/** The page's end of one call's media. */
export interface CallLeg extends PictureLeg {
  offer(): Promise<string>
  accept(answer: string): Promise<void>
  speaks: boolean
  hears: boolean
  speaker: string
  /** False if the key cannot be sent as sound. */
  press(key: string): boolean
  unblock(): void
  nudge(): void
  close(): void
}

/** What a leg tells the phone. */
export interface LegEvents {
  readonly changed: (sound: Sound) => void
  readonly renew: (offer: string) => Promise<string>
  readonly failed: () => void
}

/** What the phone is made with. */
export interface PhoneParts {
  readonly runtime: Runtime
  readonly store: PhoneStore
  readonly open: ConnectionParts['open']
  readonly hello: ConnectionParts['hello']
  /** @param video undefined where the server carries sound alone */
  readonly makeLeg: (events: LegEvents, video: VideoTerms | undefined) => CallLeg
  readonly welcomed: (welcome: Welcome) => void
  /** What pictures are taken with. */
  readonly pictures: Pick<PicturesParts, 'camera' | 'captureScreen' | 'kept'>
}

/** Somebody who was found, with their address. */
export type Found = NonNullable<Done['found']>[number]

/** How long after a rejoin that did not succeed the next one is tried, in milliseconds. */
const REJOIN_AGAIN = 2000

/** By the keys of a telephone, their names in requests. */
const toneNames: Readonly<Record<string, Extract<Asking, { type: 'tone' }>['tone']>> = {
  0: 'tone0',
  1: 'tone1',
  2: 'tone2',
  3: 'tone3',
  4: 'tone4',
  5: 'tone5',
  6: 'tone6',
  7: 'tone7',
  8: 'tone8',
  9: 'tone9',
  '*': 'star',
  '#': 'pound',
}

/** See the head of this file. */
export class Phone {
  readonly #parts: PhoneParts
  readonly #connection: Connection
  readonly #legs = new Map<string, CallLeg>()
  /** What one shows and whom one sees. */
  readonly pictures: Pictures
  #speaker = ''

  constructor(parts: PhoneParts) {
    this.#parts = parts
    const { dispatch } = parts.store
    this.#connection = new Connection({
      runtime: parts.runtime,
      open: parts.open,
      hello: parts.hello,
      on: {
        link: (link) => dispatch({ type: 'link', link }),
        welcome: (welcome) => {
          dispatch({ type: 'welcome', person: welcome.person, video: welcome.video })
          this.pictures.watchAnew()
          parts.welcomed(welcome)
        },
        state: (message) => this.#see(message),
        levels: ({ callId, speakers }) => dispatch({ type: 'levels', callId, speakers }),
      },
    })
    this.pictures = new Pictures({
      ...parts.pictures,
      runtime: parts.runtime,
      store: parts.store,
      ask: (asking) => this.#connection.ask(asking),
      doing: (what, act) => this.#asking(what, act),
    })
  }

  start(): void {
    this.#connection.start()
  }

  /** Resolves once the server knows who is here. */
  whenOnline(): Promise<void> {
    const { store } = this.#parts
    return new Promise((resolve) => {
      const look = (): void => {
        if (store.state.link.state !== 'online') return
        unfollow()
        resolve()
      }
      const unfollow = store.follow(look)
      look()
    })
  }

  /** Something about the network has changed, or somebody has no patience: what does not work is tried at once. */
  retry(): void {
    this.#connection.retry()
    for (const leg of this.#legs.values()) leg.nudge()
  }

  /** Takes a call; one that is up meanwhile is put on hold. */
  answer(callId: string): Promise<void> {
    return this.#asking(`answer ${callId}`, async () => {
      await this.#holdOthers(callId)
      await this.#connect(callId, (offer) => this.#connection.ask({ type: 'answer', callId, offer }))
    })
  }

  decline(callId: string): Promise<void> {
    return this.#asking(`decline ${callId}`, () => this.#connection.ask({ type: 'decline', callId }))
  }

  hangUp(callId: string): Promise<void> {
    return this.#asking(`hangUp ${callId}`, () => this.#connection.ask({ type: 'hangUp', callId }))
  }

  /** Calls a person, an application or a number. */
  call(target: string): Promise<void> {
    return this.#asking('call', async () => {
      await this.#holdOthers()
      await this.#connect(undefined, (offer) => this.#connection.ask({ type: 'call', target, offer }))
    })
  }

  /** Joins a meeting by its link or id. */
  join(meeting: string, passcode?: string): Promise<void> {
    return this.#asking('join', async () => {
      await this.#holdOthers()
      const more = passcode === undefined || passcode === '' ? {} : { passcode }
      await this.#connect(undefined, (offer) => this.#connection.ask({ type: 'join', meeting, ...more, offer }))
    })
  }

  /** Takes a call to this page that is up at another one of the same person, or that lost its page. */
  rejoin(callId: string): Promise<void> {
    return this.#asking(`rejoin ${callId}`, () => this.#rejoin(callId))
  }

  /** Silent at once; heard again only when the server has said so. */
  mute(callId: string, muted: boolean): Promise<void> {
    const leg = this.#legs.get(callId)
    if (leg && muted) leg.speaks = false
    return this.#asking(`mute ${callId}`, () => this.#connection.ask({ type: 'mute', callId, muted }))
  }

  hold(callId: string, held: boolean): Promise<void> {
    return this.#asking(`hold ${callId}`, () => this.#connection.ask({ type: 'hold', callId, held }))
  }

  /** Takes a call up that is on hold here; another one that is up is put on hold. */
  resume(callId: string): Promise<void> {
    return this.#asking(`hold ${callId}`, async () => {
      await this.#holdOthers(callId)
      await this.#connection.ask({ type: 'hold', callId, held: false })
      this.#parts.store.dispatch({ type: 'choose', callId })
    })
  }

  /** Presses a key of the telephone: as sound if that can be, else as a request. */
  press(callId: string, key: string): void {
    const tone = toneNames[key]
    if (!tone || this.#legs.get(callId)?.press(key) === true) return
    void this.#asking(`tone ${callId}`, () => this.#connection.ask({ type: 'tone', callId, tone }))
  }

  /** Lets one who waits in, or everybody. */
  admit(callId: string, participantId?: string): Promise<void> {
    const whom = participantId === undefined ? {} : { participantId }
    return this.#asking(`admit ${participantId ?? callId}`, () =>
      this.#connection.ask({ type: 'admit', callId, ...whom }),
    )
  }

  turnAway(callId: string, participantId: string): Promise<void> {
    return this.#asking(`admit ${participantId}`, () =>
      this.#connection.ask({ type: 'turnAway', callId, participantId }),
    )
  }

  /** People and applications to call; none if there is no answer. */
  async find(text: string): Promise<readonly Found[]> {
    try {
      return (await this.#connection.ask({ type: 'find', text })).found ?? []
    } catch {
      return []
    }
  }

  /** Plays what browsers would not play before somebody has clicked. */
  unblock(): void {
    for (const leg of this.#legs.values()) leg.unblock()
  }

  /** Where the others are heard: the id of an output device; empty for the system's choice. */
  set speaker(id: string) {
    this.#speaker = id
    for (const leg of this.#legs.values()) leg.speaker = id
  }

  /** Ends all calls here, and leaves. */
  goodbye(): void {
    this.#connection.goodbye()
    this.pictures.close()
    for (const callId of this.#legs.keys()) this.#drop(callId)
  }

  /** Who is called when an ended call is called again, if that can be. */
  static again({ other, kind }: CallView): PartyView | undefined {
    return kind === 'peerToPeer' && other && other.kind !== 'unknown' && other.kind !== 'guest' ? other : undefined
  }

  async #asking(what: string, ask: () => Promise<unknown>): Promise<void> {
    const { store } = this.#parts
    if (isAsked(store.state, what)) return
    store.dispatch({ type: 'asked', what })
    let why: 'done' | 'refused' = 'done'
    try {
      await ask()
    } catch (error) {
      why = 'refused'
      const refusal = error instanceof Refusal ? error : new Refusal('fault', `That did not work: ${String(error)}`)
      // That there is no connection is told anyway.
      if (refusal.code !== 'offline') store.dispatch({ type: 'notice', text: refusal.message })
    } finally {
      store.dispatch({ type: 'answered', what })
      this.#reconcile(why)
    }
  }

  async #holdOthers(callId?: string): Promise<void> {
    const others = underWay(this.#parts.store.state).filter(
      (call) => call.here && !call.onHold && call.callId !== callId && call.phase === 'connected',
    )
    for (const other of others) await this.#connection.ask({ type: 'hold', callId: other.callId, held: true })
  }

  /** Makes a leg, has `ask` bring its offer to the server, and gives it the answer. */
  async #connect(callId: string | undefined, ask: (offer: string) => Promise<Done>): Promise<void> {
    const known = { callId }
    const { makeLeg, store } = this.#parts
    const events: LegEvents = {
      changed: (sound) => {
        if (known.callId !== undefined && this.#legs.get(known.callId) === leg) {
          store.dispatch({ type: 'sound', callId: known.callId, sound })
        }
      },
      renew: async (offer) => {
        if (known.callId === undefined) throw new Refusal('offline', 'The call has no id yet.')
        return (await this.#connection.ask({ type: 'offer', callId: known.callId, offer })).answer ?? ''
      },
      failed: () => {
        if (known.callId === undefined || this.#legs.get(known.callId) !== leg) return
        this.#drop(known.callId)
        this.#reconcile('refused')
      },
    }
    const leg = makeLeg(events, store.state.video)
    leg.speaker = this.#speaker
    if (callId !== undefined) this.#keep(callId, leg)
    try {
      const done = await ask(await leg.offer())
      known.callId = callId ?? done.callId
      if (known.callId !== undefined) this.#keep(known.callId, leg)
      await leg.accept(done.answer ?? '')
      if (known.callId !== undefined && this.#legs.get(known.callId) === leg) this.pictures.attach(known.callId, leg)
    } catch (error) {
      leg.close()
      if (known.callId !== undefined && this.#legs.get(known.callId) === leg) this.#drop(known.callId)
      throw error
    }
  }

  #keep(callId: string, leg: CallLeg): void {
    if (this.#legs.get(callId) === leg) return
    this.#legs.get(callId)?.close()
    this.pictures.detach(callId)
    this.#legs.set(callId, leg)
  }

  #drop(callId: string): void {
    this.#legs.get(callId)?.close()
    this.#legs.delete(callId)
    this.pictures.detach(callId)
    this.#parts.store.dispatch({ type: 'sound', callId, sound: undefined })
  }

  #rejoin(callId: string): Promise<void> {
    return this.#connect(callId, (offer) => this.#connection.ask({ type: 'rejoin', callId, offer }))
  }

  #see(message: StateMessage): void {
    this.#parts.store.dispatch({ type: 'snapshot', message, at: this.#parts.runtime.now() })
    this.#reconcile('snapshot')
  }

  /**
   * Makes the legs here what the newest snapshot says; what is being asked is left alone until it is answered.
   * @param why a new snapshot has come; or a request was done, which the next snapshot will tell; or it was refused
   */
  #reconcile(why: 'snapshot' | 'done' | 'refused'): void {
    const isNew = why === 'snapshot'
    const { state } = this.#parts.store
    const calls = new Map(underWay(state).map((call) => [call.callId, call]))
    for (const [callId, leg] of this.#legs) {
      const call = calls.get(callId)
      if (this.#isBeingConnected(callId)) continue
      if (isNew && !call?.here) this.#drop(callId)
      else if (call) {
        const speaks = !call.muted && !call.onHold && !isAsked(state, `mute ${callId}`)
        leg.speaks = speaks && (why !== 'done' || leg.speaks)
        leg.hears = !call.onHold
      }
    }
    this.pictures.reconcile(isNew)
    if (isAsked(state, 'call') || isAsked(state, 'join') || state.link.state !== 'online') return
    for (const call of calls.values()) {
      const isLost = call.here && (!this.#legs.has(call.callId) || (isNew && call.media === 'wanted'))
      if (isLost && !this.#isBeingConnected(call.callId)) void this.#rejoinByItself(call.callId)
    }
  }

  #isBeingConnected(callId: string): boolean {
    const { state } = this.#parts.store
    return isAsked(state, `answer ${callId}`) || isAsked(state, `rejoin ${callId}`)
  }

  async #rejoinByItself(callId: string): Promise<void> {
    const { store, runtime } = this.#parts
    const what = `rejoin ${callId}`
    store.dispatch({ type: 'asked', what })
    try {
      await this.#rejoin(callId)
      store.dispatch({ type: 'answered', what })
      this.#reconcile('done')
    } catch {
      // The call itself says whether it is over; while it is not, it is tried again.
      runtime.later(REJOIN_AGAIN, () => {
        store.dispatch({ type: 'answered', what })
        this.#reconcile('refused')
      })
    }
  }
}
