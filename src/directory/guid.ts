/** GUIDs as they arrive: Graph's callers write them with or without hyphens, in either case. */

const GUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/

/**
 * The one spelling under which the product keeps a GUID: lower case, with hyphens.
 * @returns undefined if `text` is no GUID.
 */
export function readGuid(text: string): string | undefined {
  const parts = GUID.exec(text.toLowerCase())
  return parts ? parts.slice(1).join('-') : undefined
}
