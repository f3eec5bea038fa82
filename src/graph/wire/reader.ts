/**
 * Reading JSON that came from outside, liberally where the contract is liberal (names and enum values in any case, old and
 * new names) and with an error that names the property where it is not.
 */

/** A body that does not follow the contract. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest'
}

/** An operation, or a form of one, that this server does not do. */
export class NotImplemented extends Error {
  override readonly name = 'NotImplemented'
}

/** A JSON object under reading; `path` says where it stands in the body, such as `participants[0].identity`. */
export class Reader {
  readonly path: string
  readonly #members = new Map<string, unknown>()

  constructor(value: unknown, path: string) {
    this.path = path
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new BadRequest(`${path || 'The body'} must be a JSON object, not ${nameOf(value)}.`)
    }
    for (const [name, member] of Object.entries(value)) {
      if (name === '$id' || name === '$ref' || name === '$values') {
        throw new BadRequest(
          `${this.at(name)} is metadata of a JSON serializer, which Graph refuses: turn reference preservation off.`,
        )
      }
      this.#members.set(name.toLowerCase(), member)
    }
  }

  /** The path of a member. */
  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`
  }

  /** The members that are there and begin with `prefix`, in lower case. */
  namesWith(prefix: string): readonly string[] {
    return [...this.#members.keys()].filter((name) => name.startsWith(prefix.toLowerCase()))
  }

  /** The first of these members that is there and not null. */
  value(...names: readonly string[]): unknown {
    for (const name of names) {
      const member = this.#members.get(name.toLowerCase())
      if (member !== undefined && member !== null) return member
    }
    return undefined
  }

  /** A text, if there; `most` bounds its length in characters. */
  text(names: string | readonly string[], most = 4096): string | undefined {
    const [name = '', ...others] = typeof names === 'string' ? [names] : names
    const member = this.value(name, ...others)
    if (member === undefined) return undefined
    if (typeof member !== 'string') throw new BadRequest(`${this.at(name)} must be a string, not ${nameOf(member)}.`)
    if (member.length > most) throw new BadRequest(`${this.at(name)} is longer than ${most} characters.`)
    return member
  }

  /** A boolean, if there. */
  flag(name: string): boolean | undefined {
    const member = this.value(name)
    if (member === undefined || typeof member === 'boolean') return member
    throw new BadRequest(`${this.at(name)} must be true or false, not ${nameOf(member)}.`)
  }

  /** A whole number within bounds, if there. */
  integer(name: string, least: number, most: number): number | undefined {
    const member = this.value(name)
    if (member === undefined) return undefined
    if (typeof member !== 'number' || !Number.isInteger(member) || member < least || member > most) {
      throw new BadRequest(`${this.at(name)} must be a whole number from ${least} to ${most}.`)
    }
    return member
  }

  /** One of an enumeration's values, in any case, if there. */
  choice<Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    const member = this.value(name)
    return member === undefined ? undefined : readChoice(member, this.at(name), values)
  }

  /** An object, if there. */
  object(name: string): Reader | undefined {
    const member = this.value(name)
    return member === undefined ? undefined : new Reader(member, this.at(name))
  }

  /** The elements of an array, if there; `most` bounds their number. */
  elements(names: string | readonly string[], most = 1000): readonly { value: unknown; path: string }[] | undefined {
    const [name = '', ...others] = typeof names === 'string' ? [names] : names
    const member = this.value(name, ...others)
    if (member === undefined) return undefined
    if (!Array.isArray(member)) throw new BadRequest(`${this.at(name)} must be an array, not ${nameOf(member)}.`)
    if (member.length > most) throw new BadRequest(`${this.at(name)} has more than ${most} elements.`)
    return member.map((value: unknown, index) => ({ value, path: `${this.at(name)}[${index}]` }))
  }

  /** The name after `#microsoft.graph.` in `@odata.type`, in lower case, if there. */
  odataType(): string | undefined {
    return this.text('@odata.type')
      ?.toLowerCase()
      .replace(/^#?microsoft\.graph\./, '')
  }
}

/** One of an enumeration's values, in any case. */
export function readChoice<Value extends string>(value: unknown, path: string, values: readonly Value[]): Value {
  const found = typeof value === 'string' && values.find((one) => one.toLowerCase() === value.toLowerCase())
  if (found === false || found === undefined) throw new BadRequest(`${path} must be one of ${values.join(', ')}.`)
  return found
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
