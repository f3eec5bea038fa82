/** What every implementation of the store must do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Call } from '../calls/call.ts'
import type { Conversation } from '../calls/conversation.ts'
import type { Notification } from '../calls/notification.ts'
import type { Attempt, Commit, Delivery, Document, DocumentQuery, Store } from './store.ts'
import { VersionConflict } from './store.ts'

/** Opens a store, and opens it again after it was closed; one that keeps nothing gives a new one. */
export interface Opener {
  readonly open: () => Store | Promise<Store>
  readonly persistent: boolean
}

const AT = Date.UTC(2026, 0, 1)

function conversation(id: string, more: Partial<Conversation> = {}): Conversation {
  return {
    id,
    tenantId: 'tenant',
    mode: 'group',
    callChainId: `chain-${id}`,
    createdAt: AT,
    endBy: AT + 1000,
    calls: [],
    participants: [],
    invitations: [],
    operations: [],
    audioRoutingGroups: [],
    departures: [],
    departed: [],
    arrivals: [],
    recordings: [],
    rosterSequence: 0,
    nextSourceId: 1,
    ...more,
  }
}

function call(id: string): Call {
  return {
    id,
    appId: 'app',
    tenantId: 'tenant',
    direction: 'outgoing',
    state: { name: 'establishing', since: AT, keepAliveBy: AT + 1 },
    callbackUri: 'http://127.0.0.1/',
    scenarioId: 'scenario',
    manners: { wireVersion: 'v1.0', end: 'terminating' },
    source: { identity: { kind: 'application', id: 'app', displayName: 'Ünïcode 😀 \u0000' } },
    targets: [],
    requestedModalities: ['audio'],
    mediaConfig: { type: 'none' },
    participantId: 'self',
    createdAt: AT,
    notified: 0,
    rosterSent: false,
  }
}

/** A delivery of one call's notification; `order` is its place in the one order of everything. */
function delivery(callId: string, number: number, order: number, more: Partial<Delivery> = {}): Delivery {
  const notification: Notification = {
    callId,
    appId: 'app',
    tenantId: 'tenant',
    number,
    changeType: 'updated',
    callbackUri: 'http://127.0.0.1/',
    wireVersion: 'v1.0',
    callChainId: 'chain',
    scenarioId: 'scenario',
    subject: { type: 'call', view: { call: call(callId), callChainId: 'chain' }, phase: 'established' },
  }
  return {
    id: `${callId}-${number}`,
    order,
    conversationId: 'c',
    notification,
    createdAt: AT,
    state: 'pending',
    attempts: 0,
    ...more,
  }
}

let order = 1000

function commit(of: Conversation, version: number, more: Partial<Commit> = {}): Commit {
  return {
    conversation: of,
    version,
    newCalls: [],
    deliveries: [],
    timeline: { order: ++order, at: AT, conversationId: of.id, command: 'Wake', events: [] },
    ...more,
  }
}

function attempt(of: Delivery, number: number, more: Partial<Attempt> = {}): Attempt {
  return {
    deliveryId: of.id,
    number,
    order: ++order,
    at: AT + number,
    url: 'http://127.0.0.1/',
    latency: 1.5,
    replay: false,
    ...more,
  }
}

