/** What a person shows and whom they see, on a phone that the test has in its hands. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CallView, PageRequest, RosterEntry } from '../../src/endpoints/browser/protocol.ts'
import { answered, bench, type Bench } from './bench.suite.ts'
import { CALL, entryOf } from './calls.suite.ts'
import { settled } from '../shared/still.suite.ts'
import { requests, WELCOME } from './still.suite.ts'

const VIDEO = { slots: 2, cameraBitrate: 1, screenBitrate: 1 }
const PICTURE = { picture: 'camera' }

/** The call with me in it, and others. */
function withRoster(me: Partial<RosterEntry>, ...others: readonly RosterEntry[]): Partial<CallView> {
  return { participantId: 'me', roster: [entryOf('me', me), ...others] }
}

/** A call that is up, with pictures. */
async function inCall(): Promise<Bench> {
  const all = await answered({ video: VIDEO })
  all.calls(withRoster({}))
  await settled()
  return all
}

/** A call in which one's camera is on. */
async function filmed(): Promise<Bench> {
  const all = await inCall()
  void all.phone.pictures.showCamera('c')
  all.camera.come(PICTURE)
  await all.done()
  all.calls(withRoster({ camera: true }))
  await settled()
  return all
}

/** What was asked since the answer, without numbers and offers. */
function asked({ line }: Bench): readonly string[] {
  return requests(line())
    .filter(({ type }) => type !== 'answer')
    .map(tell)
}

function tell(request: PageRequest): string {
  switch (request.type) {
    case 'camera':
      return `camera ${request.on}`
    case 'share':
      return `share ${request.sharing}`
    case 'watch':
      return `watch ${request.cameras.join(' ')}${request.screen ? ' screen' : ''}`.trim()
    default:
      return request.type
  }
}

const noticesOf = ({ store }: Bench): readonly string[] => store.state.notices.map(({ text }) => text)
const showsOf = ({ store }: Bench): unknown => store.state.stages['c']?.shows

