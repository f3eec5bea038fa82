/** Moments as clients write them. */

const MOMENT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d)?)?$/i

/** Milliseconds since the epoch; in UTC if no zone is given, and a date is its first moment. Undefined if it is none. */
export function readMoment(text: string): number | undefined {
  const [match, time, , , zone] = MOMENT.exec(text) ?? []
  if (match === undefined) return undefined
  const at = Date.parse(time !== undefined && zone === undefined ? `${text}Z` : text)
  return Number.isNaN(at) ? undefined : at
}
