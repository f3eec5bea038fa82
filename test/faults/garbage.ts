/** What is thrown at the server: valid things that were spoilt in one to three places, and things that never were valid. */
import fc from 'fast-check'
import type { AnyJson } from '../support/any-json.ts'

const LONG = 'a'.repeat(5000)

/** Texts that have broken servers before. */
export const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    '\udfff\ud800',
    '\ufeff',
    '\u202e',
    'é'.repeat(300),
    '😀'.repeat(300),
    LONG,

    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'then',
    'null',
    'undefined',
    'NaN',
    '[object Object]',

    '..',
    '../../etc',
    '%',
    '%00',
    '%zz',
    '\r\nx: y',
    '"',
    "' OR 1=1 --",
    '${7*7}',
    '{{7*7}}',
    '<script>',
    '*',
    '\\',

    '00000000-0000-0000-0000-000000000000',
    '00000000000000000000000000000000',
    '+1',
    '1e400',
    '-0',
    'PT60S',
    '-5s',
    'https://[',
    'http://',
    'https://a:99999',
    'ftp:///x',
    'javascript:1',
    '//127.0.0.1',
    'http://[::1',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

/** Stands for text that `JSON.stringify` cannot write: replaced once the body is text. */
const RAW: Readonly<Record<string, string>> = {
  '@raw:huge': '1e999',
  '@raw:tiny': '-1e-999',
  '@raw:digits': '9'.repeat(400),
  '@raw:deep': `${'['.repeat(5000)}${']'.repeat(5000)}`,
  '@raw:deeper': `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`,
}

/** Values of the wrong type, or of the right one and wrong all the same. */
export const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: nastyText },
  fc.constantFrom<unknown>(null, true, false, 0, -1, 0.5, 2 ** 53, -(2 ** 31), 1e308, [], {}, [[]], [null], [{}]),
  fc.constantFrom(...Object.keys(RAW)),
  fc.constantFrom<unknown>({ length: -1 }, { toString: 1 }, { valueOf: null }, { $id: '1' }, { '': '' }),
  fc.constant(Array.from({ length: 1200 }, () => ({}))),
  fc.jsonValue({ maxDepth: 3 }),
)

/** One change of a JSON document. */
interface Edit {
  /** Which of its places; taken modulo their number. */
  readonly place: number
  readonly how: 'replace' | 'remove' | 'rename' | 'wrap' | 'repeat'
  readonly value: unknown
}

const edit: fc.Arbitrary<Edit> = fc.record({
  place: fc.nat(1000),
  how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'rename', 'wrap', 'repeat'),
  value: nastyValue,
})

/** How the finished text is spoilt. */
const scrawl: fc.Arbitrary<(text: string) => string> = fc.oneof(
  { weight: 6, arbitrary: fc.constant((text: string) => text) },
  fc.constantFrom<(text: string) => string>(
    (text) => text.replace('{', '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},'),
    (text) => text.replace(/^\{("\w+":)/, '{$1null,$1'),
    (text) => text.replace(/\}$/, ',}'),
    (text) => `\ufeff${text}`,
    (text) => `${text}${text}`,
    (text) => `${' '.repeat(10_000)}${text}`,
    (text) => text.replaceAll('"', "'"),
    (text) => text.replace('"', '"\0'),
  ),
  fc.nat(500).map((length) => (text: string) => text.slice(0, length)),
)

/** A valid body, spoilt; and the bytes as they are sent. */
export function spoiltBody(valid: unknown): fc.Arbitrary<Buffer> {
  const edited = fc
    .tuple(fc.array(edit, { minLength: 0, maxLength: 3 }), scrawl)
    .map(([edits, spoil]) => Buffer.from(spoil(write(edits.reduce(apply, structuredClone(valid))))))
  return fc.oneof(
    { weight: 12, arbitrary: edited },
    { weight: 2, arbitrary: nastyValue.map((value) => Buffer.from(write(value))) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        Buffer.alloc(0),
        Buffer.alloc(1_100_000, '['),
        Buffer.from(`"${'x'.repeat(1_100_000)}"`),
        Buffer.from(`${'['.repeat(500_000)}${']'.repeat(500_000)}`),
        Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
      ),
    },
  )
}

/** A form, spoilt. */
export function spoiltForm(valid: Readonly<Record<string, string>>): fc.Arbitrary<Buffer> {
  const pair = fc.tuple(fc.oneof(fc.constantFrom(...Object.keys(valid)), nastyText), nastyText)
  return fc.oneof(
    { weight: 8, arbitrary: fc.array(pair, { maxLength: 3 }).map((pairs) => Buffer.from(formOf(valid, pairs))) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: fc.constantFrom(Buffer.alloc(20_000, 'a='), Buffer.from('%&%=%zz&=&'), Buffer.alloc(0)) },
  )
}

