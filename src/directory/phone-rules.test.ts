import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Identity, IdentityKind } from '../calls/identity.ts'
import type { Application, ApplicationInstance } from './directory.ts'
import { phoneBarrier, type PhoneAttempt } from './phone-rules.ts'

const NOW = 1000
const APP = '6f1b0c1e-5b0e-4c59-9f0c-0d6a1f6f3a11'

type Changes = { readonly [Key in keyof ApplicationInstance]?: ApplicationInstance[Key] | undefined }

function instance(n: number, more: Changes = {}): ApplicationInstance {
  const whole = {
    tenantId: 't',
    appId: APP,
    id: `instance-${n}`,
    displayName: 'Line',
    userPrincipalName: `line${n}@contoso.example`,
    licenses: ['phoneSystemVirtualUser', 'callingPlan'],
    syncedAt: 0,
    phoneNumber: `+1206555010${n}`,
    numberSyncedAt: NOW,
    ...more,
  }
  // What is undefined is as if it had not been written.
  return JSON.parse(JSON.stringify(whole)) as ApplicationInstance
}

function application(...applicationInstances: ApplicationInstance[]): Application {
  return { tenantId: 't', appId: APP, displayName: 'Bot', secrets: [], roles: [], applicationInstances }
}

const identity = (kind: IdentityKind, id: string): Identity => ({ kind, id })
const self = identity('application', APP)
const line = identity('applicationInstance', 'instance-1')
const person = identity('user', 'ada')
const called = (target: Identity): PhoneAttempt => ({
  type: 'invite',
  direction: 'incoming',
  source: person,
  targets: [{ identity: target }],
})
const outgoing = (
  source: Identity,
  targets: readonly Identity[] = [person],
): Extract<PhoneAttempt, { type: 'invite' }> => ({
  type: 'invite',
  direction: 'outgoing',
  source,
  targets: targets.map((target) => ({ identity: target })),
})

const matrix: [string, PhoneAttempt, 'yes' | RegExp][] = [
  ['called via its number, known by the instance, invites', called(line), 'yes'],
  ['called via its number, by another bot, invites', called(identity('phone', '+12065550101')), 'yes'],
  ['called via its app id, invites', called(self), /called by its app id/],
  ['calls a phone from an instance', { type: 'create', source: line }, 'yes'],
  [
    'calls a phone without an instance',
    { type: 'create', source: self },
    /needs an application instance as its source/,
  ],
  ['called somebody, invites', outgoing(self), 'yes'],
  ['joined by token, invites', { ...outgoing(self), joinedByToken: true }, /joined by token \(tokenMeetingInfo\)/],
  ['called somebody from an instance, invites', outgoing(line), 'yes'],
  ['joined a meeting, invites', outgoing(self, []), 'yes'],
  ['joined a meeting as a guest, invites', outgoing(identity('guest', 'g'), []), 'yes'],
]

for (const [name, attempt, expected] of matrix) {
  test(`an application that ${name}: ${expected === 'yes' ? 'yes' : 'no'} in profile teams, yes in open`, () => {
    const barrier = phoneBarrier(application(instance(1)), attempt, { profile: 'teams', now: NOW })
    if (expected === 'yes') assert.equal(barrier, undefined)
    else assert.match(barrier ?? '', expected)
    assert.equal(phoneBarrier(application(instance(1)), attempt, { profile: 'open', now: NOW }), undefined)
  })
}

const unfinished: [string, Changes, RegExp][] = [
  ['never synced', { syncedAt: undefined }, /line1@contoso.example was never synced; sync it$/],
  ['being synced', { syncedAt: NOW + 1 }, /still being synced/],
  ['no licence', { licenses: [] }, /no licence for Phone System - Virtual User and a calling plan; assign it$/],
  ['no calling plan', { licenses: ['phoneSystemVirtualUser'] }, /no licence for a calling plan/],
  ['no number', { phoneNumber: undefined, numberSyncedAt: undefined }, /has no phone number; assign a service number/],
  ['number pending', { numberSyncedAt: undefined }, /was not synced since it got the number \+12065550101/],
  ['number being synced', { numberSyncedAt: NOW + 1 }, /number \+12065550101 of .* is still being synced/],
]

for (const [name, more, expected] of unfinished) {
  test(`an instance that is not ready names what is missing, in both profiles: ${name}`, () => {
    const own = application(instance(1, more))
    for (const profile of ['teams', 'open'] as const) {
      assert.match(phoneBarrier(own, outgoing(self), { profile, now: NOW }) ?? '', expected)
    }
  })
}

test('no instance at all', () => {
  assert.match(
    phoneBarrier(application(), outgoing(self), { profile: 'open', now: NOW }) ?? '',
    /has no application inst/,
  )
})

test('one ready instance is enough, unless the call names another', () => {
  const own = application(instance(1, { licenses: [] }), instance(2))
  assert.equal(phoneBarrier(own, outgoing(self), { profile: 'teams', now: NOW }), undefined)
  assert.match(phoneBarrier(own, outgoing(line), { profile: 'teams', now: NOW }) ?? '', /line1@.* has no licence/)
  assert.equal(phoneBarrier(own, outgoing(line), { profile: 'open', now: NOW }), undefined)
})

test('of several instances the furthest one is told of', () => {
  const own = application(
    instance(1, { syncedAt: undefined }),
    instance(2, { numberSyncedAt: undefined }),
    instance(3, { licenses: [] }),
  )
  assert.match(phoneBarrier(own, outgoing(self), { profile: 'teams', now: NOW }) ?? '', /line2@/)
})
