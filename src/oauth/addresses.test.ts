import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressUsed, ownAddresses } from './addresses.ts'

test('a server on loopback goes by every name of loopback', () => {
  assert.deepEqual(ownAddresses('https://127.0.0.1:8080/'), [
    'https://127.0.0.1:8080',
    'https://localhost:8080',
    'https://[::1]:8080',
  ])
  assert.deepEqual(ownAddresses('http://[::1]:1/base'), [
    'http://[::1]:1/base',
    'http://localhost:1/base',
    'http://127.0.0.1:1/base',
  ])
})

test('any other server goes by its one name', () => {
  assert.deepEqual(ownAddresses('https://rollcall.example/'), ['https://rollcall.example'])
})

for (const [host, base, used] of [
  ['localhost:8080', 'https://127.0.0.1:8080', 'https://localhost:8080'],
  ['LOCALHOST', 'https://127.0.0.1', 'https://localhost'],
  ['localhost:9000', 'https://127.0.0.1:8080', 'https://127.0.0.1:8080'],
  ['localhost:8080', 'https://rollcall.example', 'https://rollcall.example'],
  ['evil.example', 'https://127.0.0.1:8080', 'https://127.0.0.1:8080'],
  [undefined, 'https://127.0.0.1:8080', 'https://127.0.0.1:8080'],
] as const) {
  test(`who asks ${host} of ${base} is led to ${used}`, () => assert.equal(addressUsed(host, base), used))
}
