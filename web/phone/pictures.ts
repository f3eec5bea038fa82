/**
 * The pictures of calls: what this person shows, and whom they see. What is shown outlives the leg that carries it, so that a
 * new leg goes on with it; the camera is given back, and its light is out, as soon as nobody is to see it.
 */
import type { CallView, Done } from '../../src/endpoints/browser/protocol.ts'
import type { Cancel, Runtime } from '../runtime.ts'
import { type Asking, Refusal } from './connection.ts'
import { isSameWatched, NOBODY, type Shows, type Watched, watchedIn } from './stage.ts'
import { isAsked, shown, stageOf, underWay } from './state.ts'
import type { PhoneStore } from './store.ts'
import { deviceLine, screenLine } from './words.ts'

/** A moving picture, whatever the browser makes of it. */
export type Picture = object

/** A screen that the person has chosen. */
export interface Capture {
  readonly picture: Picture
  readonly stop: () => void
}

/** Where a picture comes in: the number of the slot of a camera, or the screen that is presented. */
export type Slot = number | 'screen'

/** What shows a picture on the page. */
export interface Showing {
  srcObject: unknown
}

/** What the pictures need of a leg. */
export interface PictureLeg {
  /** Sends this picture from now on, or none. */
  sendPicture(kind: 'camera' | 'screen', picture: Picture | undefined): void
  /** Brings what comes in there to the page. */
  showPicture(slot: Slot, on: Showing): void
}

/** What they are made with. */
export interface PicturesParts {
  readonly runtime: Runtime
  readonly store: PhoneStore
  readonly ask: (asking: Asking) => Promise<Done>
  /** Does what the person wants, unless it is being done already, and tells them if it is refused. */
  readonly doing: (what: string, act: () => Promise<unknown>) => Promise<void>
  readonly camera: {
    use(user: (picture: Picture | undefined, problem: string | undefined) => void): () => void
  }
  /** Lets the person choose a screen; undefined if they chose none. */
  readonly captureScreen: (ended: () => void) => Promise<Capture | undefined>
  /** The call in which the camera is on, kept over a reload of the page. */
  readonly kept: { get(): string | undefined; set(callId: string | undefined): void }
}

/** What this person shows in one call. */
interface Own {
  cameraOn: boolean
  /** Gives the camera back; undefined while it is not used. */
  release: Cancel | undefined
  camera: Picture | undefined
  screen: Capture | undefined
  /** The call is on hold: neither is sent. */
  held: boolean
  /** Whether the server was told of it since the call has its leg, and the person this place in it. */
  told: { camera: boolean; screen: boolean }
  participantId: string | undefined
}

/** How long after a refusal it is asked anew whom one sees, in milliseconds. */
const WATCH_AGAIN = 2000

/** See the head of this file. */
export class Pictures {
  readonly #parts: PicturesParts
  readonly #own = new Map<string, Own>()
  readonly #legs = new Map<string, PictureLeg>()
  readonly #showings = new Set<{ readonly callId: string; readonly slot: Slot; readonly on: Showing }>()
  /** Calls of which it is not known whom the server sends. */
  readonly #unsure = new Set<string>()
  /** Calls for which it is being asked whom one sees. */
  readonly #asking = new Set<string>()

