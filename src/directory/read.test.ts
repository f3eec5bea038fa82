import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem } from './cursor.ts'
import { readDirectory } from './read.ts'

const options = { file: 'd.yaml', wireVersions: ['v1.0', 'beta', '2018-12'] }

/** The problems of a file, one line each. */
function problems(text: string): string[] {
  const read = readDirectory(text, options)
  return read.ok ? [] : read.problems.map(formatProblem)
}

const ID = '49bfc225-8482-4ab8-94e7-76b48fdb9849'
const HEAD = `tenants:\n  - id: ${ID}\n    name: contoso\n`
const APP = `    applications:
      - appId: 6f1b0c1e-5b0e-4c59-9f0c-0d6a1f6f3a11
        displayName: Incident Bot
`

test('reads every key', () => {
  const read = readDirectory(
    `defaults: { script: { busy: {} } }
tenants:
  - id: 49BFC22584824AB894E776B48FDB9849
    name: contoso
    domains: [contoso.example]
    users:
      - { id: 550fae72-d251-43ec-868c-373732c2704f, displayName: User One, userPrincipalName: user1@contoso.example, script: {ignore: } }
    phoneNumbers:
      - { number: +12065550100, kind: service, displayName: Line }
    applications:
      - appId: 6f1b0c1e-5b0e-4c59-9f0c-0d6a1f6f3a11
        displayName: Incident Bot
        secrets: [a, 12]
        notificationUrl: http://localhost:3978/api/calls
        allowedHosts: [localhost, '*.bot.example']
        roles: [Calls.InitiateGroupCalls.All, Calls.InitiateGroupCall.All, OnlineMeetings.Read.All]
        wireVersion: 2018-12
        applicationInstances:
          - id: 3c913abb-27bb-4e1c-a8f2-0d6a1f6f3a12
            displayName: Incident line
            userPrincipalName: line@contoso.example
            phoneNumber: "+12065550100"
`,
    options,
  )
  assert.ok(read.ok, JSON.stringify(read))
  const { directory } = read
  assert.deepEqual(directory.defaultScript, { outcome: 'busy', afterMs: 0 })
  assert.deepEqual(directory.tenants(), [
    {
      id: ID,
      name: 'contoso',
      domains: ['contoso.example'],
      users: [
        {
          tenantId: ID,
          id: '550fae72-d251-43ec-868c-373732c2704f',
          displayName: 'User One',
          userPrincipalName: 'user1@contoso.example',
          script: { outcome: 'ignore' },
        },
      ],
      phoneNumbers: [{ tenantId: ID, number: '+12065550100', kind: 'service', displayName: 'Line' }],
      applications: [
        {
          tenantId: ID,
          appId: '6f1b0c1e-5b0e-4c59-9f0c-0d6a1f6f3a11',
          displayName: 'Incident Bot',
          secrets: ['a', '12'],
          notificationUrl: 'http://localhost:3978/api/calls',
          allowedHosts: ['localhost', '*.bot.example'],
          roles: ['Calls.InitiateGroupCall.All', 'OnlineMeetings.Read.All'],
          wireVersion: '2018-12',
          applicationInstances: [
            {
              tenantId: ID,
              appId: '6f1b0c1e-5b0e-4c59-9f0c-0d6a1f6f3a11',
              id: '3c913abb-27bb-4e1c-a8f2-0d6a1f6f3a12',
              displayName: 'Incident line',
              userPrincipalName: 'line@contoso.example',
              licenses: ['phoneSystemVirtualUser', 'callingPlan'],
              syncedAt: 0,
              phoneNumber: '+12065550100',
              numberSyncedAt: 0,
            },
          ],
        },
      ],
    },
  ])
})

test('a tenant alone is enough', () => assert.deepEqual(problems(HEAD), []))
test('a list with nothing in it may be left empty', () => assert.deepEqual(problems(`${HEAD}    users:\n`), []))
/** A line of a list of users. */
function user(n: number, script: string): string {
  return `      - { id: 550fae72-d251-43ec-868c-37373200000${n}, displayName: U, userPrincipalName: u${n}@c.example, script: ${script} }\n`
}

test('a script may be shared by an alias', () => {
  assert.deepEqual(problems(`${HEAD}    users:\n${user(1, '&b {busy: {}}')}${user(2, '*b')}`), [])
})

