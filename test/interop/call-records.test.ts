/** Microsoft's models as judges of call records. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as models from '@microsoft/msgraph-sdk/models/callRecords/index.js'
import { INSTANCE, PHONE, phone, startWorld, user } from '../support/world.ts'
import type { World } from '../support/world.ts'
import { create } from '../scenarios/steps.ts'
import { judge } from './judge.ts'
import type { ModelFactory } from './judge.ts'

const CALLING = ['Calls.Initiate.All', 'Calls.InitiateGroupCall.All', 'Calls.JoinGroupCall.All', 'CallRecords.Read.All']

/** Members of identities that Graph's open types carry without declaring them. */
const DYNAMIC = ['Identity.tenantId', 'IdentitySet.phone', 'IdentitySet.applicationInstance']

/** The reply to getPstnCalls, whose envelope the SDK keeps beside its request builder: its rows are judged one by one. */
const rows: ModelFactory = models.createPstnCallLogRowFromDiscriminatorValue

async function read(world: World, path: string, factory: ModelFactory, each = false): Promise<void> {
  for (const version of ['v1.0', 'beta'] as const) {
    const { status, body } = await world.client('alpha', version).get(`/communications/callRecords${path}`)
    assert.equal(status, 200)
    for (const one of each ? body.value : [body]) {
      const { findings } = judge(JSON.stringify(one), factory)
      const complaints = findings.filter(({ member }) => !DYNAMIC.includes(member) && !member.includes('@odata.'))
      assert.deepEqual(complaints, [], path)
    }
  }
}

test('records, sessions, segments and the rows of the telephone log are what the models know', async (t) => {
  const start = Date.UTC(2026, 0, 1)
  const world = await startWorld(t, { clockStart: start }, { alpha: { roles: CALLING } })
  await world.script('ben', { decline: {} })
  const more = { source: { identity: { applicationInstance: { id: INSTANCE } } } }
  const { id } = await create(world, [user('ada'), phone(PHONE)], { more: { ...more, requestedModalities: ['video'] } })
  await world.settle()
  const calls = world.client('alpha')
  await calls.post(`/communications/calls/${id}/participants/invite`, { participants: [user('ben')] })
  await world.advance('10s')
  const { callChainId } = (await calls.get(`/communications/calls/${id}`)).body
  const { participants } = (await world.control('GET', `/calls/${id}`)).body
  const ends = participants.filter(({ type }: { type: string }) => type === 'person')
  for (const one of ends) await world.control('POST', `/calls/${id}/participants/${one.id}/leave`)
  await world.take()
  await read(world, `/${callChainId}`, models.createCallRecordFromDiscriminatorValue)
  const everything = `/${callChainId}?$expand=sessions($expand=segments),participants_v2`
  await read(world, everything, models.createCallRecordFromDiscriminatorValue)
  await read(world, '', models.createCallRecordCollectionResponseFromDiscriminatorValue)
  await read(world, `/${callChainId}/sessions`, models.createSessionCollectionResponseFromDiscriminatorValue)
  await read(world, `/${callChainId}/participants_v2`, models.createParticipantCollectionResponseFromDiscriminatorValue)
  await read(world, '/getPstnCalls(fromDateTime=2026-01-01,toDateTime=2026-01-02)', rows, true)
})
