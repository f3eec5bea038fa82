/** The wait before the try after the `attempts`-th: 1, 2, 4, 8 ... seconds, up to a limit; all in milliseconds. */
export function backOff(attempts: number, limit: number): number {
  return Math.min(1000 * 2 ** Math.min(attempts - 1, 30), limit)
}
