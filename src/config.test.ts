import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import { baseUrlOf, type Config, ConfigError, defaultConfig, readConfig, version } from './config.ts'
import { flagOf, options, variableOf } from './options.ts'

interface Given {
  argv?: string[]
  env?: Record<string, string>
  files?: Record<string, string>
}

function read({ argv = [], env = {}, files = {} }: Given): Config {
  const request = readConfig(argv, env, (path) => files[path])
  assert.equal(request.kind, 'serve')
  return request.config
}

function problems(given: Given): readonly string[] {
  try {
    read(given)
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    assert.equal(error.message, error.problems.join('\n'))
    return error.problems
  }
  return assert.fail('the configuration was accepted')
}

describe('readConfig', () => {
  it('takes the defaults when nothing is given', () => {
    const config = read({})
    assert.deepEqual(config, defaultConfig())
    assert.equal(config.port, 8080)
    assert.equal(config.ringTimeout, 60_000)
    assert.equal(config.bodyLimit, 1024 * 1024)
    assert.equal(config.adminKey, undefined)
    assert.ok(Object.isFrozen(config))
  })

  it('has a value for every option, and every default is one that could be written', () => {
    assert.deepEqual(Object.keys(read({})), Object.keys(options))
  })

  it('prefers a flag to a variable, a variable to the file, and the file to the default', () => {
    const files = { 'rollcall.config.yaml': 'port: 1\nhost: file\nmode: development\nlogLevel: warn' }
    const env = { ROLLCALL_PORT: '2', ROLLCALL_HOST: 'variable' }
    const config = read({ argv: ['--port', '3'], env, files })
    assert.deepEqual([config.port, config.host, config.logLevel, config.profile], [3, 'variable', 'warn', 'teams'])
  })

  it('reads durations, sizes, moments, URLs and switches', () => {
    const argv = ['--ring-timeout=1m', '--max-call-duration', 'PT1M30S', '--body-limit', '512KiB', '--delivery-batch']
    const more = ['--clock', 'virtual', '--clock-start', '2026-01-31T09:00:00Z', '--base-url', 'https://a.example/b/']
    const config = read({ argv: [...argv, ...more] })
    assert.equal(config.ringTimeout, 60_000)
    assert.equal(config.maxCallDuration, 90_000)
    assert.equal(config.bodyLimit, 512 * 1024)
    assert.equal(config.deliveryBatch, true)
    assert.equal(config.clockStart, Date.UTC(2026, 0, 31, 9))
    assert.equal(config.baseUrl, 'https://a.example/b')
  })

  it('turns a switch off with --no-', () => {
    const env = { ROLLCALL_DELIVERY_BATCH: '1' }
    assert.equal(read({ env }).deliveryBatch, true)
    assert.equal(read({ argv: ['--no-delivery-batch'], env }).deliveryBatch, false)
    assert.equal(read({ argv: ['--delivery-batch=false'], env }).deliveryBatch, false)
  })

  it('takes a certificate for https with its key, and a base URL that agrees', () => {
    const own = ['--https-certificate', 'a.pem', '--https-key', 'b.pem']
    assert.equal(read({ argv: ['--https', ...own] }).httpsKey, 'b.pem')
    assert.match(problems({ argv: own }).join('\n'), /httpsCertificate is only for https: add --https/)
    const half = ['--https', '--https-key', 'b.pem']
    assert.match(problems({ argv: half }).join('\n'), /httpsCertificate and httpsKey go together/)
    const plain = ['--https', '--base-url', 'http://a.example']
    assert.match(problems({ argv: plain }).join('\n'), /baseUrl begins with http:/)
    assert.equal(read({ argv: ['--https', '--base-url', 'https://a.example'] }).https, true)
  })

  it('ignores variables of others and empty ones', () => {
    assert.deepEqual(read({ env: { PATH: '/bin', PORT: '1', ROLLCALL_PORT: '' } }), defaultConfig())
  })

  it('finds the directory file that lies where the server starts', () => {
    assert.equal(read({ files: { 'rollcall.yaml': 'tenants: []' } }).directory, 'rollcall.yaml')
    const argv = ['--directory', 'other.yaml']
    assert.equal(read({ argv, files: { 'rollcall.yaml': '' } }).directory, 'other.yaml')
  })

  it('reads the configuration file that a flag or a variable names', () => {
    const files = { 'a.yaml': 'port: 1', 'b.yaml': 'port: 2' }
    assert.equal(read({ argv: ['--config', 'a.yaml'], env: { ROLLCALL_CONFIG: 'b.yaml' }, files }).port, 1)
    assert.equal(read({ env: { ROLLCALL_CONFIG: 'b.yaml' }, files }).port, 2)
  })

  it('takes an empty configuration file for none', () => {
    assert.deepEqual(read({ files: { 'rollcall.config.yaml': '# nothing yet\n' } }), defaultConfig())
  })

  it('keeps what looks like a number in the file as it was written', () => {
    assert.equal(read({ files: { 'rollcall.config.yaml': 'adminKey: 0123' } }).adminKey, '0123')
  })

  it('reads a secret from a file, and trims the end of its line', () => {
    const files = { '/run/key': 'open sesame\n', 'rollcall.config.yaml': 'adminKeyFile: /run/key' }
    assert.equal(read({ env: { ROLLCALL_ADMIN_KEY_FILE: '/run/key' }, files }).adminKey, 'open sesame')
    assert.equal(read({ argv: ['--admin-key-file', '/run/key'], files }).adminKey, 'open sesame')
    assert.equal(read({ files }).adminKey, 'open sesame')
    assert.equal(read({ argv: ['--admin-key', 'other'], files }).adminKey, 'other')
  })

  it('prints help that names every option, whatever else is wrong', () => {
    const request = readConfig(['--nonsense', '--help'], {}, () => undefined)
    assert.ok(request.kind === 'print')
    for (const key of Object.keys(options)) assert.match(request.text, new RegExp(`^  ${flagOf(key)} `, 'm'))
  })

  it('prints the version', () => {
    assert.deepEqual(
      readConfig(['--version'], {}, () => undefined),
      { kind: 'print', text: version },
    )
    assert.match(version, /^\d+\.\d+\.\d+/)
  })
})

