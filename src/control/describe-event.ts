import { reasonText } from '../calls/reasons.ts'

/** An event as a line: its name in words, and what it is about. */
export function describeEvent(event: Readonly<Record<string, unknown>> & { readonly type: string }): string {
  const words = event.type.replaceAll(/(?<!^)([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)
  const { identity, reason, from, to } = event as {
    identity?: { displayName?: string; id: string }
    reason?: Parameters<typeof reasonText>[0]
    from?: string
    to?: string
  }
  const who = identity ? `: ${identity.displayName ?? identity.id}` : ''
  const step = from !== undefined && to !== undefined ? `: ${from} to ${to}` : ''
  const why = reason ? ` (${reason.name}: ${reasonText(reason)})` : ''
  return `${words}${who}${step}${why}`
}