  constructor(parts: PicturesParts) {
    this.#parts = parts
    parts.store.follow(() => this.#watch())
  }

  /** Turns the camera on; off again if the server refuses it. */
  showCamera(callId: string): Promise<void> {
    const { ask, doing, kept } = this.#parts
    return doing(`camera ${callId}`, async () => {
      const own = this.#ownIn(callId)
      if (!own.cameraOn) await this.#takeCamera(callId)
      if (this.#own.get(callId) !== own) return
      try {
        await ask({ type: 'camera', callId, on: true })
        own.told.camera = true
        if (own.cameraOn) kept.set(callId)
        else await ask({ type: 'camera', callId, on: false })
      } catch (error) {
        this.#putCamera(callId)
        throw error
      }
    })
  }

  /** Turns the camera off, at once. */
  hideCamera(callId: string): Promise<void> {
    this.#putCamera(callId)
    return this.#parts.doing(`camera ${callId}`, () => this.#parts.ask({ type: 'camera', callId, on: false }))
  }

  /** Presents a screen that the person chooses; if they choose none, nothing happens. */
  share(callId: string): Promise<void> {
    const { ask, doing } = this.#parts
    return doing(`share ${callId}`, async () => {
      const own = this.#ownIn(callId)
      own.screen?.stop()
      own.screen = await this.#capture(callId)
      if (!own.screen) return
      this.#tell(callId)
      try {
        await ask({ type: 'share', callId, sharing: true })
        own.told.screen = true
        if (!own.screen) await ask({ type: 'share', callId, sharing: false })
      } catch (error) {
        this.#putScreen(callId)
        throw error
      }
    })
  }

  stopSharing(callId: string): Promise<void> {
    this.#putScreen(callId)
    return this.#parts.doing(`share ${callId}`, () => this.#parts.ask({ type: 'share', callId, sharing: false }))
  }

  /** Brings what comes in there to the page, also after a change of legs; returns how to stop that. */
  show(callId: string, slot: Slot, on: Showing): () => void {
    const showing = { callId, slot, on }
    this.#showings.add(showing)
    this.#legs.get(callId)?.showPicture(slot, on)
    return () => {
      this.#showings.delete(showing)
      on.srcObject = null
    }
  }

  /** A call has a leg, which goes on with what is shown. */
  attach(callId: string, leg: PictureLeg): void {
    this.#legs.set(callId, leg)
    this.#unsure.delete(callId)
    this.#ownIn(callId).told = { camera: false, screen: false }
    for (const showing of this.#showings) if (showing.callId === callId) leg.showPicture(showing.slot, showing.on)
    this.#tell(callId)
    this.#watch()
  }

  /** A call has lost its leg. */
  detach(callId: string): void {
    if (this.#legs.delete(callId)) this.#parts.store.dispatch({ type: 'watched', callId, watched: NOBODY })
  }

  /** The server may have forgotten whom one sees. */
  watchAnew(): void {
    for (const callId of this.#legs.keys()) this.#unsure.add(callId)
    this.#watch()
  }

  /** Nothing is shown any more in any call. */
  close(): void {
    for (const callId of this.#own.keys()) this.#end(callId)
  }

  /** Makes what is shown what the newest snapshot says. @param isNew whether one has just come */
  reconcile(isNew: boolean): void {
    const { state } = this.#parts.store
    if (!state.video) return
    const calls = underWay(state).filter(({ here }) => here)
    for (const callId of this.#own.keys()) {
      if (isNew && !calls.some((call) => call.callId === callId)) this.#end(callId)
    }
    for (const call of calls) {
      this.#pause(call)
      if (isNew && call.phase === 'connected' && call.media === 'connected') this.#agree(call)
    }
  }

  /** Who has put the call on hold shows nothing meanwhile. */
  #pause({ callId, onHold }: CallView): void {
    const own = this.#own.get(callId)
    if (!own || own.held === onHold) return
    own.held = onHold
    if (onHold) {
      own.release?.()
      Object.assign(own, { release: undefined, camera: undefined })
    } else if (own.cameraOn) {
      this.#takeCamera(callId).catch((error: unknown) => this.#lose(callId, error))
    }
    this.#tell(callId)
  }

  /** What the server says of this person counts, once it has been told of what they show. */
  #agree({ callId, roster, participantId }: CallView): void {
    const { kept, store } = this.#parts
    const me = roster.find((entry) => entry.participantId === participantId)
    if (!me || !this.#legs.has(callId)) return
    const own = this.#ownIn(callId)
    if (own.participantId !== participantId) {
      own.participantId = participantId
      own.told = { camera: false, screen: false }
    }
    if (kept.get() === callId && !own.cameraOn) return void this.showCamera(callId)
    if (me.camera !== own.cameraOn && !isAsked(store.state, `camera ${callId}`)) {
      if (own.cameraOn && own.told.camera) {
        this.#putCamera(callId)
        store.dispatch({ type: 'notice', text: 'Your camera was turned off.' })
      } else {
        own.told.camera = true
        this.#quietly(`camera ${callId}`, { type: 'camera', callId, on: own.cameraOn })
      }
    }
    const sharing = own.screen !== undefined
    if (me.sharing !== sharing && !isAsked(store.state, `share ${callId}`)) {
      // Somebody else presents: who did stops.
      if (sharing && own.told.screen) this.#putScreen(callId)
      else {
        own.told.screen = true
        this.#quietly(`share ${callId}`, { type: 'share', callId, sharing })
      }
    }
  }

  /** Tells the server what nobody has clicked for; the next snapshot says whether it has come to it. */
  #quietly(what: string, asking: Asking): void {
    void this.#parts.doing(what, () => this.#parts.ask(asking).catch(() => undefined))
  }

  #ownIn(callId: string): Own {
    const own = this.#own.get(callId)
    if (own) return own
    const made: Own = {
      cameraOn: false,
      release: undefined,
      camera: undefined,
      screen: undefined,
      held: false,
      told: { camera: false, screen: false },
      participantId: undefined,
    }
    this.#own.set(callId, made)
    return made
  }

  /** Resolves when there is a picture. @throws Refusal if there is no camera */
  #takeCamera(callId: string): Promise<void> {
    const own = this.#ownIn(callId)
    own.release?.()
    own.cameraOn = true
    return new Promise((resolve, reject) => {
      let waiting = true
      const giveBack = this.#parts.camera.use((picture, problem) => {
        own.camera = picture
        if (problem === undefined) {
          this.#tell(callId)
          resolve()
        } else {
          const refusal = new Refusal('noCamera', deviceLine('camera', problem))
          if (waiting) {
            reject(refusal)
            this.#putCamera(callId)
          } else this.#lose(callId, refusal)
        }
        waiting = false
      })
      own.release = () => {
        giveBack()
        resolve()
      }
    })
  }