const yaml = (text: string): Given => ({ files: { 'rollcall.config.yaml': text } })

const refused: readonly [name: string, given: Given, ...problems: RegExp[]][] = [
  ['an unknown flag, with the nearest one', { argv: ['--rign-timeout', '5s'] }, /^--rign-timeout .*--ring-timeout\?/],
  ['an unknown flag that is like none', { argv: ['--zebra'] }, /^--zebra is not an option\. --help/],
  ['a word that is no flag', { argv: ['serve'] }, /^"serve" is not a flag/],
  ['a flag without its value', { argv: ['--port'] }, /^--port needs a value: --port <number>/],
  ['an unknown variable', { env: { ROLLCALL_PROT: '1' } }, /^The environment variable ROLLCALL_PROT .*ROLLCALL_PORT\?/],
  ['an unknown key', yaml('prot: 1'), /^prot in rollcall\.config\.yaml is not an option; did you mean port\?/],
  ['a key that has several values', yaml('port: [1, 2]'), /^port in rollcall\.config\.yaml must be a single value/],
  ['a key without a value', yaml('port:'), /^port in rollcall\.config\.yaml must be a whole number .*, not ""/],
  ['a file that is a list', yaml('- port'), /^rollcall\.config\.yaml must hold/],
  ['a file that is not YAML', yaml('port: [1'), /^rollcall\.config\.yaml cannot be read: .*line 1/s],
  ['the same key twice', yaml('port: 1\nport: 2'), /^rollcall\.config\.yaml cannot be read: .*unique/s],
  [
    'a configuration file that is not there',
    { argv: ['--config', 'x'] },
    /^--config: there is no configuration file x/,
  ],
  ['a port out of range', { argv: ['--port', '65536'] }, /^--port must be a whole number from 0 to 65535, not "65536"/],
  ['a number with a fraction', { env: { ROLLCALL_PORT: '1.5' } }, /^ROLLCALL_PORT must be a whole number/],
  ['a duration without a unit', yaml('ringTimeout: 60'), /^ringTimeout in .* must be a duration such as .*, not "60"/],
  ['a duration of nothing', { argv: ['--ring-timeout', '0s'] }, /^--ring-timeout must be .* from 1ms/],
  ['a size that is too large', { argv: ['--body-limit', '2000MiB'] }, /^--body-limit must be a size .* to 1024MiB/],
  ['a value outside a choice', { argv: ['--clock=sun'] }, /^--clock must be one of real, virtual, not "sun"/],
  ['a switch that is neither', { argv: ['--delivery-batch=maybe'] }, /^--delivery-batch must be true or false/],
  ['a moment without a zone', { argv: ['--clock-start', '2026-01-31T09:00'] }, /^--clock-start must be a moment/],
  ['a URL with a query', { argv: ['--base-url', 'http://a/?b'] }, /^--base-url must be an http or https URL/],
  ['production without a key', { argv: ['--mode', 'production'] }, /ROLLCALL_ADMIN_KEY or --admin-key-file/],
  ['a start for the real clock', { argv: ['--clock-start', '2026-01-31'] }, /add --clock virtual/],
  ['tokens that outlive their key', { argv: ['--key-overlap', '1m'] }, /^tokenLifetime must not be longer/],
  ['retries after giving up', { argv: ['--delivery-give-up', '1s'] }, /^deliveryRetryLimit must not be longer/],
  ['a secret twice', { argv: ['--admin-key=a', '--admin-key-file=b'] }, /^--admin-key and --admin-key-file are both/],
  [
    'a file with a secret that is not there',
    { argv: ['--admin-key-file', 'b'] },
    /^--admin-key-file: there is no file b/,
  ],
  ['several things at once', { argv: ['--zebra', '--port', 'x'], ...yaml('a: 1') }, /zebra/, /^a in/, /^--port/],
]