/** Runs the suite. */
export function storeSuite(name: string, opener: (t: TestContext) => Opener): void {
  const withStore = (what: string, run: (store: Store, reopen: () => Promise<Store>) => Promise<void>): void => {
    test(`${name}: ${what}`, async (t) => {
      const { open } = opener(t)
      let store = await open()
      t.after(() => store.close())
      await run(store, async () => {
        await store.close()
        store = await open()
        return store
      })
    })
  }
  conversations(withStore)
  deliveries(withStore)
  rest(withStore)
  test(`${name}: what was kept is there after reopening`, async (t) => {
    const { open, persistent } = opener(t)
    const before = await open()
    const state = conversation('c', { calls: [call('k')], subject: 'Ä 😀' })
    await before.commit(commit(state, 0, { newCalls: state.calls, deliveries: [delivery('k', 1, 7)] }))
    await before.saveScript('ada', { busy: {} })
    await before.saveKeys([{ kid: 'key', createdAt: AT, privateJwk: { n: '1' } }])
    const last = await before.lastOrder()
    await before.close()
    const after = await open()
    t.after(() => after.close())
    assert.deepEqual(await after.load('c'), persistent ? { conversation: state, version: 1 } : undefined)
    assert.deepEqual([...(await after.scripts())], persistent ? [['ada', { busy: {} }]] : [])
    assert.deepEqual(await after.pendingCalls(), persistent ? ['k'] : [])
    assert.equal((await after.loadKeys()).length, persistent ? 1 : 0)
    assert.equal(await after.lastOrder(), persistent ? last : 0)
    if (persistent) await after.commit(commit({ ...state, rosterSequence: 1 }, 1))
  })
}

type WithStore = (what: string, run: (store: Store, reopen: () => Promise<Store>) => Promise<void>) => void

