/** A server that speaks https, trusted by this process as a machine trusts an authority that was installed on it. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { Config } from '../../src/config.ts'
import type { World } from '../support/world.ts'
import { startWorld } from '../support/world.ts'

/** Starts a server with a local authority; from then on every client of this process trusts that. */
export async function startHttpsWorld(t: TestContext, overrides: Partial<Config> = {}): Promise<World> {
  const world = await startWorld(t, { https: true, ...overrides })
  const certificate = world.server.authority?.certificate
  assert.ok(certificate, 'an https server has a local authority')
  setDefaultCACertificates([...getCACertificates('default'), certificate])
  return world
}
