import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Directory } from './directory.ts'
import { readGuid } from '../runtime.ts'
import { demoDirectoryFile } from './live.ts'
import { readDirectory } from './read.ts'
import { canonicalRole } from './roles.ts'

function demo(): Directory {
  const read = readDirectory(readFileSync(demoDirectoryFile, 'utf8'), { file: 'demo.yaml', wireVersions: ['v1.0'] })
  assert.ok(read.ok, JSON.stringify(read))
  return read.directory
}

const TENANT = '7c0b5f3e-2d7a-4c55-9a0e-5b1f6d2c8e01'
const BOT = '5d2e9b74-6c1f-4f0b-b3a8-9e4c7d1f2001'
const INSTANCE = '5d2e9b74-6c1f-4f0b-b3a8-9e4c7d1f2101'
const ADELE = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1001'

test('the demo directory passes every rule', () => {
  const directory = demo()
  assert.equal(directory.tenant('contoso')?.users.length, 11)
  assert.equal(directory.tenant('contoso')?.applications.length, 3)
})

test('finds tenants by id, name and domain, in either case', () => {
  const directory = demo()
  for (const key of [TENANT, TENANT.toUpperCase(), TENANT.replaceAll('-', ''), 'Contoso', 'CONTOSO.example']) {
    assert.equal(directory.tenant(key)?.id, TENANT, key)
  }
  assert.equal(directory.tenant('common'), undefined)
  assert.equal(directory.tenant(ADELE), undefined)
  assert.deepEqual(
    directory.tenants().map((tenant) => tenant.name),
    ['contoso', 'fabrikam'],
  )
})

test('finds each kind of entry by any of its keys', () => {
  const directory = demo()
  for (const key of [ADELE, ADELE.replaceAll('-', '').toUpperCase(), 'Adele@Contoso.example']) {
    assert.equal(directory.user(key)?.displayName, 'Adele Novak', key)
    assert.equal(directory.find(key)?.kind, 'user')
  }
  assert.equal(directory.application(BOT.toUpperCase())?.displayName, 'Incident Bot')
  assert.equal(directory.applicationInstance(INSTANCE)?.appId, BOT)
  assert.equal(directory.applicationInstance('incident-line@contoso.example')?.id, INSTANCE)
  assert.equal(directory.phoneNumber('+12065550151')?.kind, 'external')
  assert.equal(directory.find('+12065550151')?.kind, 'phoneNumber')
  assert.equal(directory.find(BOT)?.kind, 'application')
  assert.equal(directory.find(INSTANCE)?.kind, 'applicationInstance')
})

test('a key of one kind is not found as another', () => {
  const directory = demo()
  assert.equal(directory.user(BOT), undefined)
  assert.equal(directory.application(ADELE), undefined)
  assert.equal(directory.applicationInstance(BOT), undefined)
  assert.equal(directory.phoneNumber('12065550151'), undefined)
  assert.equal(directory.find('nobody@contoso.example'), undefined)
  assert.equal(directory.find('constructor'), undefined)
})

test('finds the application behind a number, and none behind a spare one', () => {
  const directory = demo()
  assert.equal(directory.applicationOfNumber('+12065550100')?.application.appId, BOT)
  assert.equal(directory.applicationOfNumber('+12065550100')?.applicationInstance.id, INSTANCE)
  assert.equal(directory.applicationOfNumber('+12065550101'), undefined)
})

test('every entry carries its tenant', () => {
  const directory = demo()
  for (const tenant of directory.tenants()) {
    const instances = tenant.applications.flatMap((application) => application.applicationInstances)
    for (const entry of [...tenant.users, ...tenant.phoneNumbers, ...tenant.applications, ...instances]) {
      assert.equal(entry.tenantId, tenant.id)
    }
  }
})

test('without a default script people answer after a second', () => {
  assert.deepEqual(new Directory([]).defaultScript, { outcome: 'answer', afterMs: 1000 })
})

test('a GUID is read with or without hyphens, in either case', () => {
  for (const text of [TENANT, TENANT.toUpperCase(), TENANT.replaceAll('-', '')]) assert.equal(readGuid(text), TENANT)
  for (const text of ['', 'common', `${TENANT}0`, TENANT.slice(1), `{${TENANT}}`])
    assert.equal(readGuid(text), undefined)
})

const spellings: [string, string | undefined][] = [
  ['Calls.Initiate.All', 'Calls.Initiate.All'],
  ['Calls.InitiateGroupCalls.All', 'Calls.InitiateGroupCall.All'],
  ['calls.joingroupcalls.all', 'Calls.JoinGroupCall.All'],
  ['Calls.JoinGroupCallasGuest.All', 'Calls.JoinGroupCallAsGuest.All'],
  ['Calls.JoinGroupCallsAsGuest.All', 'Calls.JoinGroupCallAsGuest.All'],
  ['Calls.AccessMedia.All', 'Calls.AccessMedia.All'],
  ['OnlineMeetings.Read.All', 'OnlineMeetings.Read.All'],
  ['CallRecords.Read.All', 'CallRecords.Read.All'],
  ['Calls.Everything', undefined],
  ['User.Read.All', undefined],
]

for (const [written, kept] of spellings) {
  test(`the role ${written} is ${kept === undefined ? 'unknown' : `kept as ${kept}`}`, () => {
    assert.equal(canonicalRole(written), kept)
  })
}
