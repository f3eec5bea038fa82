import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAtHost, isHostEntry } from './hosts.ts'

const table: readonly (readonly [entry: string, at: readonly string[], elsewhere: readonly string[]])[] = [
  [
    'bot.example',
    ['https://bot.example/a', 'http://bot.example:8080', 'https://BOT.example'],
    ['https://a.bot.example', 'https://bot.example.evil.example', 'https://evil.example/bot.example'],
  ],
  ['bot.example:8443', ['https://bot.example:8443'], ['https://bot.example', 'https://bot.example:18443']],
  ['bot.example:80', ['http://bot.example'], ['https://bot.example']],
  ['bot.example:443', ['https://bot.example'], ['http://bot.example']],
  ['https://bot.example', ['https://bot.example/x'], ['http://bot.example', 'https://bot.example:444']],
  ['https://bot.example:444', ['https://bot.example:444'], ['https://bot.example', 'http://bot.example:444']],
  [
    '*.bot.example',
    ['https://a.bot.example', 'https://a.b.bot.example:1'],
    ['https://bot.example', 'https://abot.example', 'https://bot.example@evil.example'],
  ],
  ['127.0.0.1', ['http://2130706433', 'http://0x7f.1', 'http://0177.0.0.1'], ['http://127.0.0.2', 'http://[::1]']],
  ['[::1]:3978', ['http://[0:0::1]:3978'], ['http://[::1]']],
]

for (const [entry, at, elsewhere] of table) {
  test(`the host ${entry}`, () => {
    assert.ok(isHostEntry(entry))
    for (const url of at) assert.ok(isAtHost(new URL(url), [entry]), url)
    for (const url of elsewhere) assert.equal(isAtHost(new URL(url), [entry]), false, url)
  })
}

test('what is no host', () => {
  for (const text of ['', '*', '*.', 'a b', 'ftp://bot.example', 'bot.example/path', 'ann@bot.example', 'a*.example'])
    assert.equal(isHostEntry(text), false, text)
})

test('an empty list allows no host', () => {
  assert.equal(isAtHost(new URL('https://bot.example'), []), false)
})