  /** The camera went away by itself. */
  #lose(callId: string, why: unknown): void {
    this.#parts.store.dispatch({ type: 'notice', text: why instanceof Error ? why.message : String(why) })
    void this.hideCamera(callId)
  }

  #putCamera(callId: string): void {
    const own = this.#ownIn(callId)
    own.release?.()
    Object.assign(own, { cameraOn: false, release: undefined, camera: undefined })
    if (this.#parts.kept.get() === callId) this.#parts.kept.set(undefined)
    this.#tell(callId)
  }

  async #capture(callId: string): Promise<Capture | undefined> {
    try {
      const capture = await this.#parts.captureScreen(() => {
        if (this.#own.get(callId)?.screen === capture) void this.stopSharing(callId)
      })
      // The call may have ended while the person chose.
      if (this.#legs.has(callId)) return capture
      capture?.stop()
      return undefined
    } catch (error) {
      throw new Refusal('noScreen', screenLine(error instanceof Error ? error.name : ''))
    }
  }

  #putScreen(callId: string): void {
    const own = this.#ownIn(callId)
    own.screen?.stop()
    own.screen = undefined
    this.#tell(callId)
  }

  #end(callId: string): void {
    this.#putCamera(callId)
    this.#putScreen(callId)
    this.#own.delete(callId)
  }

  /** Tells the leg and the page what is shown. */
  #tell(callId: string): void {
    const { store } = this.#parts
    const { camera, screen, held } = this.#ownIn(callId)
    const leg = this.#legs.get(callId)
    leg?.sendPicture('camera', camera)
    leg?.sendPicture('screen', held ? undefined : screen?.picture)
    const shows: Shows = { camera: camera !== undefined, screen: screen !== undefined }
    const before = stageOf(store.state, callId).shows
    if (shows.camera !== before.camera || shows.screen !== before.screen)
      store.dispatch({ type: 'shows', callId, shows })
  }

  /** Whom one should see, and whom the server sends, are made the same. */
  #watch(): void {
    const { state } = this.#parts.store
    if (!state.video || state.link.state !== 'online') return
    const looked = state.looks && !state.hidden ? shown(state)?.callId : undefined
    for (const call of underWay(state)) {
      const { callId } = call
      if (!call.here || !this.#legs.has(callId) || this.#asking.has(callId)) continue
      const stage = stageOf(state, callId)
      const wanted = callId === looked ? watchedIn(call, stage) : NOBODY
      const isAgreed = !this.#unsure.has(callId) && isSameWatched(wanted, stage.watched)
      if (!isAgreed) void this.#askToWatch(callId, wanted)
    }
  }

  async #askToWatch(callId: string, watched: Watched): Promise<void> {
    const { ask, runtime, store } = this.#parts
    this.#asking.add(callId)
    const leg = this.#legs.get(callId)
    try {
      await ask({ type: 'watch', callId, cameras: [...watched.cameras], screen: watched.screen })
      this.#asking.delete(callId)
      // A new leg knows nothing of what the former one was to bring.
      if (this.#legs.get(callId) !== leg) return this.#watch()
      this.#unsure.delete(callId)
      store.dispatch({ type: 'watched', callId, watched })
    } catch {
      runtime.later(WATCH_AGAIN, () => {
        this.#asking.delete(callId)
        this.#watch()
      })
    }
  }
}
