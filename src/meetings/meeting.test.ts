import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attendee, LobbySettings, Meeting, Visitor } from './meeting.ts'
import { joinUrl, readJoinUrl, roleOf, waits } from './meeting.ts'

const meeting: Meeting = {
  id: 'm',
  tenantId: 'here',
  organizerId: 'olga',
  threadId: '19:meeting_abc@thread.v2',
  createdAt: 0,
  startsAt: 0,
  endsAt: 1,
  attendees: [
    { id: 'ada', role: 'presenter' },
    { upn: 'FRED@fabrikam.example', role: 'attendee' },
  ] satisfies Attendee[],
  lobby: { scope: 'organization', isDialInBypassEnabled: false },
  allowedPresenters: 'everyone',
  joinMeetingId: '200000000000',
  videoTeleconferenceId: '2000000000',
  locked: false,
  settings: {},
}

const visitors = {
  organizer: { kind: 'user', id: 'olga', tenantId: 'here' },
  ada: { kind: 'user', id: 'ada', tenantId: 'here' },
  ben: { kind: 'user', id: 'ben', tenantId: 'here' },
  fred: { kind: 'user', id: 'fred', tenantId: 'there', userPrincipalName: 'fred@fabrikam.example' },
  stranger: { kind: 'user', id: 'sam', tenantId: 'there' },
  guest: { kind: 'guest' },
  phone: { kind: 'phone' },
  bot: { kind: 'application' },
} as const satisfies Record<string, Visitor>

const lets: [LobbySettings['scope'], string][] = [
  ['organizer', 'organizer bot'],
  ['invited', 'organizer ada fred bot'],
  ['organization', 'organizer ada ben bot'],
  ['organizationExcludingGuests', 'organizer ada ben bot'],
  ['organizationAndFederated', 'organizer ada ben fred stranger bot'],
  ['everyone', 'organizer ada ben fred stranger guest bot'],
]
for (const [scope, expected] of lets) {
  test(`the lobby lets in without waiting, by scope ${scope}: ${expected}`, () => {
    const without = (isDialInBypassEnabled: boolean): string =>
      Object.entries(visitors)
        .filter(([, visitor]) => !waits({ ...meeting, lobby: { scope, isDialInBypassEnabled } }, visitor))
        .map(([name]) => name)
        .join(' ')
    assert.equal(without(false), expected)
    assert.equal(without(true), expected.replace('bot', 'phone bot'))
  })
}

const presenters: [Meeting['allowedPresenters'], string][] = [
  ['everyone', 'ada ben fred stranger guest phone bot'],
  ['organization', 'ada ben'],
  ['roleIsPresenter', 'ada'],
  ['organizer', 'ada'],
]
for (const [allowedPresenters, expected] of presenters) {
  test(`who presents beside the organizer, where ${allowedPresenters} may: ${expected}`, () => {
    const roles = Object.entries(visitors).map(([name, visitor]) => [
      name,
      roleOf({ ...meeting, allowedPresenters }, visitor),
    ])
    assert.deepEqual(
      roles.filter(([, role]) => role === 'presenter').map(([name]) => name),
      expected.split(' '),
    )
    assert.deepEqual(
      roles.filter(([, role]) => role === 'organizer'),
      [['organizer', 'organizer']],
    )
  })
}

test('a join URL is read as it was written, escaped twice, or not at all', () => {
  const url = joinUrl(meeting)
  const read = { chatInfo: { threadId: meeting.threadId, messageId: '0' }, tenantId: 'here', organizerId: 'olga' }
  for (const text of [url, encodeURIComponent(url), decodeURIComponent(url)]) assert.deepEqual(readJoinUrl(text), read)
  const channel = `https://teams.microsoft.com/l/meetup-join/19:x@thread.skype/15?context={"Tid":"t","MessageId":"7","Oid":"o"}`
  assert.deepEqual(readJoinUrl(channel), {
    chatInfo: { threadId: '19:x@thread.skype', messageId: '15', replyChainMessageId: '7' },
    tenantId: 't',
    organizerId: 'o',
  })
  for (const text of [
    '',
    'https://teams.microsoft.com/l/meetup-join/',
    url.slice(0, 90),
    '%%%',
    channel.replace('"Tid"', 'Tid'),
  ]) {
    assert.equal(readJoinUrl(text), undefined)
  }
})
