/** Applications with media of their own: it comes, goes, and may not come back. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { MediaConfig } from './call.ts'
import { hasMedia } from './call.ts'
import type { Command } from './commands.ts'
import { hearingOf } from './hearing.ts'
import type { Step } from './scene.suite.ts'
import { Scene, arrows, bot, connects, create, hangUp, invitee, user } from './scene.suite.ts'

const a = bot('a')
const ann = user('ann')
const mediaConfig: MediaConfig = { type: 'appHosted', blob: '{}', socket: { hears: 'mix', secretHash: '00' } }

const turns = (isUp: boolean, hears = isUp): Command => ({ type: 'CallMediaChanged', callId: a.callId, isUp, hears })
/** A peer-to-peer call with ann, established, whose application is still to connect its media. */
const pair: readonly Step[] = [create(a, [invitee(ann)], { mediaConfig }), connects(ann)]
const state = 'peerToPeer; A established; in ann a'

describe("an application's own media", () => {
  arrows([
    ['comes', pair, turns(true), { state, told: ['A updated established'] }],
    ['comes, which is known', [...pair, turns(true)], turns(true), { state }],
    ['comes, to speak alone', pair, turns(true, false), { state, told: ['A updated established'] }],
    ['can hear, too: which is not told', [...pair, turns(true, false)], turns(true), { state }],
    ['goes', [...pair, turns(true)], turns(false), { state, told: ['A updated established'] }],
    [
      'comes before somebody answers',
      [create(a, [invitee(ann)], { mediaConfig })],
      turns(true),
      { state: 'peerToPeer; A establishing; ringing ann' },
    ],
    ["is somebody else's: nothing is known of it", [create(a, [invitee(ann)]), connects(ann)], turns(false), { state }],
    [
      'goes when the call is over',
      [...pair, turns(true), hangUp(a)],
      turns(false),
      { state: 'peerToPeer; A terminated ended-by-bot; over' },
    ],
  ])

  test('who has none connected neither hears nor is heard', () => {
    const scene = new Scene()
    for (const step of pair) scene.do('here', step as Command)
    const heard = (): readonly (readonly string[])[] => {
      const conversation = scene.conversations.get('here')
      assert.ok(conversation)
      const { room, listeners } = hearingOf(conversation)
      return [Object.keys(room).toSorted(), listeners.toSorted()]
    }
    assert.deepEqual(heard(), [['ann'], ['ann']])
    const [call] = scene.do('here', turns(true)).conversation.calls
    assert.ok(call && hasMedia(call))
    assert.deepEqual(heard(), [
      [a.callId, 'ann'],
      [a.callId, 'ann'],
    ])
    scene.do('here', turns(true, false))
    assert.deepEqual(heard(), [[a.callId, 'ann'], ['ann']])
  })
})
