import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultConfig } from '../config.ts'
import type { Config } from '../config.ts'
import type { Destinations } from './destinations.ts'
import { createDestinations } from './destinations.ts'

function destinations(config: Partial<Config>): Destinations {
  const hostsOf = (appId: string): readonly string[] | undefined => (appId === 'bound' ? ['bot.example'] : undefined)
  return createDestinations({ config: defaultConfig(config), hostsOf })
}

const development = destinations({})
const production = destinations({ mode: 'production' })
const open = destinations({ mode: 'production', profile: 'open', outboundNetworks: ['127.0.0.0/8', '10.1.0.0/16'] })

test('what is no address for anybody', () => {
  for (const uri of ['', 'bot', '/path', 'ftp://bot.example', 'file:///etc/passwd', 'javascript:0', 'data:,x']) {
    for (const all of [development, production, open]) {
      assert.equal(all.problem(uri), 'must be an absolute https URL', uri)
    }
  }
  for (const uri of ['https://ann@bot.example', 'https://bot.example:443@10.0.0.1', 'https://:x@bot.example']) {
    assert.equal(development.problem(uri), 'must not hold a user name or password', uri)
  }
})

test('development has bots on this machine by http, and anywhere by https', () => {
  for (const uri of ['http://localhost:3978/', 'http://127.0.0.1', 'http://[::1]', 'https://10.0.0.1', 'https://x']) {
    assert.equal(development.problem(uri), undefined, uri)
  }
  for (const uri of ['http://bot.example', 'http://127.0.0.1.bot.example', 'http://localhost.bot.example']) {
    assert.match(development.problem(uri) ?? '', /^must be https/, uri)
  }
})

test('production refuses what is not public as soon as the address tells', () => {
  const inside = ['localhost', 'a.localhost', 'localhost.', '127.1', '0x7f.1', '017700000001', '2130706433', '10.0.0.1']
  const inside6 = ['[::1]', '[::ffff:10.0.0.1]', '[fd00::1]', '[fe80::1]', '[64:ff9b::a00:1]']
  for (const host of [...inside, ...inside6]) {
    assert.match(production.problem(`https://${host}/x`) ?? '', /^must be at a public address in production/, host)
  }
  for (const host of ['bot.example', '8.8.8.8', '[2606:4700::1111]']) {
    assert.equal(production.problem(`https://${host}/x`), undefined, host)
  }
})

test('networks of the operator are allowed in production', () => {
  assert.equal(open.problem('http://10.1.2.3:8080'), undefined)
  assert.equal(open.problem('http://localhost'), undefined)
  assert.match(open.problem('http://10.2.0.1') ?? '', /outboundNetworks/)
})

test('an application with hosts of its own is held to them', () => {
  assert.equal(development.problem('https://bot.example/x', 'bound'), undefined)
  assert.match(development.problem('https://other.example/x', 'bound') ?? '', /allowedHosts\), which other\.example/)
  assert.equal(development.problem('https://other.example/x', 'free'), undefined)
})
