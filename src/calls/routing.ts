/** Who hears whom: audio routing groups, and how loud (the mixer of 2018). */
import type { ConfigureMixer, RouteAudio } from './commands.ts'
import type { AudioRoutingGroup } from './conversation.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import { groupCallOf, onRoster } from './roster.ts'
import { beginService } from './service.ts'

/** `audioRoutingGroups`: create, change or delete one of a call's groups. */
export function routeAudio(draft: Draft, command: RouteAudio): void {
  const { id: callId } = groupCallOf(draft, command)
  const groups = draft.conversation.audioRoutingGroups
  const isIt = (one: AudioRoutingGroup): boolean => one.callId === callId && one.id === command.groupId
  const before = groups.find(isIt)
  const { groupId } = command
  if (command.action === 'create') {
    if (before) refuse({ name: 'routingGroupExists', groupId })
    const limit = draft.rules.maxAudioRoutingGroups
    if (groups.filter((one) => one.callId === callId).length >= limit) refuse({ name: 'tooManyRoutingGroups', limit })
    const group = { id: groupId, callId, ...command.group }
    checkGroup(draft, group)
    draft.change({ audioRoutingGroups: [...groups, group] })
    draft.event({ type: 'AudioRoutingChanged', callId, groupId, change: 'created' })
    return
  }
  if (!before) return refuse({ name: 'routingGroupNotFound', groupId })
  if (command.action === 'delete') {
    draft.change({ audioRoutingGroups: groups.filter((one) => one !== before) })
    draft.event({ type: 'AudioRoutingChanged', callId, groupId, change: 'deleted' })
    return
  }
  const after = { ...before, ...command.group }
  checkGroup(draft, after)
  draft.change({ audioRoutingGroups: groups.map((one) => (one === before ? after : one)) })
  draft.event({ type: 'AudioRoutingChanged', callId, groupId, change: 'updated' })
}

/** One source always; one receiver, or one at least (contract: audio routing groups). */
function checkGroup(draft: Draft, { routingMode, sources, receivers }: AudioRoutingGroup): void {
  if (sources.length !== 1) refuse({ name: 'badRouting', rule: 'oneSource' })
  if (routingMode === 'oneToOne' && receivers.length !== 1) refuse({ name: 'badRouting', rule: 'oneReceiver' })
  if (receivers.length === 0) refuse({ name: 'badRouting', rule: 'noReceiver' })
  for (const id of [...sources, ...receivers]) onRoster(draft, id)
}

/** Whoever left is in no group any more, and a group without its source or receivers is none. */
export function forgetAbsentRoutes(draft: Draft): void {
  const { audioRoutingGroups: groups, participants, calls } = draft.conversation
  if (groups.length === 0) return
  const isIn = (participantId: string): boolean => participants.some(({ id }) => id === participantId)
  const isLive = (callId: string): boolean =>
    calls.some((call) => call.id === callId && call.state.name !== 'terminated')
  const left = groups.flatMap((group) => {
    const receivers = group.receivers.filter(isIn)
    const goes = !isLive(group.callId) || !group.sources.every(isIn) || receivers.length === 0
    if (goes) return []
    return [receivers.length === group.receivers.length ? group : { ...group, receivers }]
  })
  if (left.length === groups.length && left.every((group, index) => group === groups[index])) return
  draft.change({ audioRoutingGroups: left })
  for (const { id: groupId, callId } of groups) {
    if (left.some((one) => one.id === groupId && one.callId === callId)) continue
    draft.event({ type: 'AudioRoutingChanged', callId, groupId, change: 'deleted' })
  }
}

/** `configureMixer`: the levels are the call's from now on. */
export function configureMixer(draft: Draft, command: ConfigureMixer): void {
  const call = groupCallOf(draft, command)
  for (const { participantId, sources } of command.levels) {
    onRoster(draft, participantId)
    for (const source of sources) onRoster(draft, source.participantId)
  }
  draft.updateCall(call.id, { mixerLevels: command.levels })
  draft.event({ type: 'MixerConfigured', callId: call.id })
  beginService(draft, call, command, 'configureMixer')
}