describe('readConfig refuses', () => {
  for (const [name, given, ...expected] of refused) {
    it(name, () => {
      const found = problems(given)
      assert.equal(found.length, expected.length, found.join('\n'))
      for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? '', pattern)
    })
  }

  it('a secret without repeating it', () => {
    const files = { '/run/key': '\n' }
    const found = problems({ argv: ['--admin-key-file', '/run/key'], files })
    assert.deepEqual(found, ['The file of --admin-key-file must be some text.'])
  })

  it('a file that cannot be read', () => {
    const readFile = (): string => String(readdirSync('/nowhere/at/all'))
    assert.throws(() => readConfig([], {}, readFile), /^ConfigError: rollcall\.config\.yaml cannot be read: ENOENT/)
  })
})

describe('defaultConfig', () => {
  it('takes overrides', () => {
    const config = defaultConfig({ port: 0, data: 'memory' })
    assert.deepEqual([config.port, config.data, config.host], [0, 'memory', '127.0.0.1'])
    assert.ok(Object.isFrozen(config))
  })
})

describe('baseUrlOf', () => {
  const cases: readonly [Partial<Config>, string][] = [
    [{}, 'http://127.0.0.1:9000'],
    [{ host: '0.0.0.0' }, 'http://localhost:9000'],
    [{ host: '::1' }, 'http://[::1]:9000'],
    [{ https: true }, 'https://127.0.0.1:9000'],
    [{ baseUrl: 'https://calls.example' }, 'https://calls.example'],
  ]
  for (const [overrides, url] of cases) {
    it(`is ${url} with ${JSON.stringify(overrides)}`, () =>
      assert.equal(baseUrlOf(defaultConfig(overrides), 9000), url))
  }
})

describe('the names of an option', () => {
  it('are made from its key', () => {
    assert.equal(flagOf('maxCallsPerApplication'), '--max-calls-per-application')
    assert.equal(variableOf('maxCallsPerApplication'), 'ROLLCALL_MAX_CALLS_PER_APPLICATION')
  })
})
