import type { ReasonRow } from './reason-row.ts'

/** Why somebody may not be in a call without being recorded, and why a recorder goes. */
export const recorderReasons = {
  'recorder-rejected': {
    code: 603,
    subcode: 8538,
    text: 'the application that has to record them refused',
    when: 'a recorder rejected its call, or answered rejectJoinResponse, and the recording policy requires it',
    todo: 'Answer, or take the requirement out of the recording policy',
    source: 'own',
    sent: 'rules',
  },
  'recorder-no-answer': {
    code: 408,
    subcode: 8587,
    text: 'the application that has to record them did not answer in time',
    when: 'a recorder neither answered nor rejected its call within `recordingAnswerTimeout`, and the policy requires it',
    todo: 'Answer as soon as the notification arrives; recorders have less time than others',
    source: 'own',
    sent: 'rules',
  },
  'recorder-unreachable': {
    code: 503,
    subcode: 8610,
    text: 'the application that has to record them could not be reached',
    when: "a recorder's webhook did not take the announcement of its call, and the recording policy requires it",
    todo: 'Make the webhook reachable and answer 2xx; the message says what came of the last attempt',
    source: 'own',
    sent: 'rules',
  },
  'recorder-bad-answer': {
    code: 400,
    subcode: 8609,
    text: 'the application that has to record them gave no usable answer',
    when: 'the answer to participantJoiningNotification was late, empty or unreadable, and the recording policy requires one',
    todo: 'Answer 200 at once, with acceptJoinResponse, rejectJoinResponse or inviteNewBotResponse in the body',
    source: 'sister',
    sent: 'rules',
  },
  'recorder-left': {
    code: 500,
    subcode: 1005,
    text: 'the application that has to record them left the call',
    when: "a recorder's call ended while it recorded somebody, and the recording policy requires it during the call",
    todo: 'Keep the call of the recorder alive, or take the requirement out of the recording policy',
    source: 'own',
    sent: 'rules',
  },
  'recorded-left': {
    code: 200,
    subcode: 5002,
    text: 'everybody whom the application recorded has left',
    when: 'the last person whom a recorder was there for left, or was put out',
    todo: 'Nothing: another call begins when somebody else is to be recorded',
    source: 'documented',
    sent: 'rules',
  },
} as const satisfies Record<string, ReasonRow>