describe('the camera', () => {
  test('is sent when it is there, and the server told', async () => {
    const all = await filmed()
    assert.deepEqual(asked(all), ['camera true'])
    assert.equal(all.legs[0]?.sends.camera, PICTURE)
    assert.deepEqual(showsOf(all), { camera: true, screen: false })
    assert.equal(all.kept.callId, 'c')
  })

  test('is given back as soon as it is off', async () => {
    const all = await filmed()
    void all.phone.pictures.hideCamera('c')
    assert.equal(all.camera.users.size, 0)
    assert.equal(all.legs[0]?.sends.camera, undefined)
    await all.done()
    assert.deepEqual(asked(all), ['camera true', 'camera false'])
    assert.equal(all.kept.callId, undefined)
  })

  test('that is not there is told in one sentence, and the server hears nothing', async () => {
    const all = await inCall()
    void all.phone.pictures.showCamera('c')
    all.camera.come(undefined, 'NotFoundError')
    await settled()
    assert.deepEqual(noticesOf(all), ['There is no camera.'])
    assert.deepEqual([asked(all), all.camera.users.size], [[], 0])
    assert.deepEqual(all.store.state.asked, [])
  })

  test('that the server refuses goes off', async () => {
    const all = await inCall()
    void all.phone.pictures.showCamera('c')
    all.camera.come(PICTURE)
    await all.refuse('notAllowed')
    assert.deepEqual([noticesOf(all), all.camera.users.size], [['Because.'], 0])
  })

  test('that is taken away is told, and off', async () => {
    const all = await filmed()
    all.camera.come(undefined, 'NotFoundError')
    await all.done()
    assert.deepEqual(noticesOf(all), ['There is no camera.'])
    assert.deepEqual([asked(all).at(-1), all.camera.users.size], ['camera false', 0])
  })

  test('goes off when the server says so', async () => {
    const all = await filmed()
    all.calls(withRoster({ camera: false }))
    assert.deepEqual([noticesOf(all), all.camera.users.size], [['Your camera was turned off.'], 0])
  })

  test('is off while the call is on hold, and comes back', async () => {
    const all = await filmed()
    all.calls({ ...withRoster({ camera: true }), onHold: true })
    assert.deepEqual([all.camera.users.size, all.legs[0]?.sends.camera], [0, undefined])
    all.calls(withRoster({ camera: true }))
    all.camera.come(PICTURE)
    assert.equal(all.legs[0]?.sends.camera, PICTURE)
    assert.deepEqual(asked(all), ['camera true'])
  })

  test('that is put on hold before it came waits for nothing', async () => {
    const all = await inCall()
    void all.phone.pictures.showCamera('c')
    all.calls({ ...withRoster({}), onHold: true })
    await all.done()
    assert.deepEqual([asked(all), all.store.state.asked], [['camera true'], []])
  })

  test('goes on with a new leg', async () => {
    const all = await filmed()
    all.calls({ ...withRoster({ camera: false }), media: 'wanted' })
    await all.done({ answer: 'again' })
    assert.equal(all.legs[1]?.sends.camera, PICTURE)
    all.calls(withRoster({ camera: false }))
    await all.done()
    assert.deepEqual(asked(all), ['camera true', 'rejoin', 'camera true'])
    assert.deepEqual(noticesOf(all), [])
  })

  test('goes on when an application takes the call over into another one', async () => {
    const all = await filmed()
    const roster = [entryOf('me again', { me: true })]
    all.calls({ participantId: 'me again', roster })
    await all.done()
    assert.deepEqual(asked(all), ['camera true', 'camera true'])
    assert.deepEqual([noticesOf(all), all.camera.users.size], [[], 1])
    all.calls({ participantId: 'me again', roster })
    assert.deepEqual([noticesOf(all), all.camera.users.size], [['Your camera was turned off.'], 0])
  })

  test('comes back after a reload of the page, and not on another page', async () => {
    for (const kept of ['c', undefined]) {
      const all = await bench({ video: VIDEO, ...(kept !== undefined && { kept }) })
      all.calls({ ...withRoster({ camera: true }), media: 'wanted' })
      await all.done({ answer: 'answer' })
      all.calls(withRoster({ camera: true }))
      all.camera.come(PICTURE)
      await all.done()
      assert.deepEqual(asked(all), ['rejoin', `camera ${kept !== undefined}`])
    }
  })

  test('is off when the call is over, also if it had not come yet', async () => {
    for (const all of [await filmed(), await inCall()]) {
      void all.phone.pictures.showCamera('c')
      all.calls({ phase: 'ended', here: false, media: 'none' })
      await settled()
      assert.deepEqual([all.camera.users.size, all.kept.callId], [0, undefined])
    }
  })
})

describe('a screen', () => {
  /** A call in which one presents. */
  async function presenting(): Promise<Bench & { readonly stopped: () => boolean }> {
    const all = await inCall()
    let stopped = false
    all.screens.chosen = { picture: { picture: 'screen' }, stop: () => void (stopped = true) }
    void all.phone.pictures.share('c')
    await all.done()
    all.calls(withRoster({ sharing: true }))
    return { ...all, stopped: () => stopped }
  }

  test('is sent and told, until it is hidden', async () => {
    const all = await presenting()
    assert.equal(all.legs[0]?.sends.screen, all.screens.chosen?.picture)
    assert.deepEqual(showsOf(all), { camera: false, screen: true })
    void all.phone.pictures.stopSharing('c')
    assert.ok(all.stopped())
    await all.done()
    assert.deepEqual(asked(all), ['share true', 'share false'])
  })

  test('ends when the browser ends it', async () => {
    const all = await presenting()
    all.screens.ended()
    await all.done()
    assert.deepEqual([asked(all), all.stopped()], [['share true', 'share false'], true])
  })

  test('that the browser ends before the server has heard of it is hidden again', async () => {
    const all = await inCall()
    all.screens.chosen = { picture: {}, stop: () => undefined }
    void all.phone.pictures.share('c')
    await settled()
    all.screens.ended()
    await all.done()
    await all.done()
    assert.deepEqual(asked(all), ['share true', 'share false'])
  })

  test('that nobody chose is no mistake', async () => {
    const all = await inCall()
    void all.phone.pictures.share('c')
    await settled()
    assert.deepEqual([asked(all), noticesOf(all), all.store.state.asked], [[], [], []])
  })

  test('that the server refuses is hidden', async () => {
    const all = await inCall()
    let stopped = false
    all.screens.chosen = { picture: {}, stop: () => void (stopped = true) }
    void all.phone.pictures.share('c')
    await all.refuse('notAllowed')
    assert.deepEqual([noticesOf(all), stopped], [['Because.'], true])
  })

  test('gives way when somebody else presents', async () => {
    const all = await presenting()
    all.calls({ ...withRoster({}, entryOf('a', { sharing: true })), presenterId: 'a' })
    await settled()
    assert.deepEqual([all.stopped(), noticesOf(all), asked(all).includes('share false')], [true, [], false])
  })
})