const refused: [string, string, RegExp][] = [
  ['nothing', '', /^d.yaml:1:1: must be a mapping; the keys allowed here are defaults, tenants$/],
  ['no tenants', 'tenants: []\n', /^d.yaml:1:10: tenants: must list at least one tenant$/],
  ['a tenants key of the wrong kind', 'tenants: yes\n', /tenants: must be a list/],
  ['a missing tenants key', 'defaults: {script: {busy: {}}}\n', /^d.yaml:1:1: has no tenants; add one$/],
  ['bad syntax', 'tenants: [\n', /^d.yaml:2:1: is not valid YAML: /],
  ['an unknown tag', `${HEAD}    domains: [!x a.example]\n`, /is not valid YAML: unresolved tag/],
  ['a key twice', `${HEAD}    name: again\n`, /^d.yaml:4:5: the same key stands here twice; keep one$/],
  ['two documents', `${HEAD}---\n${HEAD}`, /is not valid YAML: source contains multiple documents/],
  [
    'an unknown key',
    `${HEAD}    usres: []\n`,
    /^d.yaml:4:5: tenants\[0\].usres: is not a known key; did you mean users\?$/,
  ],
  ['an unknown key like no other', `${HEAD}    zzz: []\n`, /is not a known key; the keys allowed here are id, name, /],
  ['an id that is no GUID', 'tenants:\n  - {id: 12, name: c}\n', /^d.yaml:2:10: tenants\[0\].id: "12" is not a GUID/],
  ['a missing name', `tenants:\n  - id: ${ID}\n`, /^d.yaml:2:5: tenants\[0\]: has no name; add one$/],
  ['an empty name', `tenants:\n  - id: ${ID}\n    name:\n`, /tenants\[0\].name: must be text/],
  ['a reserved name', HEAD.replace('contoso', 'Common'), /"Common" has a meaning of its own/],
  ['a name with a slash', HEAD.replace('contoso', 'a/b'), /must consist of letters, digits/],
  ['a domain that is none', `${HEAD}    domains: [contoso]\n`, /^d.yaml:4:15: .*"contoso" is not a domain name/],
  [
    'the same domain twice',
    `${HEAD}    domains: [a.example, A.example]\n`,
    /taken by tenants\[0\].domains\[0\]; every/,
  ],
  [
    'a number with spaces',
    `${HEAD}    phoneNumbers: [{number: +1 206, kind: user}]\n`,
    /"\+1 206" is not an E.164 number/,
  ],
  [
    'an unknown kind',
    `${HEAD}    phoneNumbers: [{number: +1206, kind: home}]\n`,
    /"home" is not one of service, user, ext/,
  ],
  [
    'a service number with a script',
    `${HEAD}    phoneNumbers: [{number: +1206, kind: service, script: {busy: {}}}]\n`,
    /a service number rings its application/,
  ],
  [
    'a number twice',
    `${HEAD}    phoneNumbers: [{number: +1206, kind: user}, {number: +1206, kind: user}]\n`,
    /^d.yaml:4:58: .*the phone number \+1206 is taken by tenants\[0\].phoneNumbers\[0\].number/,
  ],
  [
    'a bad script',
    `${HEAD}    users:\n      - id: 550fae72-d251-43ec-868c-373732c2704f\n        displayName: U\n        userPrincipalName: u@c.example\n        script:\n          answer:\n            after: soon\n`,
    /^d.yaml:10:13: tenants\[0\].users\[0\].script.answer.after: .*must be a duration/,
  ],
  [
    'a bad default script',
    `defaults: {script: {anser: {}}}\n${HEAD}`,
    /^d.yaml:1:21: defaults.script.anser: "anser" is not/,
  ],
  [
    'a host that is none',
    `${HEAD}${APP}        secret: a\n        allowedHosts: [https://bot.example/path]\n`,
    /allowedHosts\[0\]: "https:\/\/bot.example\/path" is no host; write one such as/,
  ],
  [
    'an address beside the allowed hosts',
    `${HEAD}${APP}        secret: a\n        allowedHosts: [bot.example]\n        notificationUrl: https://other.example/\n`,
    /notificationUrl: "https:\/\/other.example\/" is at none of the application's allowedHosts/,
  ],
  ['an application without a secret', `${HEAD}${APP}`, /^d.yaml:5:9: tenants\[0\].applications\[0\]: has no secret/],
  ['both secret and secrets', `${HEAD}${APP}        secret: a\n        secrets: [b]\n`, /keep one of the two keys/],
  ['no secrets in the list', `${HEAD}${APP}        secrets: []\n`, /must list at least one secret/],
  [
    'a bad address',
    `${HEAD}${APP}        secret: a\n        notificationUrl: ftp://x\n`,
    /not an http or https address/,
  ],
  [
    'an unknown role',
    `${HEAD}${APP}        secret: a\n        roles: [Calls.Initate.All]\n`,
    /did you mean Calls.Initiate/,
  ],
  [
    'an unknown version',
    `${HEAD}${APP}        secret: a\n        wireVersion: v2\n`,
    /"v2" is not one of v1.0, beta, 2018/,
  ],
  [
    'an alias of nothing',
    `${HEAD}    users: *nobody\n`,
    /^d.yaml:4:12: \*nobody stands for nothing; write &nobody above it$/,
  ],
]

