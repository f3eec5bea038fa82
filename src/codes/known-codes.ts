import type { CodeSource } from '../calls/reason-row.ts'

/** A code that is published or was seen, and that Rollcall does not send: bots meet it at the real service. */
export interface KnownCode {
  /** `resultInfo.code`, or the HTTP status, where it is known. */
  readonly code?: number
  /** `resultInfo.subcode`, or `error.code`. */
  readonly subcode: number | string
  /** What it means, as a clause. */
  readonly text: string
  readonly source: CodeSource
}

/** `[code, subcode, text]`: what the pages of Graph tell of ends of calls and results of operations. */
const documented: readonly (readonly [number, number, string])[] = [
  [200, 5000, 'another participant removed the application'],
  [200, 5007, 'whoever began the call left'],
  [200, 5012, 'nobody was on the roster of the incoming call'],
  [200, 5014, 'nobody was left who could host the meeting'],
  [200, 5020, 'no visible participant was left'],
  [200, 5030, 'the time of the breakout room was over'],
  [200, 10550, 'the application ended the call'],
  [200, 18503, 'the other side of the peer-to-peer call left'],
  [500, 0, 'the invitation failed; the message had "code=580 subcode=5201" (2019)'],
]

/** What the real service was seen to send. */
const observed: readonly KnownCode[] = [
  { code: 403, subcode: 10151, text: 'an application without a number invited a phone', source: 'observed' },
  { code: 500, subcode: 7112, text: 'a participant could not be added to the mixer', source: 'observed' },
  { code: 500, subcode: 3002, text: 'the service failed', source: 'observed' },
  { code: 3003, subcode: 7106, text: 'the service failed', source: 'observed' },
  { code: 500, subcode: '9999', text: 'the service failed: "Unkown internal Server Error."', source: 'observed' },
  { code: 500, subcode: 'UnknownError', text: 'the service failed', source: 'observed' },
]

/** Subcodes of the sister product, with the HTTP status that goes with them there, if one does. */
const sister: readonly (readonly [subcode: number, text: string, code?: number])[] = [
  [7500, 'this kind of Entra id is not supported'],
  [7501, 'the token is not valid'],
  [7502, 'the application has no access'],
  [8502, 'the application has no participant id yet'],
  [8503, 'the audio is not active'],
  [8505, 'several participants were named with a call to be replaced'],
  [8517, 'the tenants do not match'],
  [8520, 'the operation is not implemented', 405],
  [8521, 'the call was forwarded too often'],
  [8528, 'the call was terminated', 400],
  [8531, 'tones: the maximum was received'],
  [8532, 'tones: the time between two was too long'],
  [8533, 'tones: an option was detected'],
  [8534, 'tones: the stop tone was pressed'],
  [8541, 'the callee is not available'],
  [8543, 'the callee does not exist'],
  [8544, 'the callee cannot be reached'],
  [8552, 'the organizer cannot be removed'],
  [8559, 'this single number is being dialled already'],
  [8583, 'a condition that the request made does not hold', 412],
  [8586, 'the application did not acknowledge'],
]

/** Every code that Rollcall knows and does not send. When a part of the product begins to send one, its row moves there. */
export const knownCodes: readonly KnownCode[] = [
  ...documented.map(([code, subcode, text]) => ({ code, subcode, text, source: 'documented' as const })),
  ...observed,
  ...sister.map(([subcode, text, code]) => ({
    subcode,
    text,
    source: 'sister' as const,
    ...(code !== undefined && { code }),
  })),
]