function formOf(valid: Readonly<Record<string, string>>, pairs: readonly (readonly [string, string])[]): string {
  const form = new URLSearchParams(valid)
  for (const [index, [name, value]] of pairs.entries()) {
    if (index === 0) form.append(name, value)
    else form.set(name, value)
  }
  return form.toString()
}

/** A segment of a path that names nothing, as it stands in the request line. */
export const nastySegment: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '%',
    '%zz',
    '%E0%A4%A',
    '%00',
    '%2e%2e',
    '..',
    '.',
    '%2F',
    '%5c',
    '%C0%AF',
    '*',
    '~',
    '()',
    "a'b",
    ':callId',
    '$count',
    '%F0%9F%98%80',
    'a'.repeat(600),
    '%41'.repeat(600),
    '0'.repeat(32),
    '-'.repeat(36),
  ),
  nastyText.map((text) => encodeURIComponent(text.toWellFormed()).slice(0, 2000)),
)

/** What is done to a path as a whole. */
export const twist: fc.Arbitrary<(path: string) => string> = fc.oneof(
  { weight: 8, arbitrary: fc.constant((path: string) => path) },
  fc.constantFrom<(path: string) => string>(
    (path) => path.replaceAll('/', '//'),
    (path) => `${path}/`,
    (path) => `${path}///`,
    (path) => `/${path}`,
    (path) => path.toUpperCase(),
    (path) => path.replace(/\/([^/]*)$/, '/microsoft.graph.$1'),
    (path) => `${path}/microsoft.graph.`,
    (path) => `${path}/../..`,
    (path) => `/x/..${path}`,
    (path) => `${path};a=b`,
    (path) => `${path}#fragment`,
    (path) => `http://127.0.0.1:1${path}`,
    (path) => `${path}/${'x'.repeat(4000)}`,
  ),
)

/** The query, with its question mark. */
export const query: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.constant('') },
  fc.constantFrom(
    '?',
    '??',
    '?&&&',
    '?%',
    '?=',
    '?$select=',
    '?$select=state,id',
    '?$select=*',
    '?$select=%',
    '?$select=a&$select=b',

    '?$select=__proto__',
    '?__proto__=1',
    '?constructor=1&toString=2',
    '?$filter=x',
    '?$expand=participants',
    '?$top=-1',

    '?limit=0',
    '?limit=1e9',
    '?limit=NaN',
    '?limit=1&limit=2',
    '?ended=maybe',
    '?callId=%00',
    '?appId=x',
    '?state=lost',
    `?${'a=b&'.repeat(1500)}`,
    `?$select=${'x,'.repeat(2000)}`,
  ),
  nastyText.map((text) => `?$select=${encodeURIComponent(text.toWellFormed()).slice(0, 2000)}`),
)

/** Headers beside the ones that are needed. */
export const headers: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom(
    'content-type',
    'accept',
    'client-request-id',
    'scenario-id',
    'idempotency-key',
    'repeatability-request-id',
    'prefer',
    'origin',
    'sec-fetch-site',
    'x-forwarded-for',
    'x-http-method-override',
    'if-match',
    'range',
    'cookie',
    'te',
    'accept-encoding',
    'expect-ct',
    'content-encoding',
    'content-language',
    'odata-version',
    'host',
  ),
  fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      'application/json',
      'application/json; charset=utf-16',
      'application/json;;;',
      'text/plain',
      'application/xml',

      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
      '*/*',
      '/',
      ';',
      'APPLICATION/JSON',
      'gzip',
      'null',
      'https://evil.example',
      'cross-site',
      'DELETE',
      'bytes=0-',
      LONG,
    ),
    fc.string({ maxLength: 60 }).filter((text) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text)),
  ),
  { maxKeys: 2 },
)

/** Performs one edit on a JSON document. */
function apply(document: unknown, { place, how, value }: Edit): unknown {
  const box: AnyJson = { root: document }
  const places = placesOf(box)
  const [holder, key] = places[place % places.length] ?? [box, 'root']
  const copy = structuredClone(value)
  if (how === 'replace') holder[key] = copy
  else if (how === 'remove') delete holder[key]
  else if (how === 'wrap') holder[key] = [holder[key]]
  else if (how === 'repeat') holder[key] = Array.from({ length: 7 }, () => structuredClone(holder[key]))
  else holder[typeof value === 'string' ? value : 'other'] = holder[key]
  return box.root
}

/** Every value in a document, as what holds it and under which key. */
function placesOf(holder: AnyJson): (readonly [AnyJson, string])[] {
  return Object.keys(holder).flatMap((key) => {
    const value = holder[key]
    return [[holder, key] as const, ...(typeof value === 'object' && value !== null ? placesOf(value) : [])]
  })
}

function write(document: unknown): string {
  const text = JSON.stringify(document) ?? ''
  return text.replaceAll(/"(@raw:\w+)"/g, (_, name: string) => RAW[name] ?? '')
}
