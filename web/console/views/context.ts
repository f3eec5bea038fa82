/** What every view of the console may use. */
import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Runtime } from '../../runtime.ts'
import type { Control } from '../control.ts'
import type { Watch, WatchState } from '../watch.ts'

/** See the head of this file. */
export interface ConsoleTools {
  readonly runtime: Runtime
  readonly control: Control
  readonly watch: Watch
}

const Tools = createContext<ConsoleTools | undefined>(undefined)
export const ToolsProvider = Tools.Provider

export function useTools(): ConsoleTools {
  const tools = useContext(Tools)
  if (!tools) throw new Error('a view of the console stands outside of it')
  return tools
}

export function useWatch(): WatchState {
  const { watch } = useTools()
  return useSyncExternalStore(watch.follow, () => watch.state)
}
