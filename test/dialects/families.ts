/** The essential flow of each family of operations, as an application of any version goes through it. */
import type { TestContext } from 'node:test'
import type { Config } from '../../src/config.ts'
import type { Reply } from '../support/world.ts'
import { TENANT, USERS, application, user } from '../support/world.ts'
import { mediaPrompt, promptOf } from '../scenarios/media-steps.ts'
import { idsOf } from './stage.ts'
import type { Stage } from './stage.ts'

const media = { mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' } }
const appHosted = { mediaConfig: { '@odata.type': '#microsoft.graph.appHostedMediaConfig', blob: '{}' } }

export interface Family {
  readonly name: string
  /** What v1.0 answers and tells, in order; after a bar, what versions tell that have no options of calls. */
  readonly story: readonly string[]
  readonly config?: Partial<Config>
  readonly play: (stage: Stage, t: TestContext) => Promise<void>
}

export const families: readonly Family[] = [
  {
    name: 'answer, keep alive, hang up',
    story: [
      'created call incoming',
      'POST answer 202',
      'updated call establishing',
      'updated call established',
      'GET calls 200',
      'POST keepAlive 200',
      'GET participants 200',
      'DELETE calls 204',
      'updated call terminating',
      'deleted call terminated',
      'GET calls 404',
    ],
    async play(stage) {
      const call = await stage.rung()
      await stage.ask('POST', `${call}/answer`, { ...media, acceptedModalities: ['audio'] })
      await stage.hear()
      await stage.ask('GET', call)
      await stage.ask('POST', `${call}/keepAlive`)
      await stage.ask('GET', `${call}/participants`)
      await stage.ask('DELETE', call)
      await stage.hear()
      await stage.ask('GET', call)
    },
  },
  {
    name: 'reject',
    story: ['created call incoming', 'POST reject 202', 'deleted call (gone)'],
    async play(stage) {
      await stage.ask('POST', `${await stage.rung()}/reject`, { reason: 'busy' })
      await stage.hear()
    },
  },
  {
    name: 'redirect',
    story: ['created call incoming', 'POST redirect 202', 'deleted call terminated'],
    async play(stage) {
      await stage.ask('POST', `${await stage.rung()}/redirect`, { targets: [user('ben')], timeout: 30 })
      await stage.hear()
    },
  },
  {
    name: 'transfer',
    story: [
      'POST calls 201',
      'updated call establishing',
      'updated call established',
      'POST transfer 202',
      'updated call transferring',
      'updated call established',
      'GET calls 200',
      'POST calls 201',
      'updated call establishing',
      'updated call established',
      'POST transfer 202',
      'updated call transferring',
      'updated call transferAccepted',
      'deleted call terminated',
      'deleted call terminated',
    ],
    async play(stage) {
      await stage.world.script('cleo', { busy: {} })
      const call = await stage.call(['ada'])
      await stage.hear()
      await stage.ask('POST', `${call}/transfer`, { transferTarget: user('cleo') })
      await stage.hear()
      await stage.ask('GET', call)
      const second = await stage.call(['ben'])
      await stage.hear()
      await stage.ask('POST', `${call}/transfer`, {
        transferTarget: { ...user('ben'), replacesCallId: second.slice(1) },
      })
      await stage.hear()
    },
  },
  {
    name: 'invite, hidden, and put out',
    story: [
      'POST calls 201',
      'updated call establishing',
      'updated call established',
      'updated roster of 2',
      'updated roster of 3',
      'POST invite 200',
      'deleted operation completed',
      'updated roster of 4',
      'GET participants 200',
      'DELETE participants 204',
      'updated roster of 3',
      'POST invite 200',
      'deleted operation completed',
      'GET participants 200',
      'GET operations 200',
    ],
    async play(stage) {
      const { call } = await stage.group()
      const invite = (participant: object): Promise<Reply> =>
        stage.ask('POST', `${call}/participants/invite`, { participants: [participant], clientContext: 'context' })
      await invite(user('cleo'))
      const cleo = idsOf(await stage.hear()).at(-1) ?? ''
      await stage.ask('GET', `${call}/participants/${cleo}`)
      await stage.ask('DELETE', `${call}/participants/${cleo}`)
      await stage.hear()
      await invite({ ...user('dov'), hidden: true })
      await stage.hear()
      await stage.ask('GET', `${call}/participants`)
      await stage.ask('GET', `${call}/operations`)
    },
  },
  {
    name: 'mute',
    story: [
      'POST calls 201',
      'updated call establishing',
      'updated call established',
      'updated roster of 2',
      'updated roster of 3',
      'POST mute 200',
      'updated roster of 3',
      'POST unmute 200',
      'updated roster of 3',
      'POST mute 200',
      'updated roster of 3',
      'POST muteAll 200',
      'updated roster of 3',
      'POST unmuteAll 400',
      'GET participants 200',
    ],
    async play(stage) {
      const { call, ids } = await stage.group()
      await stage.ask('POST', `${call}/mute`, { clientContext: 'context' })
      await stage.hear()
      await stage.ask('POST', `${call}/unmute`)
      await stage.hear()
      await stage.ask('POST', `${call}/participants/${ids[0]}/mute`)
      await stage.hear()
      await stage.ask('POST', `${call}/participants/muteAll`, { participants: ids.slice(2) })
      await stage.hear()
      await stage.ask('POST', `${call}/participants/unmuteAll`, {})
      await stage.hear()
      await stage.ask('GET', `${call}/participants`)
    },
  },
  {
    name: 'screen, gallery, mixer, routing',
    story: [
      'POST calls 201',
      'updated call establishing',
      'updated call established',
      'updated roster of 2',
      'updated roster of 3',
      'POST changeScreenSharingRole 202',
      'updated roster of 3',
      'GET participants 200',
      'POST addLargeGalleryView 202',
      'deleted operation completed',
      'updated roster of 4',
      'POST configureMixer 200',
      'deleted operation completed',
      'POST audioRoutingGroups 200',
      'GET audioRoutingGroups 200',
      'PATCH audioRoutingGroups 200',
      'DELETE audioRoutingGroups 204',
    ],
    async play(stage) {
      const { call, ids } = await stage.group({
        ...appHosted,
        requestedModalities: ['audio', 'videoBasedScreenSharing'],
      })
      await stage.ask('POST', `${call}/changeScreenSharingRole`, { role: 'sharer' })
      await stage.hear()
      await stage.ask('GET', `${call}/participants`)
      await stage.ask('POST', `${call}/addLargeGalleryView`, { clientContext: 'context' })
      await stage.hear()
      await stage.ask('POST', `${call}/participants/configureMixer`, {
        participantMixerLevels: [
          { participant: ids[0], exclusive: false, sourceLevels: [{ participant: ids[2], level: 30 }] },
        ],
      })
      await stage.hear()
      const routing = { routingMode: 'multicast', sources: [ids[1]], receivers: [ids[0]] }
      const { body } = await stage.ask('POST', `${call}/audioRoutingGroups`, routing)
      await stage.ask('GET', `${call}/audioRoutingGroups`)
      await stage.ask('PATCH', `${call}/audioRoutingGroups/${body.id}`, { receivers: [ids[0], ids[2]] })
      await stage.ask('DELETE', `${call}/audioRoutingGroups/${body.id}`)
    },
  },
  {
    name: 'recording status',
    story: [
      'POST calls 201',
      'updated call establishing',
      'updated call established',
      'updated roster of 2',
      'updated roster of 3',
      'POST updateRecordingStatus 200',
      'updated roster of 3',
      'GET participants 200',
    ],
    async play(stage) {
      const { call } = await stage.group()
      await stage.ask('POST', `${call}/updateRecordingStatus`, { status: 'recording', clientContext: 'context' })
      await stage.hear()
      await stage.ask('GET', `${call}/participants`)
    },
  },
  {
    name: 'prompts, recordings, tones',
    story: [
      'POST calls 201',
      'updated call establishing',
      'updated call established',
      'POST playPrompt 200',
      'POST record 200',
      'GET operations 200',
      'deleted operation completed',
      'deleted operation completed',
      'POST sendDtmfTones 200',
      'deleted operation completed',
      'POST recordResponse 200',
      'POST cancelMediaProcessing 200',
      'deleted operation failed',
      'POST subscribeToTone 200',
      'updated call established',
    ],
    async play(stage, t) {
      const prompts = [mediaPrompt(await promptOf(t, 1))]
      await stage.world.script('ada', { answer: { after: '0s', steps: [{ wait: '30s' }, { press: '5' }] } })
      const call = await stage.call(['ada'])
      await stage.hear()
      await stage.ask('POST', `${call}/playPrompt`, { prompts, clientContext: 'context' })
      await stage.ask('POST', `${call}/record`, { prompts, maxRecordDurationInSeconds: 2, stopTones: ['#'] })
      await stage.ask('GET', `${call}/operations`)
      await stage.world.advance('10s')
      await stage.hear()
      await stage.ask('POST', `${call}/sendDtmfTones`, { tones: ['tone1'] })
      await stage.world.advance('5s')
      await stage.hear()
      await stage.ask('POST', `${call}/recordResponse`, {})
      await stage.ask('POST', `${call}/cancelMediaProcessing`, { clientContext: 'c', all: true })
      await stage.hear()
      await stage.ask('POST', `${call}/subscribeToTone`, { clientContext: 'context' })
      await stage.world.advance('30s')
      await stage.hear()
    },
  },
  {
    name: 'hold music',
    story: [
      'POST calls 201',
      'updated call establishing',
      'updated call established',
      'updated roster of 2',
      'updated roster of 3',
      'POST startHoldMusic 202',
      'deleted operation completed',
      'POST stopHoldMusic 202',
      'deleted operation completed',
    ],
    async play(stage) {
      const { call, ids } = await stage.group()
      await stage.ask('POST', `${call}/participants/${ids[0]}/startHoldMusic`, { clientContext: 'context' })
      await stage.hear()
      await stage.ask('POST', `${call}/participants/${ids[0]}/stopHoldMusic`, {})
      await stage.hear()
    },
  },
  {
    name: 'two applications in a group call, the second by a token',
    story: [
      'POST calls 201',
      'updated call establishing',
      'updated call established',
      'updated roster of 2',
      'updated roster of 3',
      'POST invite 200',
      'beta: created call incoming',
      'POST answer 202',
      'beta: updated call establishing',
      'beta: updated call established',
      'beta: updated roster of 4',
      'deleted operation completed',
      'updated roster of 4',
      'DELETE calls 204',
      'beta: updated call terminating',
      'beta: deleted call terminated',
      'updated roster of 3',
      'POST calls 201',
      'beta: updated call establishing',
      'beta: updated call established',
      'beta: updated roster of 4',
      'GET calls 200',
      'updated roster of 4',
    ],
    config: { profile: 'open' },
    async play(stage) {
      const { call } = await stage.group()
      await stage.ask('POST', `${call}/participants/invite`, { participants: [application('beta')] })
      const incoming = await stage.hear('beta')
      const own = `/${String(incoming.id ?? incoming['@odata.id'])
        .split('/')
        .at(-1)}`
      await stage.ask('POST', `${own}/answer`, media, 'beta')
      await stage.hear('beta')
      await stage.hear()
      await stage.ask('DELETE', own, undefined, 'beta')
      await stage.hear('beta')
      await stage.hear()
      const { meetingInfo } = incoming
      const again = await stage.call([], { meetingInfo }, 'beta')
      await stage.hear('beta')
      await stage.ask('GET', again, undefined, 'beta')
      await stage.hear()
    },
  },
  {
    name: 'a meeting and its lobby',
    story: [
      'POST calls 201',
      'updated call establishing',
      'updated call established',
      'updated roster of 1',
      'GET calls 200',
      'GET participants 200',
      'updated roster of 2',
      'DELETE calls 204',
      'updated call terminating',
      'deleted call terminated',
      'POST calls 201',
      'updated call establishing',
      'updated call established',
      'updated roster of 2',
      'GET calls 200',
    ],
    async play(stage) {
      const { world } = stage
      const meeting = await world.client('alpha').post(`/users/${USERS.fay}/onlineMeetings`, {})
      const { chatInfo, joinMeetingIdSettings } = meeting.body
      const fay = { meeting: meeting.body.id, user: 'fay@contoso.example' }
      await world.control('POST', '/meetings/join', fay)
      const organizer = { user: { id: USERS.fay, tenantId: TENANT } }
      const meetingInfo = {
        '@odata.type': '#microsoft.graph.organizerMeetingInfo',
        organizer,
        allowConversationWithoutHost: true,
      }
      const source = { identity: { guest: { id: 'visitor-17', displayName: 'The visitor' } } }
      const call = await stage.call([], { chatInfo, meetingInfo, source })
      const waiting = await stage.hear()
      await stage.ask('GET', call)
      await stage.ask('GET', `${call}/participants`)
      const callId = (await world.control('GET', '/calls')).body.value[0].calls[0].id
      await world.control('POST', `/calls/${callId}/participants/${idsOf(waiting)[0]}/admit`)
      await stage.hear()
      await stage.ask('DELETE', call)
      await stage.hear()
      const { joinMeetingId, passcode } = joinMeetingIdSettings
      const second = await stage.call([], {
        meetingInfo: { '@odata.type': '#microsoft.graph.joinMeetingIdMeetingInfo', joinMeetingId, passcode },
      })
      await stage.hear()
      await stage.ask('GET', second)
    },
  },
  {
    name: 'options of the call',
    story: [
      'POST calls 201',
      'updated call establishing',
      'updated call established',
      'updated delta of 2 | updated roster of 2',
      'updated delta of 1 | updated roster of 3',
      'GET calls 200',
      'updated delta of 1 | updated roster of 2',
      'GET contentSharingSessions 200',
    ],
    async play(stage) {
      const callOptions = { isDeltaRosterEnabled: true, isContentSharingNotificationEnabled: true }
      const { call, ids } = await stage.group({ callOptions })
      await stage.ask('GET', call)
      const { value } = (await stage.world.control('GET', '/calls')).body
      await stage.world.control('POST', `/calls/${value[0].calls[0].id}/participants/${ids[0]}/leave`)
      await stage.hear()
      await stage.ask('GET', `${call}/contentSharingSessions`)
    },
  },
]
