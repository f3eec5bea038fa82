/** Calls with phones, as the PSTN log lists them: one row per leg on the telephone network. Pure. */
import type { CallRecord, RecordEndpoint, Session } from './record.ts'

/** Graph's `pstnCallLogRow`, as far as it is known here. */
export interface PhoneCall {
  readonly id: string
  /** The record that the leg is part of. */
  readonly recordId: string
  readonly direction: 'inbound' | 'outbound'
  /** The phone's number. */
  readonly number: string
  /** The number of the application instance that had the call. */
  readonly ownNumber?: string
  readonly startedAt: number
  readonly endedAt: number
  /** Milliseconds for which it was connected. */
  readonly duration: number
}

/** Finds the number under which one of these applications calls phones: of the instance that is named, else one of its own. */
export type NumberLookup = (applications: readonly RecordEndpoint[]) => string | undefined

/** The legs of a record on the telephone network. A bot that is reached by its number is no phone. */
export function phoneCallsOf(record: CallRecord, numberOf: NumberLookup): readonly PhoneCall[] {
  const ends = record.sessions.flatMap(({ caller, callee }) => [caller, callee])
  const applications = ends.filter(({ appId }) => appId !== undefined)
  return record.sessions.flatMap((session) => {
    const phone = phoneIn(session)
    if (phone === undefined) return []
    const { id, caller, startedAt, connectedAt, endedAt } = session
    const ownNumber = numberOf(applications)
    return {
      id,
      recordId: record.id,
      direction: caller.identity?.id === phone ? 'inbound' : 'outbound',
      number: phone,
      ...(ownNumber !== undefined && { ownNumber }),
      startedAt,
      endedAt,
      duration: connectedAt === undefined ? 0 : endedAt - connectedAt,
    }
  })
}

function phoneIn({ caller, callee }: Session): string | undefined {
  return [caller, callee].find(({ identity, appId }) => identity?.kind === 'phone' && appId === undefined)?.identity?.id
}
