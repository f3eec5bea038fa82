import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { MediaInfo } from '../calls/media.ts'
import { reasonText } from '../calls/reasons.ts'
import type { Config } from '../config.ts'
import { defaultConfig } from '../config.ts'
import type { Lookup } from '../outbound/connector.ts'
import { createDestinations } from '../outbound/destinations.ts'
import { Activity, virtualClock } from '../runtime.ts'
import type { VirtualClock } from '../runtime.ts'
import type { FileServer } from './media.suite.ts'
import { spokenWav, startFileServer } from './media.suite.ts'
import type { PromptLimits } from './prompts.ts'
import { Prompts } from './prompts.ts'
import { writeWav } from './wav.ts'

const HOUR = 3_600_000

/** Prompts, and a server that has `/a.wav` of one second. */
class Bench {
  readonly clock: VirtualClock = virtualClock(Date.UTC(2026, 0, 1))
  readonly server: FileServer
  readonly prompts: Prompts

  constructor(
    t: TestContext,
    server: FileServer,
    limits: Partial<PromptLimits>,
    config: Partial<Config> = {},
    lookup?: Lookup,
  ) {
    this.server = server
    server.files.set('/a.wav', spokenWav(1))
    this.prompts = new Prompts({
      clock: this.clock,
      activity: new Activity(),
      limits: {
        size: 1_000_000,
        timeout: 15_000,
        redirects: 2,
        downloads: 4,
        queue: 10,
        cacheSize: 100_000,
        cacheLifetime: HOUR,
        ...limits,
      },
      userAgent: 'Rollcall/test',
      destinations: createDestinations({
        config: defaultConfig(config),
        hostsOf: () => undefined,
        ...(lookup && { lookup }),
      }),
    })
    t.after(async () => {
      this.clock.stop()
      await this.prompts.close()
    })
  }

  redirect(path: string, location: string): void {
    this.server.files.set(path, (_request, response) => void response.writeHead(302, { location }).end())
  }

  async get(path: string, resourceId?: string): Promise<string> {
    return this.outcome({
      uri: path.startsWith('/') ? this.server.url + path : path,
      ...(resourceId && { resourceId }),
    })
  }

  async outcome(media: MediaInfo): Promise<string> {
    const prompt = await this.prompts.get(media)
    if (prompt.ok) return `${prompt.sound.duration} ms`
    return `${prompt.reason.name}: ${reasonText(prompt.reason).replace(this.server.url, '')}`
  }
}

async function open(
  t: TestContext,
  limits: Partial<PromptLimits> = {},
  config: Partial<Config> = {},
  lookup?: Lookup,
): Promise<Bench> {
  return new Bench(t, await startFileServer(t), limits, config, lookup)
}

test('a prompt is fetched with who asks, and no credentials', async (t) => {
  const bench = await open(t)
  let headers: NodeJS.Dict<string | string[]> = {}
  bench.server.files.set('/b.wav', (request, response) => {
    headers = request.headers
    response.end(spokenWav(0.5))
  })
  assert.equal(await bench.get('/b.wav'), '500 ms')
  assert.equal(headers['user-agent'], 'Rollcall/test')
  assert.equal(headers.authorization, undefined)
})

const failing: [title: string, path: string, problem: string][] = [
  ['what is not there', '/none.wav', 'the prompt /none.wav cannot be fetched: the answer was 404'],
  ['what is not of the right kind', '/text', 'the prompt /text cannot be played: it is not a WAV file'],
  [
    'what is too large',
    '/large.wav',
    'the prompt /large.wav cannot be fetched: it is larger than 1000000 bytes (option promptSizeLimit)',
  ],
  [
    'what is sent round in a circle',
    '/circle',
    'the prompt /circle cannot be fetched: it was redirected more than 2 times (option promptRedirects)',
  ],
  [
    'what is redirected elsewhere by http',
    '/elsewhere',
    'the prompt /elsewhere cannot be fetched: it was redirected to http://bot.example, but its address must be https; plain http is for this machine in development, or for --profile open',
  ],
  [
    'another host by http',
    'http://bot.example/a.wav',
    'the prompt http://bot.example/a.wav cannot be fetched: its address must be https; plain http is for this machine in development, or for --profile open',
  ],
  [
    'another scheme',
    'file:///etc/passwd',
    'the prompt file:///etc/passwd cannot be fetched: its address must be an absolute https URL',
  ],
  ['no address', 'a.wav', 'the prompt a.wav cannot be fetched: its address must be an absolute https URL'],
  [
    'an address with a password',
    'https://ann:secret@bot.example/a.wav',
    'the prompt https://ann:secret@bot.example/a.wav cannot be fetched: its address must not hold a user name or password',
  ],
  [
    'nobody listens',
    'http://127.0.0.1:9/a.wav',
    'the prompt http://127.0.0.1:9/a.wav cannot be fetched: nothing listens at that address (ECONNREFUSED)',
  ],
  [
    'a connection that breaks',
    '/broken',
    'the prompt /broken cannot be fetched: the connection was closed before all of it came (UND_ERR_SOCKET)',
  ],
]

