import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import { endReasons } from '../calls/reasons.ts'
import { callingErrors } from './calling-errors.ts'
import { codes, findCodes, nearestCodes } from './codes.ts'
import { deliveryFaults } from './delivery-faults.ts'
import { knownCodes } from './known-codes.ts'
import { tokenErrors } from './token-errors.ts'
import { wordErrors } from './word-errors.ts'

/** The source without the tables themselves and without tests: whoever sends a code, names it there. */
const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !/\.(test|suite)\.ts$|^codes\/|-reasons\.ts$/.test(path))
  .map((path) => readFileSync(`src/${path}`, 'utf8'))
  .join('\n')

const named = (text: string): boolean => new RegExp(`'${text}'|"${text}"`).test(source)

describe('the table of codes', () => {
  it('a reason that the rules of calls give is named in the source, and one that only scripts give is not', () => {
    for (const [name, { sent }] of Object.entries(endReasons)) {
      const hint = sent === 'rules' ? 'mark it as sent by scripts alone, or remove it' : 'mark it as sent by the rules'
      assert.equal(named(name), sent === 'rules', `${name}: ${hint}`)
    }
  })

  it('every code of a refusal has a sender', () => {
    for (const code of [...Object.keys(callingErrors), ...Object.keys(wordErrors)]) {
      assert.ok(named(code), `nothing sends ${code}: move it to known-codes.ts, or remove it`)
    }
    for (const code of Object.keys(tokenErrors)) {
      assert.match(source, new RegExp(`\\b${code}\\b`), `nothing sends AADSTS${code}: remove it`)
    }
  })

  it('a refusal comes with a status that its row names', () => {
    const rows: Readonly<Record<string, { readonly statuses: readonly number[] }>> = { ...callingErrors, ...wordErrors }
    const sent = [...source.matchAll(/(?:new HttpError|\brefusal)\(\s*(\d{3}),\s*'(\w+)'/g)]
    assert.ok(sent.length > 30, 'the pattern should find the refusals of the source')
    for (const [, status, code] of sent) {
      const row = rows[code ?? '']
      assert.ok(row?.statuses.includes(Number(status)), `add status ${status} to the row of ${code}`)
    }
  })

  it('a code that is sent is not among those that are not', () => {
    const sent = new Set(
      codes
        .filter(({ place }) => place !== 'unsent')
        .flatMap(({ codes: all, subcode }) => all.map((code) => `${code}/${subcode}`)),
    )
    for (const { code, subcode } of knownCodes) {
      assert.ok(
        code === undefined || !sent.has(`${code}/${subcode}`),
        `${code}/${subcode} is sent: remove it from known-codes.ts`,
      )
      assert.ok(!Object.hasOwn(callingErrors, String(subcode)), `${subcode} is sent: remove it from known-codes.ts`)
    }
  })

  it('every row says something in each place, in words that fit a sentence', () => {
    const rows = [endReasons, callingErrors, wordErrors, tokenErrors, deliveryFaults].flatMap((table) =>
      Object.entries(table),
    )
    for (const [name, { text, when, todo }] of rows) {
      for (const part of [text, when, todo]) {
        assert.ok(part.length > 5 && !/[.|]$|\|/.test(part), `${name}: "${part}"`)
      }
      assert.match(todo, /^[A-Z]/, `${name}: what to do is a sentence`)
    }
  })
})

describe('looking a code up', () => {
  const names = (text: string): string[] => findCodes(text).map(({ label, name }) => `${label} ${name}`)

  it('by subcode, code and subcode, name, or the number after AADSTS', () => {
    assert.deepEqual(names('8537'), ['408/8537 keepalive-timeout'])
    assert.deepEqual(names('410/301005'), ['410/301005 media-lost'])
    assert.deepEqual(names('DiagCode: 410#301005.@'), ['410/301005 media-lost'])
    assert.deepEqual(names('Callee-Busy'), ['486/8539 callee-busy'])
    assert.deepEqual(names('AADSTS7000215'), ['AADSTS7000215 AADSTS7000215'])
    assert.deepEqual(names('7000215'), ['AADSTS7000215 AADSTS7000215'])
    assert.deepEqual(names('invalidauthenticationtoken'), ['401/InvalidAuthenticationToken InvalidAuthenticationToken'])
    assert.deepEqual(names('ECONNREFUSED'), ['ECONNREFUSED ECONNREFUSED'])
    assert.deepEqual(names('8536'), ['400/8536 prompt-download-failed'])
    assert.deepEqual(names('8541'), ['8541 8541'])
  })

  it('everything that has the number', () => {
    assert.deepEqual(names('8501'), ['400/8501 replace-not-established', '400/8501 8501'])
    assert.deepEqual(names('408').slice(0, 2), ['408/560408 pstn-timeout', '408/10057 callee-setup-timeout'])
    assert.deepEqual(names('403/8537'), [])
  })

  it('the nearest to one that is none', () => {
    assert.equal(nearestCodes('calee-bussy', 1)[0]?.name, 'callee-busy')
    assert.equal(nearestCodes('8573', 3).length, 3)
    assert.equal(nearestCodes('x'.repeat(100_000), 2).length, 2)
  })
})