function conversations(withStore: WithStore): void {
  withStore('a conversation is loaded as it was committed', async (store) => {
    assert.equal(await store.load('c'), undefined)
    const first = conversation('c', { calls: [call('k')] })
    await store.commit(commit(first, 0, { newCalls: first.calls }))
    assert.deepEqual(await store.load('c'), { conversation: first, version: 1 })
    const second = { ...first, rosterSequence: 3 }
    await store.commit(commit(second, 1))
    assert.deepEqual(await store.load('c'), { conversation: second, version: 2 })
    assert.deepEqual(await store.findCall('k'), { callId: 'k', conversationId: 'c', appId: 'app' })
    assert.equal(await store.findCall('c'), undefined)
  })

  withStore('a commit upon another version is refused, and changes nothing', async (store) => {
    const state = conversation('c')
    await assert.rejects(store.commit(commit(state, 1)), VersionConflict)
    await store.commit(commit(state, 0))
    for (const version of [0, 2]) {
      const late = commit({ ...state, rosterSequence: 9 }, version, {
        newCalls: [call('k')],
        deliveries: [delivery('k', 1, 7)],
      })
      await assert.rejects(store.commit(late), VersionConflict)
    }
    assert.deepEqual(await store.load('c'), { conversation: state, version: 1 })
    assert.equal(await store.findCall('k'), undefined)
    assert.deepEqual(await store.pending({ limit: 10 }), [])
    assert.equal((await store.timeline('c')).length, 1)
  })

  withStore('a conversation is loaded as it is after many commits, each upon the one before', async (store, reopen) => {
    let [before, version] = [conversation('c', { calls: [call('k')], subject: 'long '.repeat(100) }), 1]
    await store.commit(commit(before, 0, { newCalls: before.calls }))
    const save = async (after: Conversation, to: Store): Promise<void> => {
      await to.commit(commit(after, version++, { before }))
      before = after
      assert.deepEqual(await to.load('c'), { conversation: after, version })
      assert.deepEqual(await to.list({ ended: true, limit: 1 }), [after])
    }
    const walk = async (to: Store): Promise<void> => {
      for (let step = 0; step < 40; step++) {
        const { audioRoutingGroups: groups, rosterSequence } = before
        const group = { id: `g${step}`, callId: 'k', routingMode: 'multicast', sources: [], receivers: ['Ä'] } as const
        await save({ ...before, rosterSequence: rosterSequence + 1, audioRoutingGroups: [...groups, group] }, to)
        const calls = before.calls.map((one) => ({ ...one, notified: one.notified + 1 }))
        await save({ ...before, calls, audioRoutingGroups: before.audioRoutingGroups.slice(step % 2) }, to)
      }
    }
    await walk(store)
    const { subject, ...anonymous } = before
    assert.ok(subject !== undefined)
    await save(anonymous, store)
    const again = await reopen()
    const loaded = await again.load('c')
    if (!loaded) return
    before = loaded.conversation
    assert.deepEqual(before, anonymous)
    await walk(again)
    await save({ ...before, endedAt: AT + 7 }, again)
  })

  withStore('of two commits upon the same conversation the second one is refused', async (store) => {
    const first = conversation('c')
    await store.commit(commit(first, 0))
    const [one, other] = [1, 2].map((rosterSequence) => ({ ...first, rosterSequence })) as [Conversation, Conversation]
    await store.commit(commit(one, 1, { before: first }))
    await assert.rejects(store.commit(commit(other, 1, { before: first })), VersionConflict)
    await assert.rejects(store.commit(commit({ ...other, endedAt: AT }, 1, { before: first })), VersionConflict)
    assert.deepEqual(await store.load('c'), { conversation: one, version: 2 })
  })

  withStore('commits of one turn: a bad one does not spoil the others', async (store) => {
    const good = (id: string): Promise<void> => store.commit(commit(conversation(id), 0))
    const results = await Promise.allSettled([
      good('a'),
      store.commit(commit(conversation('b'), 4, { newCalls: [call('lost')] })),
      good('c'),
      store.commit(commit(conversation('d'), 0, { deliveries: [delivery('k', 1, 1), delivery('k', 1, 2)] })),
      good('e'),
    ])
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
    )
    const kept = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => store.load(id)))
    assert.deepEqual(
      kept.map((one) => one?.version),
      [1, undefined, 1, undefined, 1],
    )
    assert.equal(await store.findCall('lost'), undefined)
    assert.equal(await store.delivery('k-1'), undefined)
  })

  withStore('unfinished conversations and lists', async (store) => {
    await store.commit(commit(conversation('old', { createdAt: AT - 2 }), 0))
    await store.commit(commit(conversation('done', { createdAt: AT - 1, endedAt: AT }), 0))
    await store.commit(commit(conversation('new'), 0))
    const departure = { participantId: 'p', callId: 'c', to: { conversationId: 'new', participantId: 'q' } }
    const left = conversation('left', { createdAt: AT - 3, endedAt: AT })
    await store.commit(commit({ ...left, departures: [departure] }, 0))
    assert.deepEqual(await store.unfinished(), ['left', 'old', 'new'])
    await store.commit(commit(left, 1))
    assert.deepEqual(await store.unfinished(), ['old', 'new'])
    const ids = async (ended: boolean, limit = 10): Promise<string[]> =>
      (await store.list({ ended, limit })).map(({ id }) => id)
    assert.deepEqual(await ids(true), ['new', 'done', 'old', 'left'])
    assert.deepEqual(await ids(false), ['new', 'old'])
    assert.deepEqual(await ids(true, 1), ['new'])
  })

  withStore('the timeline, in order, with what it came from', async (store) => {
    const entry = { order: 5, at: AT, conversationId: 'c', command: 'Invite', requestId: 'r' }
    const events = [{ type: 'Resumed' } as const]
    const by = { type: 'application', appId: 'app' } as const
    await store.commit(commit(conversation('c'), 0, { timeline: { ...entry, order: 6, by, events: [] } }))
    await store.commit(commit(conversation('c'), 1, { timeline: { ...entry, events } }))
    assert.deepEqual(await store.timeline('c'), [
      { ...entry, events },
      { ...entry, order: 6, by, events: [] },
    ])
    assert.deepEqual(await store.timeline('d'), [])
  })

  withStore('who and what a conversation was about, for as long as its timeline tells', async (store) => {
    const identity = { kind: 'user', id: 'u' } as const
    const events = [
      { type: 'OperationStarted', callId: 'k', operationId: 'op' },
      { type: 'InviteeRung', participantId: 'p', identity },
    ] as const
    const timeline = { order: 1, at: AT, conversationId: 'c', command: 'Invite', events }
    await store.commit(commit(conversation('c', { endedAt: AT }), 0, { newCalls: [call('k')], timeline }))
    const subjects = (): Promise<unknown[]> => Promise.all(['k', 'op', 'p', 'c'].map((id) => store.findSubject(id)))
    assert.deepEqual(await subjects(), ['c', 'c', 'c', undefined])
    await store.purge({ conversations: AT, deliveries: AT, timeline: AT + 1, answers: AT })
    assert.deepEqual(await subjects(), [undefined, undefined, undefined, undefined])
  })
}

