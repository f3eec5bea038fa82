/** Recording policies: read from the file, and what one asks for when its user comes into a call. */
import type { ApplicationLeg, RecordingDuty } from '../calls/reach.ts'
import { readGuid } from '../runtime.ts'
import type { LegContext } from './application-leg.ts'
import { applicationLeg } from './application-leg.ts'
import type { Cursor } from './cursor.ts'
import type { Application, Directory, PolicyRecorder, RecordingPolicy, User } from './directory.ts'
import { recordingRequirements } from './directory.ts'

/** Applications that one policy may name. */
const MOST_RECORDERS = 4
const POLICY_NAME = /^[\p{L}\p{N} ._-]{1,64}$/u
const POLICY_KEYS = ['name', 'users', 'applications'] as const
const RECORDER_KEYS = ['appId', ...recordingRequirements] as const

/** Whom policies may name: their own tenant's users and applications. */
interface Known {
  readonly users: readonly User[]
  readonly applications: readonly Application[]
}

/** Reads the policies of a tenant: a user has one at most. */
export function readRecordingPolicies(items: readonly Cursor[], known: Known): RecordingPolicy[] {
  const names = new Set<string>()
  const policyOf = new Map<string, string>()
  return items.map((item) => {
    const fields = item.fields(POLICY_KEYS)
    const nameAt = fields?.require('name')
    const name = nameAt?.text() ?? ''
    if (nameAt && !POLICY_NAME.test(name)) nameAt.problem('must have 1 to 64 letters, digits, spaces, dots, hyphens')
    else if (names.has(name)) nameAt?.problem(`the policy ${name} is there already; every policy needs its own name`)
    names.add(name)
    const users = (fields?.require('users')?.items() ?? []).map((at) => {
      const user = userOf(at, known)
      const other = user && policyOf.get(user.id)
      if (other !== undefined) at.problem(`the user has the recording policy ${other}; a user can have one`)
      else if (user) policyOf.set(user.id, name)
      return user?.id ?? ''
    })
    const applicationsAt = fields?.require('applications')
    const applications = (applicationsAt?.items() ?? []).map((at) => recorderOf(at, known))
    if (applications.length === 0) applicationsAt?.problem('must name the application that records')
    if (applications.length > MOST_RECORDERS) applicationsAt?.problem(`can name ${MOST_RECORDERS} applications`)
    if (new Set(applications.map(({ appId }) => appId)).size < applications.length) {
      applicationsAt?.problem('names an application twice')
    }
    return { name, users, applications }
  })
}

function userOf(at: Cursor, { users }: Known): User | undefined {
  const text = at.text()
  if (text === undefined) return undefined
  const id = readGuid(text)
  const user = users.find((one) => one.id === id || one.userPrincipalName.toLowerCase() === text.toLowerCase())
  if (!user) at.problem(`"${text}" is neither id nor userPrincipalName of one of the tenant's users`)
  return user
}

function recorderOf(item: Cursor, { applications }: Known): PolicyRecorder {
  const fields = item.fields(RECORDER_KEYS)
  const at = fields?.require('appId')
  const text = at?.text() ?? ''
  const application = applications.find(({ appId }) => appId === readGuid(text))
  if (at && !application) at.problem(`"${text}" is not the appId of one of the tenant's applications`)
  else if (application && application.notificationUrl === undefined) {
    at?.problem(`the application ${application.displayName} needs a notificationUrl: its calls are announced there`)
  }
  const required = (name: (typeof recordingRequirements)[number]): boolean => truth(fields?.get(name)) ?? true
  return {
    appId: application?.appId ?? '',
    requiredBeforeMeetingJoin: required('requiredBeforeMeetingJoin'),
    requiredDuringMeeting: required('requiredDuringMeeting'),
    requiredBeforeCallEstablishment: required('requiredBeforeCallEstablishment'),
    requiredDuringCall: required('requiredDuringCall'),
  }
}

function truth(at: Cursor | undefined): boolean | undefined {
  const text = at?.text()
  if (text !== undefined && text !== 'true' && text !== 'false') at?.problem(`"${text}" is not one of true, false`)
  return text === undefined ? undefined : text === 'true'
}

/** Who must record a user: nothing if no policy says so, or its applications were taken out of the directory. */
export function recordingDuties(
  user: Pick<User, 'id' | 'displayName' | 'tenantId'>,
  context: LegContext & { readonly directory: Directory },
): { readonly duties?: readonly RecordingDuty[] } {
  const policy = context.directory.recordingPolicyOf(user.id)
  if (!policy) return {}
  const { id, displayName, tenantId } = user
  const duties = policy.applications.flatMap((recorder): RecordingDuty[] => {
    const leg = legOf(context.directory, recorder.appId, context)
    if (!leg) return []
    return [
      {
        policy: policy.name,
        inMeeting: { before: recorder.requiredBeforeMeetingJoin, during: recorder.requiredDuringMeeting },
        inCall: { before: recorder.requiredBeforeCallEstablishment, during: recorder.requiredDuringCall },
        holder: { kind: 'user', id, displayName, tenantId },
        leg,
        participantId: context.mintId(),
      },
    ]
  })
  return duties.length > 0 ? { duties } : {}
}

function legOf(directory: Directory, appId: string, context: LegContext): ApplicationLeg | undefined {
  const application = directory.application(appId)
  if (!application) return undefined
  const { displayName, tenantId } = application
  return applicationLeg(application, { kind: 'application', id: appId, displayName, tenantId }, context)
}
