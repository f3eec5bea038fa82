/**
 * Virtual days at moderate load: what the server holds in memory, its handles and its files stay as they are once the first
 * things are past their retention. `SOAK_MINUTES=60 node test/faults/soak.test.ts` goes on for that long, and tells how it is.
 */
import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { spokenWav, startFileServer } from '../../src/media/media.suite.ts'
import { Subscriber } from '../support/subscriber.ts'
import { APPS, phone, user } from '../support/world.ts'
import { Child } from './child.ts'
import type { Measure } from './harm.ts'
import { ask, nothingPromised } from './load.ts'
import type { Asked, Workplace } from './load.ts'
import { SEED, chances } from './rounds.ts'
import { CALLS, prepare, tokenOf } from './site.ts'

const MINUTES = process.env['SOAK_MINUTES']
/** Real milliseconds, and virtual days in the short form. */
const LENGTH = MINUTES === undefined ? undefined : Number(MINUTES) * 60_000
const SHORTEST = 7
const HOURS = 24

/** Everything that is past is forgotten after a day. */
const RETENTION = {
  'call-retention': '12h',
  'call-record-retention': '1d',
  'timeline-retention': '12h',
  'delivery-retention': '12h',
  'recording-retention': '12h',
  'meeting-retention': '12h',
  'idempotency-retention': '12h',
  'operation-retention': '1h',
  'journal-size': '50',
  'token-cache-size': '10',
}

const SCRIPTS = {
  ada: { answer: { after: '2s' } },
  ben: { answer: { after: '5s', leaveAfter: '3m' } },
  cleo: { busy: { after: '3s' } },
  dov: { ignore: {} },
  eva: { answer: { after: '1s', lobby: { admitAfter: '20s' } } },
  fay: { answer: { after: '1s', say: '4s' } },
}

/** One virtual hour of several bots' work; what is left of it ends by itself. */
class Bots {
  readonly #place: Workplace
  readonly #prompt: string

  constructor(place: Workplace, prompt: string) {
    this.#place = place
    this.#prompt = prompt
  }

  async hour(): Promise<void> {
    await Promise.all([this.#group(), this.#pair(), this.#incoming(), this.#beside()])
    await this.#wind('PT40M')
    // Half of what is left ends by hanging up, the other half by its time-outs.
    const { value } = (await this.#ask('GET', '/control/calls?limit=100')).body
    for (const { calls } of value.slice(0, value.length / 2)) {
      for (const { id, live } of calls) if (live) await this.#ask('DELETE', `${CALLS}/${id}`)
    }
    await this.#wind('PT20M')
  }

  async #group(): Promise<void> {
    const call = await this.#create([user('ada'), user('ben')])
    await this.#wind('PT10S')
    await this.#ask('POST', `${call}/participants/invite`, { participants: [user('cleo'), user('eva')] })
    await this.#ask('POST', `${call}/participants/invite`, { participants: [user('dov'), phone('+12065550150')] })
    await this.#wind('PT90S')
    await this.#ask('POST', `${call}/subscribeToTone`, {})
  }

  async #pair(): Promise<void> {
    const call = await this.#create([user('fay')])
    await this.#wind('PT10S')
    const mediaInfo = { uri: this.#prompt, resourceId: 'prompt' }
    const prompt = { '@odata.type': '#microsoft.graph.mediaPrompt', mediaInfo }
    await this.#ask('POST', `${call}/playPrompt`, { prompts: [prompt] })
    await this.#ask('POST', `${call}/recordResponse`, { prompts: [prompt], maxRecordDurationInSeconds: 10 })
  }

  async #incoming(): Promise<void> {
    const rung = await this.#ask('POST', '/control/calls', { from: 'ada@contoso.example', to: APPS.alpha })
    const call = `${CALLS}/${rung.body.callId}`
    await this.#ask('POST', `${call}/answer`, { mediaConfig: {} })
    await this.#wind('PT5S')
    await this.#ask('POST', `${call}/transfer`, { transferTarget: user('eva') })
  }

  async #beside(): Promise<void> {
    const now = Date.parse((await this.#ask('GET', '/control/clock')).body.now)
    const later = (hours: number): string => new Date(now + hours * 3_600_000).toISOString()
    const people = '/v1.0/users/ada@contoso.example/onlineMeetings'
    const meeting = await this.#ask('POST', people, {
      subject: 'Daily',
      startDateTime: later(0),
      endDateTime: later(1),
    })
    await this.#ask('POST', '/control/meetings/join', { meeting: meeting.body.id, user: 'cleo@contoso.example' })
    await this.#ask('POST', '/v1.0/subscriptions', {
      changeType: 'created,updated',
      resource: '/communications/callRecords',
      notificationUrl: this.#place.webhook,
      expirationDateTime: later(3),
    })
    await this.#wind('PT2M')
    await this.#ask('POST', `/control/meetings/${meeting.body.id}/end`)
  }

  async #create(targets: readonly unknown[]): Promise<string> {
    const media = { requestedModalities: ['audio'], mediaConfig: {} }
    const created = await this.#ask('POST', CALLS, { callbackUri: this.#place.callbackUri, targets, ...media })
    assert.equal(created.status, 201, JSON.stringify(created.body))
    return `${CALLS}/${created.body.id}`
  }

  async #wind(by: string): Promise<void> {
    const { status, body } = await this.#ask('POST', '/control/clock/advance', { by })
    assert.equal(status, 200, JSON.stringify(body))
  }

  #ask(method: string, path: string, body?: unknown): Promise<Asked> {
    return ask(this.#place, method, path, body)
  }
}

