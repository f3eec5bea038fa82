/**
 * Writes on their way to the thread: one flat list, and of each statement's text only a number once the thread knows it.
 * Copying between threads costs by the object and by the letter, and it is the same few texts again and again.
 */
import type { SQLInputValue } from 'node:sqlite'
import type { Statement } from './statement.ts'

/** Writes as they go from thread to thread. */
export interface Packed {
  /** Texts that are new; numbers go on from those before. */
  readonly texts: readonly string[]
  /**
   * Each write as the number of its statements, and these after it; a statement as the number of its text, that of the text
   * which says why it fails if it changes no row (null if it may), the number of its values, and these.
   */
  readonly items: readonly SQLInputValue[]
}

/** The sender's side. */
export class Packer {
  readonly #numbers = new Map<string, number>()

  pack(writes: readonly (readonly Statement[])[]): Packed {
    const texts: string[] = []
    const items: SQLInputValue[] = []
    for (const write of writes) {
      items.push(write.length)
      for (const { sql, values, orConflict } of write) {
        const why = orConflict === undefined ? null : this.#numberOf(orConflict, texts)
        items.push(this.#numberOf(sql, texts), why, values.length, ...values)
      }
    }
    return { texts, items }
  }

  #numberOf(text: string, added: string[]): number {
    let number = this.#numbers.get(text)
    if (number === undefined) {
      number = this.#numbers.size
      this.#numbers.set(text, number)
      added.push(text)
    }
    return number
  }
}

/** The receiver's side: it must get everything that its sender packs, in order. */
export class Unpacker {
  readonly #texts: string[] = []

  unpack({ texts, items }: Packed): readonly (readonly Statement[])[] {
    this.#texts.push(...texts)
    const writes: Statement[][] = []
    let at = 0
    while (at < items.length) {
      const write: Statement[] = []
      for (let left = Number(items[at++]); left > 0; left--) {
        const [text, why, count] = [items[at], items[at + 1], Number(items[at + 2])]
        at += 3 + count
        const values = items.slice(at - count, at)
        const sql = this.#textOf(text)
        write.push(why === null ? { sql, values } : { sql, values, orConflict: this.#textOf(why) })
      }
      writes.push(write)
    }
    return writes
  }

  #textOf(number: SQLInputValue | undefined): string {
    const text = this.#texts[Number(number)]
    if (text === undefined) throw new Error('a statement came whose text never came')
    return text
  }
}
