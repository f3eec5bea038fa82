/** What every view of the phone may use. */
import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Runtime } from '../../runtime.ts'
import { useClock } from '../../shared/hooks.ts'
import type { Camera } from '../camera.ts'
import type { Microphone } from '../microphone.ts'
import type { Phone } from '../phone.ts'
import type { KeptSettings, Settings } from '../settings.ts'
import type { Purpose } from '../sign-in.ts'
import { isAsked, type PhoneState } from '../state.ts'
import type { PhoneStore } from '../store.ts'
import type { Tones } from '../tones.ts'

/** See the head of this file. */
export interface PhoneTools {
  readonly runtime: Runtime
  readonly store: PhoneStore
  readonly phone: Phone
  readonly settings: KeptSettings
  readonly microphone: Microphone
  readonly camera: Camera
  readonly tones: Tones
  readonly purpose: Purpose
  readonly isGuest: boolean
  readonly signOut: () => void
  /** Brings the person back to where one signs in. */
  readonly signInAgain: () => void
}

const Tools = createContext<PhoneTools | undefined>(undefined)
export const ToolsProvider = Tools.Provider

export function useTools(): PhoneTools {
  const tools = useContext(Tools)
  if (!tools) throw new Error('a view of the phone stands outside of it')
  return tools
}

export function usePhoneState(): PhoneState {
  const { store } = useTools()
  return useSyncExternalStore(store.follow, () => store.state)
}

export function useSettings(): Settings {
  const { settings } = useTools()
  return useSyncExternalStore(settings.follow, () => settings.current)
}

/** Whether something was asked of the server and is not answered yet. */
export function useAsked(what: string): boolean {
  return isAsked(usePhoneState(), what)
}

/** The page's clock, read again every second while `runs`. */
export function useNow(runs: boolean): number {
  return useClock(useTools().runtime, runs)
}