interface Sample extends Measure {
  /** Bytes of all files of the data. */
  readonly files: number
}

/** How much a figure grows from the first sample to the last, by a straight line through all of them (least squares). */
function growth(samples: readonly number[]): number {
  const middle = (samples.length - 1) / 2
  const mean = samples.reduce((sum, one) => sum + one, 0) / samples.length
  const over = samples.reduce((sum, one, index) => sum + (index - middle) * (one - mean), 0)
  const under = samples.reduce((sum, _, index) => sum + (index - middle) ** 2, 0)
  return (over / under) * (samples.length - 1)
}

function sizeOf(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0)
}

test(
  'virtual days: memory, handles and files stay as they are',
  { timeout: LENGTH === undefined ? 110_000 : Infinity },
  async (t) => {
    const { bot, flags } = await prepare(t, SCRIPTS, {
      ...RETENTION,
      clock: 'virtual',
      'settle-patience': '5s',
      'ring-timeout': '1m',
      'answer-timeout': '15s',
      'delivery-retry-limit': '60s',
    })
    const child = await Child.start([...flags, '--port=0'], { harmed: true })
    t.after(() => child.kill('SIGKILL'))
    const { url: webhook } = await Subscriber.start(t)
    const { url: files, files: served } = await startFileServer(t)
    served.set('/prompt.wav', spokenWav(2))
    const { url } = child
    const refused = new Map<string, number>()
    const onRefusal = ({ status, request, explanation }: Asked): void => {
      const why = `${status} ${request} ${explanation}`.replaceAll(/[0-9a-f-]{36}/g, 'id')
      refused.set(why, (refused.get(why) ?? 0) + 1)
    }
    const place = {
      onRefusal,
      url: () => url,
      callbackUri: bot.url,
      webhook,
      token: await tokenOf(url),
      chance: chances(SEED),
    }
    const data = flags.find((flag) => flag.startsWith('--data='))?.slice('--data='.length) ?? ''
    const samples: Sample[] = []
    const started = performance.now()
    for (let day = 1; LENGTH === undefined ? day <= SHORTEST : performance.now() - started < LENGTH; day++) {
      const token = await tokenOf(url)
      const bots = new Bots({ ...place, token, promised: nothingPromised(), goOn: () => true }, `${files}/prompt.wav`)
      for (let hour = 0; hour < HOURS / 4; hour++) await bots.hour()
      await ask({ ...place, token }, 'POST', '/control/clock/advance', { by: 'PT18H' })
      bot.received.length = 0
      const sample = { ...(await child.measure()), files: sizeOf(data) }
      samples.push(sample)
      if (LENGTH !== undefined || process.env['SOAK_SHOW'] !== undefined) {
        const seconds = Math.round((performance.now() - started) / 1000)
        console.error(`day ${day}, ${seconds} s: ${JSON.stringify(sample)}`)
      }
    }
    // The first days fill what is kept for a day, and what is made once.
    const steady = samples.slice(Math.max(3, Math.floor(samples.length / 4)))
    const grown = {
      heap: growth(steady.map(({ heap }) => heap)),
      rss: growth(steady.map(({ rss }) => rss)),
      handles: growth(steady.map(({ handles }) => handles)),
      files: growth(steady.map((one) => one.files)),
    }
    assert.deepEqual([...refused], [], 'the work was refused')
    t.diagnostic(JSON.stringify({ days: samples.length, ...samples.at(-1), grown }))
    assert.ok(grown.heap < 2_000_000, `the heap has grown by ${grown.heap} bytes`)
    // Allocators keep pages for later: this tells of a leak outside of JavaScript only if it goes on for long.
    assert.ok(grown.rss < 80_000_000, `the process has grown by ${grown.rss} bytes`)
    assert.ok(grown.handles < 5, `${grown.handles} more handles`)
    assert.ok(grown.files < 2_000_000, `the files have grown by ${grown.files} bytes`)
  },
)
