/** Changes of the directory while the server runs: they outlive it, win over the file, and can be taken away as a file. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readDirectory } from '../../src/directory/read.ts'
import { demoDirectoryFile } from '../../src/directory/live.ts'
import { readFileSync } from 'node:fs'
import { sealed } from '../../src/directory/credentials.ts'
import { writeDirectory } from '../../src/directory/write.ts'
import { APPS, INSTANCE, USERS, startWorld, testDirectory } from '../support/world.ts'
import type { World } from '../support/world.ts'
import { stringify } from 'yaml'

const KEY = { adminKey: 'the-admin-key' }
const AUTHORIZATION = { authorization: 'Bearer the-admin-key' }

const admin = async (world: World, method: string, path: string, body?: unknown): Promise<number> =>
  (await world.request(method, `/v1.0${path}`, body, AUTHORIZATION)).status

async function exported(world: World): Promise<string> {
  const { status, body } = await world.control('GET', '/directory/export')
  assert.equal(status, 200)
  return String(body)
}

const options = { file: 'export.yaml', wireVersions: ['v1.0', 'beta'] }

test('the demo directory is written as a file that reads back to the same directory', () => {
  const text = readFileSync(demoDirectoryFile, 'utf8')
  const once = readDirectory(text, options)
  assert.ok(once.ok)
  const twice = readDirectory(writeDirectory(once.directory), options)
  assert.ok(twice.ok, JSON.stringify(twice))
  assert.doesNotMatch(writeDirectory(once.directory), / secrets?:/)
  const sealedOnes = once.directory.tenants().map((tenant) => ({
    ...tenant,
    applications: tenant.applications.map((application) => sealed(application)),
  }))
  assert.deepEqual(twice.directory.tenants(), sealedOnes)
  assert.deepEqual(twice.directory.defaultScript, once.directory.defaultScript)
})

test('the export has every change in it, and reads back to the same directory', async (t) => {
  const world = await startWorld(t, { ...KEY, syncDelay: 3_600_000 })
  await admin(world, 'POST', '/users', { displayName: 'New', userPrincipalName: 'new@contoso.example', mail: 'a@b.c' })
  await admin(world, 'POST', '/applications', { displayName: 'Bare' })
  await admin(world, 'POST', `/applications(appId='${APPS.beta}')/addPassword`, {})
  await world.control('DELETE', `/instances/${INSTANCE}/phoneNumber`)
  const line = { appId: APPS.beta, displayName: 'B', userPrincipalName: 'b@contoso.example' }
  await world.control('POST', '/instances', line)
  await world.control('POST', '/instances/b@contoso.example/sync')
  await world.control('PUT', `/instances/${INSTANCE}/phoneNumber`, { number: '+12065550100' })
  const text = await exported(world)
  const read = readDirectory(text, options)
  assert.ok(read.ok, JSON.stringify(read))
  const again = writeDirectory(read.directory)
  assert.equal(again, text)
  const { directory } = read
  assert.equal(directory.user('new@contoso.example')?.profile?.mail, 'a@b.c')
  assert.equal(directory.application(APPS.beta)?.hashedSecrets?.length, 2)
  const instance = directory.applicationInstance(INSTANCE)
  assert.deepEqual([instance?.phoneNumber, instance?.numberSyncedAt], ['+12065550100', undefined])
  assert.ok((directory.applicationInstance('b@contoso.example')?.syncedAt ?? 0) > 0)
})

test('changes outlive the server, and an edit of the file; where both claim a name, the change has it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const data = join(folder, 'data')
  const directory = join(folder, 'directory.yaml')
  const file = testDirectory(() => 'http://127.0.0.1:1/') as { tenants: { users: Record<string, string>[] }[] }
  writeFileSync(directory, stringify(file))

  await t.test('first run', async (first) => {
    const world = await startWorld(first, { ...KEY, data, directory })
    assert.equal(
      await admin(world, 'POST', '/users', { displayName: 'New', userPrincipalName: 'new@contoso.example' }),
      201,
    )
    assert.equal(await admin(world, 'PATCH', `/users/${USERS.ada}`, { displayName: 'Changed' }), 204)
    assert.equal(await admin(world, 'DELETE', `/users/${USERS.ben}`), 204)
  })

  await t.test('second run', async (second) => {
    const world = await startWorld(second, { ...KEY, data, directory })
    const names = async (): Promise<string[]> => {
      const { body } = await world.request('GET', '/v1.0/users', undefined, AUTHORIZATION)
      return body.value.map(({ displayName }: { displayName: string }) => displayName).toSorted()
    }
    const expected = ['Changed', 'New', 'cleo', 'dov', 'eva', 'fay']
    assert.deepEqual(await names(), expected)
    file.tenants[0]?.users.push(
      {
        id: '22222222-0000-4000-8000-000000000050',
        displayName: 'Of the file',
        userPrincipalName: 'file@contoso.example',
      },
      { id: '22222222-0000-4000-8000-000000000051', displayName: 'Rival', userPrincipalName: 'NEW@contoso.example' },
    )
    writeFileSync(directory, stringify(file))
    await world.control('POST', '/directory/reload')
    assert.deepEqual(await names(), [...expected, 'Of the file'].toSorted())
    await world.control('POST', '/reset')
    assert.deepEqual(await names(), ['Of the file', 'Rival', ...Object.keys(USERS)].toSorted())
  })
})

test('the directory takes as many changes as directoryLimit allows', async (t) => {
  const world = await startWorld(t, { ...KEY, directoryLimit: 1 })
  const make = (name: string): Promise<number> =>
    admin(world, 'POST', '/users', { displayName: name, userPrincipalName: `${name}@contoso.example` })
  assert.deepEqual([await make('one'), await make('two')], [201, 403])
  assert.equal(await admin(world, 'DELETE', '/users/one@contoso.example'), 204)
  assert.equal(await make('two'), 201)
})
