import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compactVerify, createLocalJWKSet, decodeProtectedHeader } from 'jose'
import { virtualClock, type VirtualClock } from '../runtime.ts'
import { KeyRing, type JsonWebKeySet, type KeyStore, type StoredKey } from './keys.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const durations = { rotateEvery: 30 * DAY, overlap: DAY, tokenLifetime: HOUR }

/** Keeps keys as JSON, as a database does. */
function memoryStore(): KeyStore & { saved: StoredKey[] } {
  return {
    saved: [],
    loadKeys() {
      return Promise.resolve(this.saved)
    },
    saveKeys(keys) {
      this.saved = JSON.parse(JSON.stringify(keys)) as StoredKey[]
      return Promise.resolve()
    },
  }
}

async function wind(clock: VirtualClock, milliseconds: number): Promise<void> {
  await clock.advance(milliseconds, () => Promise.resolve())
}

async function kids(ring: KeyRing): Promise<(string | undefined)[]> {
  return (await ring.jwks()).keys.map((key) => key.kid)
}

async function signer(ring: KeyRing): Promise<string | undefined> {
  return decodeProtectedHeader(await ring.sign({})).kid
}

/** Fails unless `token` verifies with a published set, as a stranger would verify it. */
async function verify(token: string, set: JsonWebKeySet): Promise<void> {
  await compactVerify(token, createLocalJWKSet({ keys: [...set.keys] }))
}

test('the first key signs at once, and verifies from the published set', async () => {
  const ring = await KeyRing.open({ ...durations, store: memoryStore(), clock: virtualClock(0) })
  const token = await ring.sign({ hello: 'world' })
  const header = decodeProtectedHeader(token)
  assert.deepEqual(header, { typ: 'JWT', alg: 'RS256', kid: (await kids(ring))[0] })
  await verify(token, await ring.jwks())
  assert.ok(await ring.key(header.kid ?? ''))
  assert.equal(await ring.key('another'), undefined)
})

test('the published set holds nothing private', async () => {
  const ring = await KeyRing.open({ ...durations, store: memoryStore(), clock: virtualClock(0) })
  const [key] = (await ring.jwks()).keys
  assert.deepEqual(Object.keys(key ?? {}).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use'])
  assert.equal(Buffer.from(key?.n ?? '', 'base64url').length, 256)
})

test('keys survive a restart', async () => {
  const store = memoryStore()
  const clock = virtualClock(0)
  const before = await KeyRing.open({ ...durations, store, clock })
  const token = await before.sign({})
  const after = await KeyRing.open({ ...durations, store, clock })
  assert.deepEqual(await after.jwks(), await before.jwks())
  await verify(token, await after.jwks())
})

test('a successor is published before it signs, and the old key after it signed', async () => {
  const clock = virtualClock(0)
  const store = memoryStore()
  const ring = await KeyRing.open({ ...durations, store, clock })
  const [first] = await kids(ring)

  await wind(clock, 30 * DAY - 1)
  assert.deepEqual(await kids(ring), [first])
  await wind(clock, 1)
  const [, second] = await kids(ring)
  assert.notEqual(second, undefined)
  assert.deepEqual(
    store.saved.map((key) => key.kid),
    [first, second],
  )

  await wind(clock, DAY - 1)
  assert.equal(await signer(ring), first)
  await wind(clock, 1)
  assert.equal(await signer(ring), second)

  await wind(clock, HOUR + DAY - 1)
  assert.deepEqual(await kids(ring), [first, second])
  await wind(clock, 1)
  assert.deepEqual(await kids(ring), [second])
  assert.equal(await ring.key(first ?? ''), undefined)
  assert.deepEqual(
    store.saved.map((key) => key.kid),
    [second],
  )
})

test('a token verifies throughout its life, with a set as old as the overlap', async () => {
  const clock = virtualClock(0)
  const options = { rotateEvery: 4 * HOUR, overlap: 2 * HOUR, tokenLifetime: HOUR }
  const ring = await KeyRing.open({ ...options, store: memoryStore(), clock })
  const step = HOUR / 2
  const sets: JsonWebKeySet[] = []
  const tokens: string[] = []
  for (let hour = 0; hour < 20; hour++) {
    sets.push(await ring.jwks())
    tokens.push(await ring.sign({ hour }))
    const cached = sets[Math.max(0, sets.length - 1 - options.overlap / step)] as JsonWebKeySet
    const oldest = tokens[Math.max(0, tokens.length - 1 - options.tokenLifetime / step)] as string
    // The newest token against the oldest cache, and the oldest token against the newest set and the oldest cache.
    await verify(tokens.at(-1) as string, cached)
    await verify(oldest, sets.at(-1) as JsonWebKeySet)
    await verify(oldest, cached)
    assert.ok((sets.at(-1)?.keys.length ?? 9) <= 3)
    await wind(clock, step)
  }
})

test('after a long sleep the old key signs until its successor is known', async () => {
  const clock = virtualClock(0)
  const store = memoryStore()
  const old = await signer(await KeyRing.open({ ...durations, store, clock }))
  await wind(clock, 365 * DAY)
  const ring = await KeyRing.open({ ...durations, store, clock })
  assert.equal((await kids(ring)).length, 2)
  assert.equal(await signer(ring), old)
  await wind(clock, DAY)
  assert.notEqual(await signer(ring), old)
})

test('uses at the same moment make one successor', async () => {
  const clock = virtualClock(0)
  const ring = await KeyRing.open({ ...durations, store: memoryStore(), clock })
  await wind(clock, 30 * DAY)
  const sets = await Promise.all([ring.jwks(), ring.jwks(), ring.sign({}), ring.jwks()])
  assert.deepEqual(sets[0], sets[3])
  assert.equal((await kids(ring)).length, 2)
})

test('a key that could not be kept is not used', async () => {
  const clock = virtualClock(0)
  const store = memoryStore()
  const ring = await KeyRing.open({ ...durations, store, clock })
  const [first] = await kids(ring)
  await wind(clock, 30 * DAY)
  const save = store.saveKeys.bind(store)
  store.saveKeys = () => Promise.reject(new Error('disk full'))
  await assert.rejects(ring.jwks(), /disk full/)
  store.saveKeys = save
  const [kept, second] = await kids(ring)
  assert.equal(kept, first)
  assert.equal(store.saved.at(-1)?.kid, second)
})

test('a stored key of another kind is refused by name', async () => {
  const store = memoryStore()
  store.saved = [{ kid: 'odd', createdAt: 0, privateJwk: { kty: 'oct', k: 'AAAA' } }]
  await assert.rejects(KeyRing.open({ ...durations, store, clock: virtualClock(0) }), /key odd is not an RSA key/)
})
