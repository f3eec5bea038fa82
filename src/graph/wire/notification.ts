/** Graph's `commsNotifications`, written: the body that a bot's webhook receives. */
import type { Notification } from '../../calls/notification.ts'
import { writeCallChange, writeTone } from './call.ts'
import type { Json } from './identity.ts'
import { writeOperationEnd } from './operation.ts'
import { writeJoining, writeLeft } from './recorder.ts'
import { writeRemoved, writeRosterRow } from './participant.ts'
import { writeContentSharing } from './sharing.ts'
import type { Shape } from './shape.ts'

/**
 * The whole body: the envelope around one or several notifications of one call.
 *
 * @param baseUrl the server's public address: recordings are below it
 */
export function writeNotifications(notifications: readonly Notification[], shape: Shape, baseUrl: string): Json {
  return {
    '@odata.type': '#microsoft.graph.commsNotifications',
    value: notifications.map((notification) => writeNotification(notification, shape, baseUrl)),
  }
}

function writeNotification(notification: Notification, shape: Shape, baseUrl: string): Json {
  const path = `calls/${notification.callId}${resourcePath(notification)}`
  return {
    '@odata.type': '#microsoft.graph.commsNotification',
    changeType: notification.changeType,
    resource: `/app/${path}`,
    resourceUrl: `/communications/${path}`,
    resourceData: writeResourceData(notification, shape, baseUrl),
  }
}

function resourcePath({ subject }: Notification): string {
  switch (subject.type) {
    case 'call':
    case 'tone':
    case 'participantJoining':
    case 'participantLeft':
      return ''
    case 'operation':
      return `/operations/${subject.operation.id}`
    case 'contentSharing':
      return '/contentsharingsessions'
    case 'roster':
    case 'delta':
      return '/participants'
  }
}

function writeResourceData({ subject }: Notification, shape: Shape, baseUrl: string): Json | Json[] {
  switch (subject.type) {
    case 'call':
      return writeCallChange(subject.view, subject.phase, shape)
    case 'tone':
      return writeTone(subject)
    case 'participantJoining':
      return writeJoining(subject.view, shape)
    case 'participantLeft':
      return writeLeft(subject.view, subject.participantId)
    case 'operation':
      return writeOperationEnd(subject.operation, shape, baseUrl)
    case 'contentSharing':
      return [writeContentSharing(subject.session, shape)]
    case 'roster':
      return subject.participants.map((participant) => writeRosterRow(participant, shape))
    case 'delta':
      return {
        '@odata.type': '#microsoft.graph.deltaParticipants',
        participants: [
          ...subject.participants.map((participant) => writeRosterRow(participant, shape)),
          ...subject.removed.map((removed) => writeRemoved(removed, shape)),
        ],
        sequenceNumber: subject.sequenceNumber,
      }
  }
}
