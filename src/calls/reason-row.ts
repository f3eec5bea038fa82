/** How sure it is that the real service means the same by a code. */
export type CodeSource =
  /** A page of Microsoft Graph or Entra says so. */
  | 'documented'
  /** The real service was seen to send it; no page tells of it. */
  | 'observed'
  /** The documentation of its sister product, Azure Communication Services, says so. */
  | 'sister'
  /** Chosen here: nothing that is published says what the real service does. */
  | 'own'

/** One row of the table of reasons: all that pages, answers and explanations say of it. */
export interface ReasonRow {
  /** `resultInfo.code`, an HTTP-like or SIP-like number. */
  readonly code: number
  /** `resultInfo.subcode`. */
  readonly subcode: number
  /** What it means: a clause that completes "the call ended because ..." or "... did not join because ...". */
  readonly text: string
  /** The published message, word for word, if there is one. */
  readonly message?: string
  /** What makes Rollcall say so, as a clause: "nothing answered within `ringTimeout`". */
  readonly when: string
  /** What whoever reads it can do about it: a sentence without its full stop. */
  readonly todo: string
  readonly source: CodeSource
  /** Who says so: the rules of calls, or somebody's script alone, with `{"fail": {"reason": "..."}}`. */
  readonly sent: 'rules' | 'scripts'
}
