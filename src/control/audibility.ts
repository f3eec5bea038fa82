/** Who heard whom in a call: for tests that must know, and for whoever is asked why somebody heard nothing. */
import { z } from 'zod'
import type { Conversation } from '../calls/conversation.ts'
import { isHoldMusic } from '../calls/hearing.ts'
import type { Audible, Heard } from '../media/audibility.ts'
import { isoTime } from '../runtime.ts'
import { find } from './find.ts'
import type { ControlParts, ControlRoutes } from './parts.ts'
import { pathParameter, readAs } from './parts.ts'
import type { TimelineItem } from './timeline-item.ts'

/** Rows of one answer, and lines in a timeline. */
const MOST = 10_000

const query = z.object({
  speaker: z.string().max(320).optional(),
  listener: z.string().max(320).optional(),
  limit: z.coerce.number().int().min(1).max(MOST).default(1000),
})

export const registerAudibility: ControlRoutes = (app, parts) => {
  app.get('/control/calls/:id/audibility', async (request) => {
    const asked = readAs(query, request.query)
    const { id } = await find(parts, pathParameter(request, 'id'))
    const { heard, who } = await parts.media.heard.heard(id, asked)
    return {
      value: heard.map(({ speaker, listener, from, until, level }) => ({
        speaker: { id: speaker, ...identityOf(who, speaker) },
        listener: { id: listener, ...identityOf(who, listener) },
        from: isoTime(from),
        until: isoTime(until),
        level: Math.round(level * 10) / 10,
      })),
    }
  })
}

function identityOf(who: Audible['who'], name: string): object {
  const identity = who.get(name)
  return identity
    ? { identity: { kind: identity.kind, id: identity.id, displayName: identity.displayName ?? null } }
    : {}
}

/**
 * A conversation's timeline with who heard whom in it.
 * @param items in their order
 */
export async function withAudibility(
  { media }: ControlParts,
  { id }: Conversation,
  items: readonly TimelineItem[],
): Promise<readonly TimelineItem[]> {
  const { heard, who } = await media.heard.heard(id, { limit: MOST })
  if (heard.length === 0) return items
  const nameOf = (name: string): string => {
    if (isHoldMusic(name)) return 'hold music'
    const identity = who.get(name)
    return identity?.displayName ?? identity?.id ?? name
  }
  const all: TimelineItem[] = []
  const groups = [...Map.groupBy(heard, ({ speaker, from, until, level }) => [speaker, from, until, level].join())]
  let next = 0
  for (const item of items) {
    const at = Date.parse(item.at)
    for (; next < groups.length && (groups[next]?.[1][0]?.from ?? 0) < at; next++) {
      all.push(itemOf(groups[next]?.[1] ?? [], nameOf, all.at(-1)?.order ?? item.order))
    }
    all.push(item)
  }
  for (const [, rows] of groups.slice(next)) all.push(itemOf(rows, nameOf, all.at(-1)?.order ?? 0))
  return all
}

function itemOf(rows: readonly Heard[], nameOf: (name: string) => string, order: number): TimelineItem {
  const [{ speaker, from, until, level }] = rows as [Heard]
  const listeners = rows.map(({ listener }) => listener)
  const seconds = ((until - from) / 1000).toFixed(1)
  return {
    order,
    at: isoTime(from),
    kind: 'heard',
    text: `${nameOf(speaker)} was heard by ${listeners.map(nameOf).join(', ')} for ${seconds} s at ${level.toFixed(0)} dB`,
    speaker,
    listeners,
    until: isoTime(until),
    level: Math.round(level * 10) / 10,
  }
}
