/** A phone whose server, clock, legs, camera and screens a test has in its hands. */
import type { CallView, Done, PageRequest, VideoTerms } from '../../src/endpoints/browser/protocol.ts'
import { CALL } from './calls.suite.ts'
import { type CallLeg, type LegEvents, Phone } from './phone.ts'
import type { Capture, Picture } from './pictures.ts'
import { type FakeLine, fakeLines, HELLO, requests, WELCOME } from './still.suite.ts'
import { settled, stillRuntime } from '../shared/still.suite.ts'
import { PhoneStore } from './store.ts'

export interface FakeLeg extends CallLeg {
  readonly events: LegEvents
  readonly answers: string[]
  readonly pressed: string[]
  readonly sends: { camera?: Picture | undefined; screen?: Picture | undefined }
  readonly video: VideoTerms | undefined
  closed: boolean
}

/** A camera that has no light. */
export interface FakeCamera {
  readonly users: Set<(picture: Picture | undefined, problem: string | undefined) => void>
  /** Gives everybody who waits a picture, or says why there is none. */
  readonly come: (picture: Picture | undefined, problem?: string) => void
}

/** What a test may ask for. */
interface BenchOptions {
  readonly keysAsSound?: boolean
  readonly video?: VideoTerms
  /** The call in which the camera was on before the page was loaded anew. */
  readonly kept?: string
}

/** See the head of this file. */
export interface Bench {
  readonly phone: Phone
  readonly store: PhoneStore
  readonly runtime: ReturnType<typeof stillRuntime>
  readonly legs: FakeLeg[]
  readonly line: () => FakeLine
  readonly calls: (...calls: readonly Partial<CallView>[]) => void
  /** Answers the newest request. */
  readonly done: (more?: Partial<Done>) => Promise<void>
  readonly refuse: (code: string) => Promise<void>
  /** The newest request. */
  readonly asked: () => PageRequest | undefined
  readonly camera: FakeCamera
  /** Screens that the person has chosen, with what ends them; who chooses none answers with undefined. */
  readonly screens: { chosen: Capture | undefined; ended: () => void }
  readonly kept: { callId: string | undefined }
}

export async function bench(options: BenchOptions = {}): Promise<Bench> {
  const { keysAsSound = true, video } = options
  const runtime = stillRuntime()
  const store = new PhoneStore()
  const { lines, open } = fakeLines()
  const legs: FakeLeg[] = []
  const makeLeg = (events: LegEvents, terms: VideoTerms | undefined): CallLeg => {
    const leg: FakeLeg = {
      events,
      video: terms,
      sends: {},
      sendPicture: (kind, picture) => void (leg.sends[kind] = picture),
      showPicture: (slot, on) => void (on.srcObject = `${legs.indexOf(leg) + 1}: ${slot}`),
      answers: [],
      pressed: [],
      closed: false,
      speaks: true,
      hears: true,
      speaker: '',
      offer: async () => `offer ${legs.indexOf(leg) + 1}`,
      accept: async (answer) => void leg.answers.push(answer),
      press: (key) => keysAsSound && leg.pressed.push(key) > 0,
      unblock: () => undefined,
      nudge: () => undefined,
      close: () => void (leg.closed = true),
    }
    legs.push(leg)
    return leg
  }
  const camera = fakeCamera()
  const screens: Bench['screens'] = { chosen: undefined, ended: () => undefined }
  const kept = { callId: options.kept }
  const phone = new Phone({
    runtime,
    store,
    open,
    makeLeg,
    hello: async () => HELLO,
    welcomed: () => undefined,
    pictures: {
      camera: {
        use(user) {
          camera.users.add(user)
          return () => void camera.users.delete(user)
        },
      },
      captureScreen: async (ended) => {
        screens.ended = ended
        return screens.chosen
      },
      kept: { get: () => kept.callId, set: (callId) => void (kept.callId = callId) },
    },
  })
  phone.start()
  const line = (): FakeLine => {
    const newest = lines.at(-1)
    if (!newest) throw new Error('no line was opened')
    return newest
  }
  line().events.opened()
  await settled()
  line().say({ ...WELCOME, ...(video && { video }) })
  const asked = (): PageRequest | undefined => requests(line()).at(-1)
  return {
    phone,
    store,
    runtime,
    legs,
    line,
    asked,
    camera,
    screens,
    kept,
    calls: (...calls) => line().say({ type: 'state', now: 0, calls: calls.map((call) => ({ ...CALL, ...call })) }),
    async done(more = {}) {
      await settled()
      line().say({ type: 'done', request: asked()?.request ?? 0, ...more })
      await settled()
    },
    async refuse(code) {
      await settled()
      line().say({ type: 'refused', request: asked()?.request ?? 0, code, explanation: 'Because.' })
      await settled()
    },
  }
}

export const RINGING: Partial<CallView> = { phase: 'ringing', here: false, media: 'none' }

function fakeCamera(): FakeCamera {
  const users: FakeCamera['users'] = new Set()
  return {
    users,
    come(picture, problem) {
      for (const user of users) user(picture, problem)
    },
  }
}

/** A bench with a call that was answered. */
export async function answered(options?: BenchOptions): Promise<Bench> {
  const all = await bench(options)
  all.calls(RINGING)
  void all.phone.answer('c')
  await all.done({ answer: 'answer' })
  all.calls({})
  return all
}