function deliveries(withStore: WithStore): void {
  withStore('pending deliveries, by call and in order', async (store) => {
    const all = [delivery('k', 2, 4), delivery('k', 1, 3), delivery('k', 10, 6), delivery('m', 1, 5)]
    await store.commit(commit(conversation('c'), 0, { deliveries: all }))
    const names = async (options: Parameters<Store['pending']>[0]): Promise<string[]> =>
      (await store.pending(options)).map(({ id }) => id)
    assert.deepEqual(await names({ limit: 10 }), ['k-1', 'k-2', 'k-10', 'm-1'])
    assert.deepEqual(await names({ callId: 'k', limit: 10 }), ['k-1', 'k-2', 'k-10'])
    assert.deepEqual(await names({ callId: 'k', after: 1, limit: 1 }), ['k-2'])
    assert.deepEqual(await names({ callId: 'x', limit: 10 }), [])
    assert.deepEqual([...(await store.pendingCalls())].sort(), ['k', 'm'])
    assert.deepEqual(await store.delivery('k-10'), all[2])
    assert.equal(await store.delivery('k-3'), undefined)
  })

  withStore('attempts change their delivery, and a replay does not', async (store) => {
    const first = delivery('k', 1, 3)
    await store.commit(commit(conversation('c'), 0, { deliveries: [first, delivery('k', 2, 4)] }))
    const failed = attempt(first, 1, { error: 'no answer' })
    const tried = { ...first, attempts: 1, firstAttemptAt: AT, body: '{"ä":"😀"}' }
    await store.saveAttempt(failed, tried)
    assert.deepEqual(await store.delivery(first.id), tried)
    const taken = attempt(first, 2, { status: 202, answer: 'ok' })
    const done: Delivery = { ...tried, attempts: 2, state: 'delivered', settledAt: AT + 9 }
    await store.saveAttempt(taken, done)
    const replayed = attempt(first, 3, { status: 500, error: 'the bot answered 500', replay: true })
    await store.saveAttempt(replayed)
    assert.deepEqual(await store.delivery(first.id), done)
    assert.deepEqual(await store.attempts([first.id, 'unknown']), [failed, taken, replayed])
    assert.deepEqual(await store.attempts([]), [])
    assert.deepEqual(
      (await store.pending({ limit: 10 })).map(({ id }) => id),
      ['k-2'],
    )
  })

  withStore('deliveries by every question, newest first', async (store) => {
    const dead = delivery('m', 1, 5)
    await store.commit(commit(conversation('c'), 0, { deliveries: [delivery('k', 1, 3), delivery('k', 2, 4), dead] }))
    await store.saveAttempt(attempt(dead, 1), { ...dead, attempts: 1, state: 'dead', settledAt: AT })
    const names = async (query: Partial<Parameters<Store['deliveries']>[0]>): Promise<string[]> =>
      (await store.deliveries({ limit: 10, most: 1e6, ...query })).deliveries.map(({ id }) => id)
    assert.deepEqual(await names({}), ['m-1', 'k-2', 'k-1'])
    assert.deepEqual(await names({ limit: 1 }), ['m-1'])
    assert.deepEqual(await names({ most: 1 }), ['m-1'])
    assert.equal((await store.deliveries({ limit: 10, most: 1 })).isCut, true)
    assert.equal((await store.deliveries({ limit: 1, most: 1 })).isCut, false)
    assert.deepEqual(await names({ callId: 'k' }), ['k-2', 'k-1'])
    assert.deepEqual(await names({ state: 'dead' }), ['m-1'])
    assert.deepEqual(await names({ callId: 'k', state: 'dead' }), [])
    assert.deepEqual(await names({ conversationId: 'c', appId: 'app' }), ['m-1', 'k-2', 'k-1'])
    assert.deepEqual(await names({ appId: "' OR 1=1 --" }), [])
  })
}

