import type { CallingErrorCode } from '../codes/calling-errors.ts'
import type { WordErrorCode } from '../codes/word-errors.ts'

/** `error.code`: each is a row of `src/codes/`, which says what it means and what to do. */
export type ErrorCode = CallingErrorCode | WordErrorCode

/** A request that is refused or failed, in Graph's terms. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  /** `error.code`: a subcode as text for calling errors, a word for general ones. */
  readonly code: ErrorCode
  /** One plain sentence: which rule fired and what to change. */
  readonly explanation: string
  /** Seconds for `Retry-After`. */
  readonly retryAfter: number | undefined

  constructor(status: number, code: ErrorCode, message: string, explanation: string, retryAfter?: number) {
    super(message)
    this.status = status
    this.code = code
    this.explanation = explanation
    this.retryAfter = retryAfter
  }

  /** There is no room on the server's disk. */
  static full(cause: unknown): HttpError {
    const error = new HttpError(
      507,
      'insufficientStorage',
      'There is not enough storage to complete the request.',
      "The disk of the server's data is full; nothing was changed. Free some space there, and send the request again.",
    )
    error.cause = cause
    return error
  }

  /** A fault of the server's own; what it was stays in the log. */
  static fault(cause: unknown): HttpError {
    const error = new HttpError(
      500,
      'generalException',
      'General exception while processing.',
      "The server failed to handle this request; nothing was changed. The server's log has the cause under this request-id.",
    )
    error.cause = cause
    return error
  }
}
