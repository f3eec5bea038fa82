/** What views follow that no page has of its own: the time, and what the browser's window is like. */
import { useEffect, useState, useSyncExternalStore } from 'react'
import type { Runtime } from '../runtime.ts'

/** The page's clock, read again every second while `runs`. */
export function useClock(runtime: Runtime, runs: boolean): number {
  const [now, setNow] = useState(() => runtime.now())
  useEffect(() => {
    if (!runs) return undefined
    let cancel = (): void => undefined
    const tick = (): void => {
      setNow(runtime.now())
      cancel = runtime.later(1000, tick)
    }
    tick()
    return () => cancel()
  }, [runtime, runs])
  return now
}

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query)
      list.addEventListener('change', listener)
      return () => list.removeEventListener('change', listener)
    },
    () => matchMedia(query).matches,
  )
}
