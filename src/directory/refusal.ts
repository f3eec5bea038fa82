/** A change of the directory that cannot be made. */

/** Thrown when a change is refused; the message is a sentence that says what is missing and what to do. */
export class DirectoryRefusal extends Error {
  override readonly name = 'DirectoryRefusal'
  /** `conflict`: not as things stand now; `full`: there are too many already. */
  readonly kind: 'notFound' | 'invalid' | 'conflict' | 'full'

  constructor(kind: DirectoryRefusal['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}
