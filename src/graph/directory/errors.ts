/** Refusals of the directory's API, in the words of Graph's directory. */
import { DirectoryRefusal } from '../../directory/refusal.ts'
import { HttpError } from '../../http/http-error.ts'

/** A request that cannot be carried out as it stands. */
export function badRequest(message: string, explanation: string = message): HttpError {
  return new HttpError(400, 'Request_BadRequest', message, explanation)
}

/** Something that is not there, or in another tenant. */
export function notFound(id: string): HttpError {
  const message = `Resource '${id.slice(0, 128)}' does not exist or one of its queried reference-property objects are not present.`
  return new HttpError(
    404,
    'Request_ResourceNotFound',
    message,
    `The tenant has nothing with the id ${id.slice(0, 128)}.`,
  )
}

/** Somebody whose token does not allow it. */
export function denied(explanation: string): HttpError {
  return new HttpError(
    403,
    'Authorization_RequestDenied',
    'Insufficient privileges to complete the operation.',
    explanation,
  )
}

/** An object that would hold more than it may. */
export function tooLarge(explanation: string): HttpError {
  return new HttpError(
    403,
    'Directory_ResourceSizeExceeded',
    'The size of the object has exceeded its limit. Please reduce the number of values and retry your request.',
    explanation,
  )
}

/** What the directory refused, as an answer; anything else unchanged. */
export function fromRefusal(error: unknown): unknown {
  if (!(error instanceof DirectoryRefusal)) return error
  return error.kind === 'full' ? quotaExceeded(error.message) : badRequest(error.message)
}

function quotaExceeded(explanation: string): HttpError {
  return new HttpError(
    403,
    'Directory_QuotaExceeded',
    'The directory object quota limit for the Tenant has been exceeded. Please ask your administrator to increase the quota limit or delete objects to reduce the used quota.',
    explanation,
  )
}
