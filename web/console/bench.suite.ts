/** What tests of the console begin with: a live view, and what is in it. */
import type { LiveConversation, LiveView } from '../../src/control/live-view.ts'

/** Sound of which two of ten possible connections are taken. */
export const sound: LiveView['sound'] = {
  running: true,
  restarts: 0,
  rooms: 1,
  legs: 2,
  load: 0.1,
  cores: 0.2,
  cost: { decode: 1, encode: 1, mix: 1, packet: 1, picture: 1 },
  ticks: 100,
  lateTicks: 0,
  worstLate: 1,
  pictures: { sent: 0, seen: 0, packets: 0 },
  dropped: 0,
  costOfLeg: 0.004,
  capacityLeft: 8,
  limits: { legs: 10, load: 0.8 },
  refused: 0,
}

/** A call of two, one of whom is the application. */
export function conversation(id: string, more: Partial<LiveConversation> = {}): LiveConversation {
  return {
    id,
    tenant: { id: 't', name: 'contoso' },
    mode: 'peerToPeer',
    createdAt: '2026-11-21T12:00:00.000Z',
    state: 'established',
    calls: [{ id: `call-${id}`, appId: 'app', displayName: 'Front desk', direction: 'outgoing', state: 'established' }],
    moreCalls: 0,
    people: { ringing: 0, calling: 0, lobby: 0, held: 0, connected: 1, onHold: 0 },
    names: ['Ada'],
    modalities: ['audio'],
    recording: false,
    ...more,
  }
}

/** A live view with some conversations. */
export function view(...value: readonly LiveConversation[]): LiveView {
  const counts = { incoming: 0, establishing: 0, redirecting: 0, established: value.length, transferring: 0 }
  return {
    clock: { kind: 'real', now: '2026-11-21T12:01:00.000Z' },
    sound,
    live: value.length,
    counts: { ...counts, ringing: 0, lobby: 0, onHold: 0 },
    matching: value.length,
    value,
  }
}
