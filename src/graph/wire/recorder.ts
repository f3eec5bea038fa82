/** What only applications see that record others by policy: notifications about whom they record, and what they answer. */
import type { CallView } from '../../calls/notification.ts'
import type { JoiningAnswer } from '../../calls/recorder.ts'
import { writeCallChange } from './call.ts'
import type { Json } from './identity.ts'
import { BadRequest, Reader } from './reader.ts'
import type { Shape } from './shape.ts'

/** Asks whether the recorder records one more person: the call as it would be announced for that person alone. */
export function writeJoining(view: CallView, shape: Shape): Json {
  return {
    '@odata.type': '#microsoft.graph.participantJoiningNotification',
    call: { ...writeCallChange(view, 'incoming', shape), state: view.call.state.name },
  }
}

/** Tells that somebody is recorded no more. */
export function writeLeft({ call, callChainId }: CallView, participantId: string): Json {
  return {
    '@odata.type': '#microsoft.graph.participantLeftNotification',
    participantId,
    call: {
      '@odata.type': '#microsoft.graph.call',
      state: call.state.name,
      callChainId,
      tenantId: call.tenantId,
      id: call.id,
    },
  }
}

const ANSWERS = 'acceptJoinResponse, rejectJoinResponse or inviteNewBotResponse'

/**
 * Reads what a recorder's webhook answered to `participantJoiningNotification`. Whatever cannot be used is `invalid`, with
 * the reason.
 * @param status of the answer
 * @param problemOf says what is wrong with an address for notifications, if anything
 */
export function readJoiningAnswer(
  status: number,
  text: string,
  problemOf: (uri: string) => string | undefined,
): JoiningAnswer {
  const invalid = (what: string): JoiningAnswer => ({
    type: 'invalid',
    detail: `${what}; participantJoiningNotification takes 200 with ${ANSWERS} in the body`,
  })
  if (text.trim() === '') return invalid(`the recorder answered ${status} without a body`)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return invalid(`the recorder's answer is not JSON`)
  }
  try {
    return (
      readAnswer(new Reader(body, ''), problemOf) ?? invalid(`the recorder's answer has no @odata.type among these`)
    )
  } catch (error) {
    if (error instanceof BadRequest) return invalid(`the recorder's answer cannot be read: ${error.message}`)
    throw error
  }
}

function readAnswer(reader: Reader, problemOf: (uri: string) => string | undefined): JoiningAnswer | undefined {
  switch (reader.odataType()) {
    case 'acceptjoinresponse':
      return { type: 'accept' }
    case 'rejectjoinresponse':
      return { type: 'reject', reason: reader.choice('reason', ['none', 'busy', 'forbidden']) ?? 'none' }
    case 'invitenewbotresponse': {
      const inviteUri = reader.text('inviteUri', 2048) ?? ''
      const problem = problemOf(inviteUri)
      return problem === undefined ? { type: 'inviteNewBot', inviteUri } : { type: 'invalid', detail: problem }
    }
    default:
      return undefined
  }
}