for (const [title, path, problem] of failing) {
  test(`fails: ${title}`, async (t) => {
    const bench = await open(t)
    bench.server.files.set('/text', Buffer.from('hello'))
    bench.server.files.set('/large.wav', Buffer.alloc(1_000_001))
    bench.server.files.set('/broken', (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('RIFF', () => response.destroy())
    })
    bench.redirect('/circle', '/circle')
    bench.redirect('/elsewhere', 'http://bot.example/a.wav')
    const name = problem.includes('played') ? 'prompt-bad-format' : 'prompt-download-failed'
    assert.equal(await bench.get(path), `${name}: ${problem}`)
  })
}

test('a redirection on the way is followed', async (t) => {
  const bench = await open(t)
  bench.redirect('/moved', '/again')
  bench.redirect('/again', `${bench.server.url}/a.wav`)
  assert.equal(await bench.get('/moved'), '1000 ms')
})

test('a redirection to another host is not followed', async (t) => {
  const bench = await open(t)
  const other = bench.server.url.replace('127.0.0.1', 'localhost')
  bench.redirect('/moved', `${other}/a.wav`)
  assert.equal(
    await bench.get('/moved'),
    `prompt-download-failed: the prompt /moved cannot be fetched: it was redirected to ${other}, which is another host or port`,
  )
})

test('in production a host must be at a public address, by name and by number', async (t) => {
  const lookup: Lookup = (_host, _options, done) => done(null, [{ address: '10.0.0.1', family: 4 }])
  const bench = await open(t, {}, { mode: 'production', profile: 'open' }, lookup)
  const [byName, byNumber] = await Promise.all([bench.get('http://bot.example/a.wav'), bench.get('/a.wav')])
  assert.match(byName, /cannot be fetched: its host is not at a public address.*ERR_ADDRESS_NOT_PUBLIC/)
  assert.match(byNumber, /cannot be fetched: its address must be at a public address in production, which 127.0.0.1/)
  assert.deepEqual(bench.server.requests, [])
})

test('a server that does not answer is waited for as long as the option says', async (t) => {
  const bench = await open(t)
  bench.server.files.set('/slow', () => undefined)
  const outcome = bench.get('/slow')
  await bench.clock.advance(15_000, () => new Promise((resolve) => setImmediate(resolve)))
  assert.equal(
    await outcome,
    'prompt-download-failed: the prompt /slow cannot be fetched: it did not come within 15 seconds (option promptTimeout)',
  )
})

test('what has a resourceId is remembered, under it and the address', async (t) => {
  const bench = await open(t)
  bench.server.files.set('/b.wav', spokenWav(0.5))
  await bench.get('/a.wav', 'one')
  await bench.get('/a.wav', 'one')
  assert.equal(await bench.get('/b.wav', 'one'), '500 ms')
  assert.deepEqual(bench.server.requests, ['GET /a.wav', 'GET /b.wav'])
  await bench.get('/a.wav', 'two')
  await bench.get('/a.wav')
  await bench.get('/a.wav')
  assert.equal(bench.server.requests.length, 5)
})

test('what was fetched ahead is there, with a resourceId and without', async (t) => {
  const bench = await open(t)
  await bench.prompts.prefetch({ uri: `${bench.server.url}/a.wav` })
  await bench.get('/a.wav')
  assert.deepEqual(bench.server.requests, ['GET /a.wav'])
})

test('it is remembered for a while, and as long as there is room', async (t) => {
  const bench = await open(t, { cacheSize: 70_000 })
  for (const id of ['one', 'two', 'three']) await bench.get('/a.wav', id)
  await bench.get('/a.wav', 'three')
  await bench.get('/a.wav', 'two')
  assert.equal(bench.server.requests.length, 3)
  await bench.get('/a.wav', 'one')
  assert.equal(bench.server.requests.length, 4, 'the oldest had to go')
  await bench.clock.advance(HOUR, () => Promise.resolve())
  await bench.get('/a.wav', 'one')
  assert.equal(bench.server.requests.length, 5, 'it was too old')
})

test('a file that is wanted twice at once is fetched once; failures are not remembered', async (t) => {
  const bench = await open(t)
  await Promise.all([bench.get('/a.wav', 'one'), bench.get('/a.wav', 'one')])
  await Promise.all([bench.get('/none', 'one'), bench.get('/none', 'one')])
  await bench.get('/none', 'one')
  assert.deepEqual(bench.server.requests, ['GET /a.wav', 'GET /none', 'GET /none'])
})

test('so many are fetched at once, and so many may wait', async (t) => {
  const bench = await open(t, { downloads: 1, queue: 1 })
  const outcomes = await Promise.all(['one', 'two', 'three'].map((id) => bench.get('/a.wav', id)))
  assert.deepEqual(outcomes, [
    '1000 ms',
    '1000 ms',
    'prompt-download-failed: the prompt /a.wav cannot be fetched: 1 downloads wait already (option promptQueueLimit)',
  ])
  assert.equal(await bench.get('/a.wav', 'three'), '1000 ms')
})

test('the shortest prompt takes a tenth of a second, so that many of them take their time', async (t) => {
  const bench = await open(t)
  bench.server.files.set('/click.wav', writeWav(Int16Array.of(20_000)))
  const prompt = await bench.prompts.get({ uri: `${bench.server.url}/click.wav` })
  assert.ok(prompt.ok)
  assert.deepEqual([prompt.sound.duration, prompt.sound.samples[0]], [100, 20_000])
})