function rest(withStore: WithStore): void {
  withStore('scripts are set, replaced and taken back', async (store) => {
    await store.saveScript('ada', { busy: {} })
    await store.saveScript('ben', { ignore: null })
    await store.saveScript('ada', { decline: { after: '1s' } })
    await store.saveScript('nobody', undefined)
    await store.saveScript('ben', undefined)
    assert.deepEqual([...(await store.scripts())], [['ada', { decline: { after: '1s' } }]])
  })

  withStore('changes of the directory are kept in their order, replaced and forgotten', async (store) => {
    await store.saveDirectoryChanges(
      new Map<string, unknown>([
        ['a', { n: 1 }],
        ['b', { n: 2 }],
      ]),
    )
    await store.saveDirectoryChanges(
      new Map<string, unknown>([
        ['c', { n: 3 }],
        ['a', { n: 4 }],
        ['b', undefined],
      ]),
    )
    assert.deepEqual(await store.directoryChanges(), [{ n: 4 }, { n: 3 }])
    await store.reset()
    assert.deepEqual(await store.directoryChanges(), [])
  })

  withStore('signing keys are replaced as a whole', async (store) => {
    const key = (kid: string, createdAt: number): object => ({ kid, createdAt, privateJwk: { kty: 'RSA', kid } })
    const [one, two, three] = [key('1', AT), key('2', AT + 2), key('3', AT + 1)] as Parameters<Store['saveKeys']>[0]
    assert.ok(one && two && three)
    await store.saveKeys([one])
    await store.saveKeys([two, three])
    assert.deepEqual(await store.loadKeys(), [three, two])
  })

  withStore('the last order is the highest of all that was recorded', async (store) => {
    assert.equal(await store.lastOrder(), 0)
    const of = (order: number): Commit['timeline'] => ({ ...commit(conversation('c'), 0).timeline, order })
    await store.commit(commit(conversation('c'), 0, { timeline: of(4), deliveries: [delivery('k', 1, 5)] }))
    assert.equal(await store.lastOrder(), 5)
    await store.saveAttempt({ ...attempt(delivery('k', 1, 5), 1), order: 8 })
    assert.equal(await store.lastOrder(), 8)
    await store.commit(commit(conversation('c'), 1, { timeline: of(9) }))
    assert.equal(await store.lastOrder(), 9)
  })

  withStore('purging forgets what is over and old, and nothing else', async (store) => {
    const old = delivery('k', 1, 3)
    const timeline = { order: 1, at: AT - 1, conversationId: 'over', command: 'Wake', events: [] }
    const over = conversation('over', { endedAt: AT - 1 })
    await store.commit(commit(over, 0, { newCalls: [call('k')], deliveries: [old, delivery('k', 2, 4)], timeline }))
    await store.commit(commit(conversation('recent', { endedAt: AT }), 0, { newCalls: [call('m')] }))
    await store.commit(commit(conversation('live', { createdAt: 0 }), 0))
    await store.saveAttempt(attempt(old, 1), { ...old, attempts: 1, state: 'delivered', settledAt: AT - 1 })
    await store.purge({ conversations: AT, deliveries: AT, timeline: AT, answers: AT })
    const left = await Promise.all(['over', 'recent', 'live'].map((id) => store.load(id)))
    assert.deepEqual(
      left.map((one) => one !== undefined),
      [false, true, true],
    )
    assert.deepEqual(await Promise.all([store.findCall('k'), store.findCall('m')]), [
      undefined,
      { callId: 'm', conversationId: 'recent', appId: 'app' },
    ])
    assert.deepEqual(
      (await store.deliveries({ limit: 10, most: 1e6 })).deliveries.map(({ id }) => id),
      ['k-2'],
    )
    assert.deepEqual(await store.attempts([old.id]), [])
    assert.deepEqual(await store.timeline('over'), [])
    assert.equal((await store.timeline('recent')).length, 1)
    await store.purge({ conversations: 0, deliveries: 0, timeline: AT + 1, answers: 0 })
    // What is since the beginning of a live conversation is needed for its record.
    assert.deepEqual([(await store.timeline('recent')).length, (await store.timeline('live')).length], [0, 1])
  })

  withStore('documents are committed with a decision, or not at all', async (store) => {
    const document: Document = { kind: 'callRecord', key: 'k', owner: 'tenant', at: AT, value: { version: 1 } }
    await store.commit(commit(conversation('c'), 0, { documents: [document] }))
    assert.deepEqual(await store.documents.get('callRecord', 'k'), document)
    const late = commit(conversation('c'), 0, { documents: [{ ...document, value: {} }] })
    await assert.rejects(store.commit(late), VersionConflict)
    assert.deepEqual(await store.documents.get('callRecord', 'k'), document)
  })

  withStore('documents are kept by kind and key, and listed by owner in the order of their making', async (store) => {
    const { documents } = store
    const at = (key: string, more: Partial<Document> = {}): Document => ({
      kind: 'meeting',
      key,
      owner: 'tenant',
      at: AT,
      value: { key },
      ...more,
    })
    await Promise.all([
      documents.put(at('b')),
      documents.put(at('a')),
      documents.put(at('c', { at: AT - 1 })),
      documents.put(at('d', { owner: 'other' })),
      documents.put(at('a', { kind: 'subscription', value: null })),
    ])
    const keys = async (query: Partial<DocumentQuery>): Promise<string[]> =>
      (await documents.list({ kind: 'meeting', limit: 10, ...query })).map(({ key }) => key)
    assert.deepEqual(await keys({}), ['c', 'a', 'b', 'd'])
    assert.deepEqual(await keys({ owner: 'tenant', limit: 2 }), ['c', 'a'])
    assert.deepEqual(await keys({ limit: 3, newest: true }), ['d', 'b', 'a'])
    assert.deepEqual(await keys({ owner: 'tenant', limit: 2, after: { at: AT, key: 'a' } }), ['b'])
    assert.deepEqual([await documents.count('meeting'), await documents.count('meeting', 'other')], [4, 1])
    await documents.put(at('a', { value: { changed: true } }))
    assert.deepEqual(await documents.get('meeting', 'a'), at('a', { value: { changed: true } }))
    assert.deepEqual(await documents.get('subscription', 'a'), at('a', { kind: 'subscription', value: null }))
    assert.deepEqual([await documents.remove('meeting', 'b'), await documents.remove('meeting', 'b')], [true, false])
    await documents.purge('meeting', AT)
    assert.deepEqual(await keys({}), ['a', 'd'])
    await store.reset()
    assert.equal(await documents.get('subscription', 'a'), undefined)
  })

  withStore('a reset forgets everything but the keys', async (store, reopen) => {
    const first = delivery('k', 1, 3)
    await store.saveKeys([{ kid: 'key', createdAt: AT, privateJwk: {} }])
    await store.commit(commit(conversation('c'), 0, { newCalls: [call('k')], deliveries: [first] }))
    await store.saveAttempt(attempt(first, 1))
    await store.saveScript('ada', { busy: {} })
    await store.reset()
    assert.equal(await store.load('c'), undefined)
    assert.equal(await store.findCall('k'), undefined)
    assert.deepEqual((await store.deliveries({ limit: 10, most: 1e6 })).deliveries, [])
    assert.deepEqual(await store.attempts([first.id]), [])
    assert.deepEqual(await store.timeline('c'), [])
    assert.equal((await store.scripts()).size, 0)
    assert.equal((await store.loadKeys()).length, 1)
    await store.commit(commit(conversation('c'), 0, { newCalls: [call('k')], deliveries: [first] }))
    await reopen()
  })

  withStore('what was written is written when the store is closed at once', async (store, reopen) => {
    const written = store.commit(commit(conversation('c'), 0))
    await reopen()
    await written
  })
}
