/**
 * What became of a JSON value between two commits, so that a commit need not write a whole conversation. What both values
 * share is known by being the same object, as it is wherever values are never changed in place: it is not looked into.
 */

/** A change of one value; a value that is the same has none. */
export type Change =
  /** Another value. */
  | { readonly to: unknown }
  /** An object: the members that changed or came, and the names of those that went. */
  | { readonly members: Readonly<Record<string, Change>>; readonly gone?: readonly string[] }
  /** A list: from an index on, so many of its items gave way to others. */
  | { readonly from: number; readonly drop: number; readonly put: readonly unknown[] }
  /** A list: items that changed in their places, by their index. */
  | { readonly items: Readonly<Record<string, Change>> }

type Members = Readonly<Record<string, unknown>>

/** How `after` came of `before`; undefined if nothing changed. Members that are undefined are taken for absent. */
export function changeOf(before: unknown, after: unknown): Change | undefined {
  if (before === after) return undefined
  if (Array.isArray(before) && Array.isArray(after)) return changeOfList(before, after)
  if (isObject(before) && isObject(after)) return changeOfObject(before, after)
  return { to: after }
}

function changeOfObject(before: Members, after: Members): Change | undefined {
  // No name like any other.
  if (Object.hasOwn(before, '__proto__') || Object.hasOwn(after, '__proto__')) return { to: after }
  let members: Record<string, Change> | undefined
  let gone: string[] | undefined
  for (const name of Object.keys(after)) {
    const old = own(before, name)
    const now = after[name]
    if (old === now || now === undefined) continue
    const change = old === undefined ? { to: now } : changeOf(old, now)
    if (change) (members ??= {})[name] = change
  }
  for (const name of Object.keys(before)) {
    if (before[name] !== undefined && own(after, name) === undefined) (gone ??= []).push(name)
  }
  if (gone) return { members: members ?? {}, gone }
  return members && { members }
}

function changeOfList(before: readonly unknown[], after: readonly unknown[]): Change | undefined {
  const most = Math.min(before.length, after.length)
  let from = 0
  while (from < most && before[from] === after[from]) from++
  let same = 0
  while (same < most - from && before[before.length - 1 - same] === after[after.length - 1 - same]) same++
  if (before.length !== after.length) {
    return { from, drop: before.length - same - from, put: after.slice(from, after.length - same) }
  }
  let items: Record<string, Change> | undefined
  for (let index = from; index < after.length - same; index++) {
    const change = changeOf(before[index], after[index])
    if (change) (items ??= {})[index] = change
  }
  return items && { items }
}

/** What `changeOf` told the change of, made from the value before it. Neither is changed in place. */
export function changed(before: unknown, change: Change): unknown {
  if ('to' in change) return change.to
  if ('put' in change) {
    const list = before as readonly unknown[]
    return [...list.slice(0, change.from), ...change.put, ...list.slice(change.from + change.drop)]
  }
  if ('items' in change) {
    return (before as readonly unknown[]).map((item, index) => {
      const one = change.items[index]
      return one ? changed(item, one) : item
    })
  }
  const { members, gone = [] } = change
  const kept = Object.entries(before as Members).filter(([name]) => !gone.includes(name))
  const values = new Map<string, unknown>(kept)
  for (const [name, one] of Object.entries(members)) values.set(name, changed(values.get(name), one))
  return Object.fromEntries(values)
}

/** A member of the object itself, and not of what all objects have. */
function own(object: Members, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