describe('whom one sees', () => {
  const shown = (...names: readonly string[]): Partial<CallView> =>
    withRoster({}, ...names.map((name) => entryOf(name, { camera: true })))

  test('is said once, and anew when it changes', async () => {
    const all = await inCall()
    all.calls(shown('a'))
    all.calls(shown('a', 'b'))
    await all.done()
    assert.deepEqual(asked(all), ['watch a', 'watch a b'])
    assert.deepEqual(all.store.state.stages['c']?.watched, { cameras: ['a'], screen: false })
    await all.done()
    all.calls(shown('a', 'b'))
    await all.done()
    all.calls({ ...shown('a', 'b'), presenterId: 'a' })
    await all.done()
    assert.deepEqual(asked(all), ['watch a', 'watch a b', 'watch a b screen'])
  })

  test('is nobody on a page that nobody sees, and where nobody wants to', async () => {
    const all = await inCall()
    all.calls(shown('a'))
    await all.done()
    for (const [off, on] of [
      [
        { type: 'hidden', hidden: true },
        { type: 'hidden', hidden: false },
      ],
      [
        { type: 'looks', looks: false },
        { type: 'looks', looks: true },
      ],
    ] as const) {
      all.store.dispatch(off)
      await all.done()
      all.store.dispatch(on)
      await all.done()
    }
    assert.deepEqual(asked(all), ['watch a', 'watch', 'watch a', 'watch', 'watch a'])
  })

  test('follows who speaks and who is pinned', async () => {
    const all = await inCall()
    all.calls(shown('a', 'b', 'd'))
    await all.done()
    for (let times = 0; times < 2; times++) all.line().say({ type: 'levels', callId: 'c', speakers: { d: 0.5 } })
    await all.done()
    all.store.dispatch({ type: 'pin', callId: 'c', participantId: 'b' })
    await all.done()
    assert.deepEqual(asked(all), ['watch a b', 'watch a d', 'watch b d'])
  })

  test('is said again to a new connection, and for a new leg', async () => {
    const all = await inCall()
    all.calls(shown('a'))
    await all.done()
    all.line().say({ ...WELCOME, video: VIDEO })
    await all.done()
    all.calls({ ...shown('a'), media: 'wanted' })
    await all.done({ answer: 'again' })
    all.calls(shown('a'))
    await all.done()
    assert.deepEqual(asked(all), ['watch a', 'watch a', 'rejoin', 'watch a'])
  })

  test('is asked again a while after it was refused', async () => {
    const all = await inCall()
    all.calls(shown('a'))
    await all.refuse('engineDown')
    await settled()
    assert.deepEqual(asked(all), ['watch a'])
    all.runtime.wind(2000)
    await all.done()
    assert.deepEqual([asked(all), noticesOf(all)], [['watch a', 'watch a'], []])
  })

  test('comes to what shows it, also with a new leg', async () => {
    const all = await inCall()
    const on = { srcObject: undefined }
    const stop = all.phone.pictures.show('c', 1, on)
    assert.equal(on.srcObject, '1: 1')
    all.calls({ ...withRoster({}), media: 'wanted' })
    await all.done({ answer: 'again' })
    assert.equal(on.srcObject, '2: 1')
    stop()
    assert.equal(on.srcObject, null)
  })
})

test('where there is sound alone, nothing is asked of pictures', async () => {
  const all = await answered()
  all.calls({ ...CALL, ...withRoster({ camera: true, sharing: true }, entryOf('a', { camera: true })) })
  await settled()
  assert.deepEqual([asked(all), all.legs[0]?.video], [[], undefined])
})
