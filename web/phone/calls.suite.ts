/** A call and somebody on its roster, as a server would tell of them, for tests of the page. */
import type { CallView, RosterEntry } from '../../src/endpoints/browser/protocol.ts'

/** A connected group call, on this page. */
export const CALL: CallView = {
  callId: 'c',
  phase: 'connected',
  here: true,
  media: 'connected',
  direction: 'incoming',
  kind: 'group',
  since: 0,
  roster: [],
  muted: false,
  mutedByOthers: false,
  onHold: false,
  heldByOthers: false,
  mayAdmit: false,
  mayShare: true,
  mayShowCamera: true,
  recording: false,
  transcribing: false,
}

/** Somebody who is in the call, and does nothing in particular. */
export function entryOf(displayName: string, more: Partial<RosterEntry> = {}): RosterEntry {
  return {
    kind: 'user',
    id: displayName,
    displayName,
    participantId: displayName,
    me: displayName === 'me',
    inLobby: false,
    muted: false,
    mutedByOthers: false,
    onHold: false,
    sharing: false,
    camera: false,
    ...more,
  }
}
