/** Puts the phone together with what a browser has: a WebSocket, WebRTC, a microphone, sound. */
import type { Hello, Welcome } from '../../src/endpoints/browser/protocol.ts'
import { browserRuntime as runtime } from '../runtime.ts'
import { Camera, captureScreen } from './camera.ts'
import type { Line, LineEvents } from './connection.ts'
import { Leg } from './leg.ts'
import { Microphone } from './microphone.ts'
import { Phone, type PhoneParts } from './phone.ts'
import { KeptSettings } from './settings.ts'
import type { Purpose, Session } from './sign-in.ts'
import { PhoneStore } from './store.ts'
import { Tones } from './tones.ts'
import type { PhoneTools } from './views/context.ts'

/** The name of the protocol, as a page asks for it. */
const SUBPROTOCOL = 'rollcall-phone-1'
const DEVICE = 'rollcall.device'
const RESUME = 'rollcall.resume'
const CAMERA = 'rollcall.camera'

/** What the phone is put together from. */
export interface PhoneBase {
  readonly session: Session
  readonly purpose: Purpose
  /** The page's own. */
  readonly address: URL
  /** Goes back to where one signs in. */
  readonly leave: () => void
}

/** A phone that is being connected. */
export function createPhone({ session, purpose, address, leave }: PhoneBase): PhoneTools {
  const settings = new KeptSettings()
  const context = audioContext()
  const microphone = new Microphone(settings, context)
  const camera = new Camera(settings)
  const store = new PhoneStore()
  const phone = new Phone({
    runtime,
    store,
    open: (events) => openLine(address, events),
    hello: () => hello(session),
    makeLeg: (events, video) => new Leg({ runtime, microphone, video, ...events }),
    pictures: { camera, captureScreen, kept: keptCamera },
    welcomed: ({ resume }: Welcome) => {
      if (resume !== undefined) sessionStorage.setItem(RESUME, resume)
    },
  })
  phone.speaker = settings.current.speaker
  const stop = listen(phone, store, settings, context)
  const end = (): void => {
    stop()
    phone.goodbye()
    sessionStorage.removeItem(RESUME)
    leave()
  }
  phone.start()
  return {
    runtime,
    store,
    phone,
    settings,
    microphone,
    camera,
    tones: new Tones(runtime, context),
    purpose,
    isGuest: session.kind === 'guest',
    signOut: end,
    signInAgain: end,
  }
}

/** The page's one audio context, made when it is first needed. */
function audioContext(): () => AudioContext {
  let context: AudioContext | undefined
  return () => (context ??= new AudioContext({ latencyHint: 'interactive' }))
}

/** Hears what the person and the browser do that concerns the whole phone; returns how to stop that. */
function listen(phone: Phone, store: PhoneStore, settings: KeptSettings, context: () => AudioContext): () => void {
  const abort = new AbortController()
  const options = { signal: abort.signal }
  // Browsers let a page make sound from the first click or key on.
  const awake = (): void => {
    if (context().state === 'suspended') void context().resume()
    phone.unblock()
  }
  addEventListener('pointerdown', awake, options)
  addEventListener('keydown', awake, options)
  addEventListener('online', () => phone.retry(), options)
  const look = (): void => store.dispatch({ type: 'hidden', hidden: document.visibilityState === 'hidden' })
  document.addEventListener('visibilitychange', look, options)
  look()
  const unfollow = settings.follow(() => {
    phone.speaker = settings.current.speaker
  })
  return () => {
    abort.abort()
    unfollow()
  }
}

/** In which call the camera is on, for as long as the tab lasts. */
const keptCamera: PhoneParts['pictures']['kept'] = {
  get: () => sessionStorage.getItem(CAMERA) ?? undefined,
  set(callId) {
    if (callId === undefined) sessionStorage.removeItem(CAMERA)
    else sessionStorage.setItem(CAMERA, callId)
  },
}

function openLine(address: URL, { opened, heard, closed }: LineEvents): Line {
  const url = new URL('socket', new URL('.', address))
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(url, SUBPROTOCOL)
  socket.addEventListener('open', opened)
  socket.addEventListener('message', ({ data }) => heard(String(data)))
  socket.addEventListener('close', closed)
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    },
    close: () => socket.close(),
  }
}

async function hello(session: Session): Promise<Hello> {
  const device = ownDevice()
  if (session.kind === 'person') return { type: 'hello', device, token: await session.token() }
  const resume = sessionStorage.getItem(RESUME)
  return { type: 'hello', device, displayName: session.displayName, ...(resume !== null && { resume }) }
}

/** The page's own id, the same over a reload. */
function ownDevice(): string {
  const known = sessionStorage.getItem(DEVICE)
  if (known !== null) return known
  const drawn = runtime.id()
  sessionStorage.setItem(DEVICE, drawn)
  return drawn
}
