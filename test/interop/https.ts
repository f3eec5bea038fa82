/** A server that speaks https, trusted by this process as a machine trusts an authority that was installed on it. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { stringify } from 'yaml'
import type { Config } from '../../src/config.ts'
import type { AnyJson } from '../support/any-json.ts'
import type { World } from '../support/world.ts'
import { APPS, startWorld, testDirectory } from '../support/world.ts'

/** Starts a server with a local authority; from then on every client of this process trusts that. */
export async function startHttpsWorld(t: TestContext, overrides: Partial<Config> = {}): Promise<World> {
  const world = await startWorld(t, { https: true, ...overrides })
  const certificate = world.server.authority?.certificate
  assert.ok(certificate, 'an https server has a local authority')
  setDefaultCACertificates([...getCACertificates('default'), certificate])
  return world
}

/** The same, with a certificate for the application Alpha; nobody of its directory can be called from outside. */
export async function startHttpsWorldWith(
  t: TestContext,
  certificate: string,
  overrides: Partial<Config> = {},
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-interop-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const directory: AnyJson = testDirectory(() => 'http://127.0.0.1:9/')
  for (const application of directory.tenants[0].applications) {
    if (application.appId === APPS.alpha) application.certificates = [certificate]
  }
  const file = join(folder, 'rollcall.yaml')
  writeFileSync(file, stringify(directory))
  return startHttpsWorld(t, { ...overrides, directory: file })
}