for (const [name, text, line] of refused) {
  test(`refuses ${name}`, () => {
    const found = problems(text)
    assert.equal(found.length, 1, found.join('\n'))
    assert.match(found[0] ?? '', line)
  })
}

/** An application with an instance that has `number`, beside these numbers. */
function withInstance(numbers: string, number: string): string {
  return `${HEAD}    phoneNumbers: [${numbers}]\n${APP}        secret: a\n        applicationInstances:
          - { id: 3c913abb-27bb-4e1c-a8f2-0d6a1f6f3a12, displayName: L, userPrincipalName: l@c.example, phoneNumber: "${number}" }
`
}

test("an instance's number must be one of the tenant's service numbers", () => {
  assert.deepEqual(problems(withInstance('{number: +1206, kind: service}', '+1206')), [])
  assert.match(problems(withInstance('', '+1206'))[0] ?? '', /\+1206 is not among the tenant's phoneNumbers/)
  assert.match(problems(withInstance('{number: +1206, kind: user}', '+1206'))[0] ?? '', /\+1206 is of kind user/)
})

test('a number belongs to one instance', () => {
  const second =
    '          - { id: 3c913abb-27bb-4e1c-a8f2-0d6a1f6f3a13, displayName: M, userPrincipalName: m@c.example, phoneNumber: "+1206" }\n'
  const found = problems(withInstance('{number: +1206, kind: service}', '+1206') + second)
  assert.equal(found.length, 1)
  assert.match(
    found[0] ?? '',
    /applicationInstances\[1\].phoneNumber: the number of an application instance \+1206 is taken/,
  )
})

test('ids are unique across kinds and spellings, and user principal names across cases', () => {
  const found = problems(`${HEAD}    users:
      - { id: ${ID.replaceAll('-', '').toUpperCase()}, displayName: A, userPrincipalName: a@c.example }
      - { id: 550fae72-d251-43ec-868c-373732c2704f, displayName: B, userPrincipalName: A@C.example }
`)
  assert.equal(found.length, 2)
  assert.match(found[0] ?? '', /^d.yaml:5:15: tenants\[0\].users\[0\].id: the id .* is taken by tenants\[0\].id/)
  assert.match(found[1] ?? '', /^d.yaml:6:\d+: .*the userPrincipalName A@C.example is taken by tenants\[0\].users\[0\]/)
})

test('reports every problem at once, in order of place', () => {
  const found = problems(`tenants:
  - id: nope
    name: c
    users: [{ displayName: A, userPrincipalName: x, colour: red }]
    phoneNumbers: [{ number: 5, kind: user }]
`)
  assert.deepEqual(
    found.map((line) => line.split(': ').slice(0, 2).join(' ')),
    [
      'd.yaml:2:9 tenants[0].id',
      'd.yaml:4:13 tenants[0].users[0]',
      'd.yaml:4:50 tenants[0].users[0].userPrincipalName',
      'd.yaml:4:53 tenants[0].users[0].colour',
      'd.yaml:5:30 tenants[0].phoneNumbers[0].number',
    ],
  )
})

test('aliases that multiply are refused', () => {
  const levels = Array.from({ length: 9 }, (_, n) => `  - &l${n + 1} [${Array(9).fill(`*l${n}`).join(', ')}]\n`)
  const found = problems(`tenants:\n  - &l0 [x]\n${levels.join('')}`)
  assert.deepEqual(found, ['d.yaml:1:1: its aliases multiply beyond any use; write the values out instead'])
})

test('an alias inside what it stands for is refused', () => {
  assert.notDeepEqual(problems('tenants: &t\n  - *t\n'), [])
  assert.notDeepEqual(problems(`${HEAD}    users: [{script: &s {answer: *s}}]\n`), [])
})

test('a file beyond all bounds is refused unread', () => {
  assert.match(problems('#'.repeat(9 * 1024 * 1024))[0] ?? '', /is longer than 8 MiB/)
})
