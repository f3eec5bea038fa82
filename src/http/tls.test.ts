import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, get } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { defaultConfig, type Config } from '../config.ts'
import { randomIds, virtualClock } from '../runtime.ts'
import { openTls, TlsError, type Tls } from './tls.ts'

const START = Date.UTC(2026, 0, 2)
const DAY = 86_400_000

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-tls-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

let folders = 0
function emptyFolder(): string {
  return mkdtempSync(join(folder, `${folders++}-`))
}

async function open(overrides: Partial<Config>, now = START): Promise<Tls> {
  const config = defaultConfig({ https: true, data: 'memory', ...overrides })
  const tls = await openTls({ config, clock: virtualClock(now), ids: randomIds() })
  assert.ok(tls)
  return tls
}

function authorityOf({ authority }: Tls): X509Certificate {
  return new X509Certificate(authority?.certificate ?? '')
}

/** The message of the TlsError that `work` ends with. */
async function complaint(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof TlsError, String(error))
  return error.message
}

test('plain http needs no certificate', async () => {
  const parts = { config: defaultConfig({ https: false }), clock: virtualClock(START), ids: randomIds() }
  assert.equal(await openTls(parts), undefined)
})

test('the certificate is issued by the authority for every name of the server', async () => {
  const tls = await open({ host: '192.0.2.7', baseUrl: 'https://rollcall.example:8443/base' })
  const server = new X509Certificate(tls.certificate)
  const authority = authorityOf(tls)
  assert.ok(authority.ca)
  assert.ok(authority.verify(authority.publicKey))
  assert.ok(server.checkIssued(authority))
  assert.ok(server.verify(authority.publicKey))
  assert.equal(server.ca, false)
  for (const host of ['localhost', 'rollcall.example']) assert.ok(server.checkHost(host), host)
  for (const address of ['127.0.0.1', '::1', '192.0.2.7']) assert.ok(server.checkIP(address), address)
  assert.equal(server.checkHost('example.com'), undefined)
  assert.equal(Date.parse(server.validTo), START + 397 * DAY)
  assert.equal(tls.authority?.path, undefined)
})

test('an address as base URL, and all networks, become no name of their own', async () => {
  const { subjectAltName } = new X509Certificate(
    (await open({ host: '0.0.0.0', baseUrl: 'https://[::1]:8443' })).certificate,
  )
  assert.equal(subjectAltName, 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
})

test('a client that trusts the authority connects, another does not', async (t) => {
  const tls = await open({}, Date.now())
  const server = createServer({ cert: tls.certificate, key: tls.key }, (_, response) => response.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const fetchWith = (ca: string | undefined): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const options = { host: 'localhost', port, agent: false, ...(ca !== undefined && { ca }) } as const
      get(options, ({ statusCode }) => resolve(statusCode)).on('error', reject)
    })
  assert.equal(await fetchWith(tls.authority?.certificate), 200)
  await assert.rejects(fetchWith(undefined), /unable to (verify|get)/)
})

test('the authority is kept, readable by its owner alone, and each start issues a new certificate', async () => {
  const data = emptyFolder()
  const first = await open({ data })
  const path = join(data, 'ca.pem')
  assert.deepEqual(first.authority, { certificate: readFileSync(path, 'utf8'), path, isNew: true })
  assert.deepEqual(readdirSync(data).toSorted(), ['ca-key.pem', 'ca.pem'])
  for (const file of readdirSync(data)) assert.equal(statSync(join(data, file)).mode & 0o777, 0o600)
  const second = await open({ data }, START + DAY)
  assert.deepEqual(second.authority, { ...first.authority, isNew: false })
  assert.notEqual(second.certificate, first.certificate)
  assert.ok(new X509Certificate(second.certificate).checkIssued(authorityOf(first)))
})

test('an authority that would end before what it issues is replaced by one of another name', async () => {
  const data = emptyFolder()
  const first = authorityOf(await open({ data }))
  const end = first.validToDate.getTime()
  assert.equal(authorityOf(await open({ data }, end - 398 * DAY)).fingerprint256, first.fingerprint256)
  const replaced = await open({ data }, end - 397 * DAY)
  assert.equal(replaced.authority?.isNew, true)
  assert.notEqual(authorityOf(replaced).subject, first.subject)
  assert.ok(new X509Certificate(replaced.certificate).checkIssued(authorityOf(replaced)))
})

test('half an authority is made anew, a damaged one is told of', async () => {
  const data = emptyFolder()
  await open({ data })
  rmSync(join(data, 'ca-key.pem'))
  assert.equal((await open({ data })).authority?.isNew, true)
  const other = emptyFolder()
  await open({ data: other })
  writeFileSync(join(data, 'ca-key.pem'), readFileSync(join(other, 'ca-key.pem')))
  assert.match(await complaint(open({ data })), /the key is not the one of the certificate: delete both files/)
  writeFileSync(join(data, 'ca.pem'), 'damaged')
  assert.match(await complaint(open({ data })), /ca\.pem and .*ca-key\.pem cannot be used/)
})

test('a folder that cannot be written is told of', async () => {
  const data = join(emptyFolder(), 'absent')
  assert.match(await complaint(open({ data })), /ca-key\.pem cannot be written: .*ENOENT/)
})

test('a certificate of the user is used as it is, and checked', async () => {
  const data = emptyFolder()
  const { certificate, key } = await open({})
  const httpsCertificate = join(data, 'own.pem')
  const httpsKey = join(data, 'own-key.pem')
  writeFileSync(httpsCertificate, certificate)
  assert.match(
    await complaint(open({ data, httpsCertificate, httpsKey })),
    /The file of httpsKey cannot be read: ENOENT/,
  )
  writeFileSync(httpsKey, key)
  assert.deepEqual(await open({ data, httpsCertificate, httpsKey }), { certificate, key })
  writeFileSync(httpsKey, (await open({})).key)
  assert.match(await complaint(open({ data, httpsCertificate, httpsKey })), /own\.pem and .* cannot be used for https/)
  assert.ok(!readdirSync(data).includes('ca.pem'))
})
