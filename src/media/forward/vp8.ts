/** What stands before a picture in VP8 (RFC 7741), as far as forwarding looks at it. */

/** A count of the sender's in a packet. */
interface Counted {
  /** Where it is in the payload. */
  readonly at: number
  readonly value: number
}

/** The descriptor of a packet. */
export interface Vp8Descriptor {
  /** It begins a key frame: with it a picture can begin. */
  readonly beginsKeyFrame: boolean
  /** The picture that it belongs to, in 7 bits or 15 (`wide`). */
  readonly picture: (Counted & { readonly wide: boolean }) | undefined
  /** The base layer's picture that it builds on, in 8 bits. */
  readonly base: Counted | undefined
}

/** Reads a descriptor; undefined if there is none, or nothing after it. */
export function readVp8(payload: Uint8Array): Vp8Descriptor | undefined {
  const first = payload[0]
  if (first === undefined) return undefined
  let at = 1
  let picture: Vp8Descriptor['picture']
  let base: Vp8Descriptor['base']
  if (first & 0x80) {
    const flags = payload[at++] ?? 0
    if (flags & 0x80) {
      const byte = payload[at] ?? 0
      const wide = byte > 127
      picture = { at, wide, value: wide ? ((byte & 127) << 8) | (payload[at + 1] ?? 0) : byte }
      at += wide ? 2 : 1
    }
    if (flags & 0x40) base = { at, value: payload[at++] ?? 0 }
    if (flags & 0x30) at++
  }
  const header = payload[at]
  if (header === undefined) return undefined
  // The first partition of a frame begins with its header, whose lowest bit is off in a key frame.
  const beginsKeyFrame = (first & 0x17) === 0x10 && (header & 1) === 0
  return { beginsKeyFrame, picture, base }
}

/** Numbers that a viewer's counts are ahead of the sender's. */
export interface Vp8Shift {
  readonly picture: number
  readonly base: number
}

/** Writes a viewer's counts into a copy of the payload. */
export function shiftVp8(payload: Uint8Array, { picture, base }: Vp8Descriptor, shift: Vp8Shift): void {
  if (picture) {
    const value = picture.value + shift.picture
    if (picture.wide) {
      payload[picture.at] = 128 | ((value >> 8) & 127)
      payload[picture.at + 1] = value & 255
    } else payload[picture.at] = value & 127
  }
  if (base) payload[base.at] = (base.value + shift.base) & 255
}
