/**
 * Finds out where the other side of a leg really is, behind address translation: where the first packets come from that
 * follow one another. One alone may be a stranger's noise (two in order are what RFC 3550, appendix A.1, asks for).
 */
import type { RtpPacket } from './rtp.ts'

/** A latch: once it has caught, it stays until it is opened again. */
export class Latch {
  isOpen = false
  #candidate: { readonly address: string; readonly port: number; readonly ssrc: number; sequence: number } | undefined

  /** Looks for the other side from now on, or no more. */
  open(open: boolean): void {
    this.isOpen = open
    this.#candidate = undefined
  }

  /** A packet has come. @returns whether its sender is the other side */
  take({ ssrc, sequence }: RtpPacket, address: string, port: number): boolean {
    const before = this.#candidate
    this.#candidate = { address, port, ssrc, sequence }
    return (
      before?.address === address &&
      before.port === port &&
      before.ssrc === ssrc &&
      ((before.sequence + 1) & 0xffff) === sequence
    )
  }
}
