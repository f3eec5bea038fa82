/** What control tells of one call, as lines to read: its timeline, its explanation, who heard whom. */

/** One line. */
export interface Line {
  /** When, if it has a moment; ISO 8601. */
  readonly at?: string
  readonly text: string
  /** What goes with it: why, or what to do. */
  readonly more?: string
}

/** What can be asked of a call. */
export interface Question {
  readonly name: 'timeline' | 'explain' | 'audibility'
  readonly label: string
  /** Below `/control/`. @param id of a call or conversation */
  readonly path: (id: string) => string
  readonly read: (body: unknown) => readonly Line[]
  /** What is said if there is no line. */
  readonly none: string
}

interface Row {
  readonly at: string
  readonly text: string
  readonly why?: string
}

interface Cause {
  readonly what: string
  readonly when?: string
  readonly rule?: string
  readonly means?: string
  readonly doNext?: string
}

interface Party {
  readonly id: string
  readonly identity?: { readonly id: string; readonly displayName: string | null }
}

interface HeardRow {
  readonly speaker: Party
  readonly listener: Party
  readonly from: string
  readonly until: string
  readonly level: number
}

/** Each of them. */
export const questions: readonly Question[] = [
  {
    name: 'timeline',
    label: 'Timeline',
    path: (id) => `calls/${id}/timeline`,
    read: (body) =>
      (body as { readonly value: readonly Row[] }).value.map(({ at, text, why }) => ({
        at,
        text,
        ...(why !== undefined && { more: why }),
      })),
    none: 'Nothing is known of it any more.',
  },
  { name: 'explain', label: 'Why', path: (id) => `explain/${id}`, read: explained, none: 'There is no explanation.' },
  {
    name: 'audibility',
    label: 'Who heard whom',
    path: (id) => `calls/${id}/audibility`,
    read: heard,
    none: 'Nobody has heard anybody yet.',
  },
]

function explained(body: unknown): readonly Line[] {
  const { sentence, causes, notifications } = body as {
    readonly sentence: string
    readonly causes: readonly Cause[]
    readonly notifications?: readonly { readonly why: string }[]
  }
  return [
    { text: sentence },
    ...causes.map(({ what, when, rule, means, doNext }) => {
      const more = [rule, means, doNext].filter((part) => part !== undefined).join(' ')
      return { ...(when !== undefined && { at: when }), text: what, ...(more !== '' && { more }) }
    }),
    ...(notifications ?? []).map(({ why }) => ({ text: why })),
  ]
}

/** Rows of one stretch of sound are one line. */
function heard(body: unknown): readonly Line[] {
  const { value } = body as { readonly value: readonly HeardRow[] }
  const stretches = Map.groupBy(value, ({ speaker, from, until, level }) => [speaker.id, from, until, level].join())
  return [...stretches.values()].flatMap((rows) => {
    const [first] = rows
    if (!first) return []
    const seconds = (Date.parse(first.until) - Date.parse(first.from)) / 1000
    const listeners = rows.map(({ listener }) => nameOf(listener)).join(', ')
    const text = `${nameOf(first.speaker)} was heard by ${listeners} for ${seconds.toFixed(1)} s at ${first.level} dB`
    return [{ at: first.from, text }]
  })
}

function nameOf({ id, identity }: Party): string {
  return identity?.displayName ?? identity?.id ?? id
}
