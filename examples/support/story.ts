/** Prints what a bot does and hears as a timeline. */
import { subjectOf } from './webhook.ts'
import type { Notification } from './webhook.ts'

type Json = Record<string, unknown>

const start = Date.now()
const color = process.stdout.isTTY ? (code: number, text: string) => `\u001B[${code}m${text}\u001B[0m` : undefined
const paint = (code: number, text: string): string => color?.(code, text) ?? text

/** A headline of the story. */
export function scene(text: string): void {
  console.log(`\n${paint(1, text)}`)
}

/** What the bot asked, and the answer. */
export function asked(request: string, answer: string): void {
  console.log(`${stamp()} ${paint(36, '──►')} ${request}\n${' '.repeat(13)}${paint(36, '◄──')} ${answer}`)
}

/** What the bot heard. */
export function heard(notification: Notification, verified: boolean): void {
  const mark = verified ? paint(32, 'signature ok') : paint(31, 'NOT SIGNED')
  console.log(`${stamp()} ${paint(33, '◄ ◄')} ${notification.changeType} ${about(notification)}  (${mark})`)
}

/** Anything else worth a line. */
export function note(text: string): void {
  console.log(`${' '.repeat(9)}${text}`)
}

function stamp(): string {
  return `${((Date.now() - start) / 1000).toFixed(3).padStart(7)}s`
}

function about(notification: Notification): string {
  const { resourceData } = notification
  if (Array.isArray(resourceData)) return `roster: ${resourceData.map((one: Json) => nameOf(one)).join(', ')}`
  const data = resourceData as Json
  const { resource, resourceUrl = resource } = notification
  if (subjectOf(notification).part !== undefined) return `operation ${String(data['status'])}${reasonOf(data)}`
  const call = resourceUrl.slice(resourceUrl.lastIndexOf('/') + 1).slice(0, 8)
  const words = ['call', call, data['state'], data['terminationReason']].filter((word) => word !== undefined)
  return `${words.join(' ')}${reasonOf(data)}`
}

/** The codes, whichever way the version spells the second. */
function reasonOf({ resultInfo }: Json): string {
  if (typeof resultInfo !== 'object' || resultInfo === null) return ''
  const { code, subcode, subCode, message } = resultInfo as Record<string, string | number | undefined>
  return `: ${code}/${subcode ?? subCode} ${message}`
}

/** The name of a participant, or whatever identifies it. */
function nameOf({ info }: Json): string {
  const { identity } = info as { identity: Record<string, unknown> }
  for (const [kind, member] of Object.entries(identity)) {
    if (kind.startsWith('@') || typeof member !== 'object' || member === null) continue
    const { displayName, id } = member as { displayName?: string; id: string }
    return displayName ?? id
  }
  return 'somebody'
}
