/** A request of a page that is not carried out. */
import { LineLost } from '../endpoints/browser/browser.ts'
import { HttpError } from '../http/http-error.ts'
import { MediaError } from '../media/engine.ts'
import { StoreFull } from '../store/store.ts'

/** Thrown to refuse a request: a word for the page, and a sentence for people. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused'
  readonly code: string
  constructor(code: string, explanation: string) {
    super(explanation)
    this.code = code
  }
}

/** What a page is told of whatever went wrong; undefined if it is a fault of the server's own. */
export function refusalOf(error: unknown): { readonly code: string; readonly explanation: string } | undefined {
  if (error instanceof RequestRefused || error instanceof MediaError) {
    return { code: error.code, explanation: error.message }
  }
  if (error instanceof StoreFull) return refusalOf(HttpError.full(error))
  if (error instanceof HttpError && error.status !== 500) return { code: error.code, explanation: error.explanation }
  if (error instanceof LineLost) {
    return {
      code: 'callNotFound',
      explanation: 'The call ended, or another page took it, while it was being connected.',
    }
  }
  return undefined
}
