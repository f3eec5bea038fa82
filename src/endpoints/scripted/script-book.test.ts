import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Address } from '../../calls/identity.ts'
import { ScriptBook } from './script-book.ts'
import { defaultScript, parseScript } from './script.ts'
import type { Script } from './script.ts'

const ADA: Address = { kind: 'user', id: 'ada', tenantId: 't' }
const BEN: Address = { kind: 'user', id: 'ben', tenantId: 't' }

/** A store of scripts that is a map, and can fail. */
function shelf(kept = new Map<string, unknown>()) {
  return {
    kept,
    broken: false,
    scripts: () => Promise.resolve(new Map(kept)),
    saveScript(key: string, script: unknown): Promise<void> {
      if (this.broken) return Promise.reject(new Error('the disk is full'))
      if (script === undefined) kept.delete(key)
      else kept.set(key, script)
      return Promise.resolve()
    },
  }
}

function read(given: unknown): Script {
  const parsed = parseScript(given)
  assert.ok(parsed.ok)
  return parsed.script
}

const fallback = (): Script => defaultScript
const busy = { busy: {} }
const ignore = { ignore: null }

test('a script that is set applies to its person, until it is taken back', async () => {
  const store = shelf()
  const book = new ScriptBook(store, fallback, 10)
  assert.deepEqual(book.scriptOf(ADA), defaultScript)
  assert.equal(await book.set('ada', busy, read(busy)), true)
  assert.deepEqual([book.scriptOf(ADA).outcome, book.scriptOf(BEN).outcome], ['busy', 'answer'])
  assert.deepEqual([...book.list()], [['ada', busy]])
  assert.deepEqual([...store.kept], [['ada', busy]])
  assert.equal(await book.remove('ada'), true)
  assert.equal(await book.remove('ada'), false)
  assert.deepEqual([book.scriptOf(ADA), [...store.kept]], [defaultScript, []])
})

test('what was kept is read, as it was given; what cannot be read any more is left out', async () => {
  const book = new ScriptBook(
    shelf(
      new Map<string, unknown>([
        ['ada', ignore],
        ['ben', { dance: {} }],
      ]),
    ),
    fallback,
    10,
  )
  await book.load()
  assert.equal(book.scriptOf(ADA).outcome, 'ignore')
  assert.deepEqual(book.scriptOf(BEN), defaultScript)
  assert.deepEqual([...book.list()], [['ada', ignore]])
})

test('there can be so many scripts; one that is there can be replaced all the same', async () => {
  const store = shelf()
  const book = new ScriptBook(store, fallback, 1)
  assert.equal(await book.set('ada', busy, read(busy)), true)
  assert.equal(await book.set('ben', busy, read(busy)), false)
  assert.equal(await book.set('ada', ignore, read(ignore)), true)
  assert.deepEqual([...store.kept], [['ada', ignore]])
})

test('what could not be kept does not apply', async () => {
  const store = shelf()
  const book = new ScriptBook(store, fallback, 10)
  await book.set('ben', ignore, read(ignore))
  store.broken = true
  await assert.rejects(book.set('ada', busy, read(busy)), /the disk is full/)
  await assert.rejects(book.set('ben', busy, read(busy)), /the disk is full/)
  await assert.rejects(book.remove('ben'), /the disk is full/)
  assert.deepEqual([book.scriptOf(ADA).outcome, book.scriptOf(BEN).outcome], ['answer', 'ignore'])
})

test('forgotten: here, and not in the store', async () => {
  const store = shelf()
  const book = new ScriptBook(store, fallback, 10)
  await book.set('ada', busy, read(busy))
  book.forget()
  assert.deepEqual([book.scriptOf(ADA), [...book.list()], store.kept.size], [defaultScript, [], 1])
})
