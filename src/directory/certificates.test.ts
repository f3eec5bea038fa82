import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { stringify } from 'yaml'
import { makeAuthority } from '../http/certificates.ts'
import { makeClientCertificate } from '../oauth/client-certificate.suite.ts'
import { randomIds } from '../runtime.ts'
import { readDirectory } from './read.ts'

const APP = '6f1b0c1e-5b0e-4c59-9f0c-0d6a1f6f3a11'

let folder: string
let pem: string
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-directory-'))
  pem = (await makeClientCertificate(Date.UTC(2026, 0, 2))).certificate
  writeFileSync(join(folder, 'bot.pem'), pem)
})
after(() => rmSync(folder, { recursive: true }))

function read(application: Record<string, unknown>): ReturnType<typeof readDirectory> {
  const tenant = { id: '49bfc225-8482-4ab8-94e7-76b48fdb9849', name: 'contoso' }
  const text = stringify({
    tenants: [{ ...tenant, applications: [{ appId: APP, displayName: 'Bot', ...application }] }],
  })
  return readDirectory(text, { file: join(folder, 'rollcall.yaml'), wireVersions: [] })
}

function complaint(certificates: unknown): string {
  const result = read({ certificates })
  return result.ok ? assert.fail('the directory was accepted') : result.problems.map(({ message }) => message).join()
}

test('certificates are given as PEM or as paths beside the file, and need no secret beside them', () => {
  const result = read({ certificates: [pem, 'bot.pem', join(folder, 'bot.pem')] })
  assert.ok(result.ok)
  const { certificates = [], secrets } = result.directory.application(APP) ?? { secrets: undefined }
  assert.deepEqual(secrets, [])
  const expected = new X509Certificate(pem).fingerprint256
  assert.deepEqual(
    certificates.map((each) => new X509Certificate(each).fingerprint256),
    [expected, expected, expected],
  )
})

test('an application without certificates has none', () => {
  const result = read({ secret: 'one' })
  assert.ok(result.ok)
  assert.equal(result.directory.application(APP)?.certificates, undefined)
})

test('what is no certificate of an RSA key is told of', async () => {
  assert.match(complaint(['absent.pem']), /cannot be read \(ENOENT.*path of a PEM file/)
  assert.match(complaint(['-----BEGIN CERTIFICATE-----']), /cannot be read/)
  const elliptic = await makeAuthority(Date.UTC(2026, 0, 2), randomIds())
  assert.match(complaint([elliptic.certificate]), /not the certificate of an RSA key/)
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  assert.match(complaint([privateKey.export({ type: 'pkcs8', format: 'pem' })]), /cannot be read/)
})
