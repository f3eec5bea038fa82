/** Who is at a page: a user of the directory, or a guest by the name they gave. */
import { jwtVerify } from 'jose'
import type { Identity } from '../calls/identity.ts'
import type { Directory } from '../directory/directory.ts'
import type { KeyRing } from '../oauth/keys.ts'
import { SIGNING_ALGORITHM } from '../oauth/keys.ts'
import type { PersonCheck } from '../oauth/people/person-token.ts'
import type { Hello } from '../endpoints/browser/protocol.ts'
import type { Clock, Ids } from '../runtime.ts'

/** Somebody at a page. */
export interface Visitor {
  readonly identity: Identity
  /** Of a user; a guest is of whatever tenant they visit. */
  readonly tenantId?: string
  /** By which a guest is known again after a reload. */
  readonly resume?: string
}

/** What introductions are checked with. */
export interface IntroductionParts {
  readonly keys: Pick<KeyRing, 'sign' | 'key'>
  readonly clock: Clock
  readonly ids: Ids
  readonly check: PersonCheck
  readonly guests: boolean
  /** How long a guest is known, in milliseconds. */
  readonly lifetime: number
}

/** Nothing else that the keys sign has this audience. */
const GUESTS = 'urn:rollcall:guest'

/** Finds who introduces themselves. @returns why nobody does, in one sentence */
export async function introduce(hello: Hello, parts: IntroductionParts): Promise<Visitor | string> {
  const { token, displayName, resume } = hello
  if (token !== undefined) {
    const checked = await parts.check(token)
    if (!checked.ok) return checked.explanation
    const { id, displayName: name, tenantId } = checked.user
    return { identity: { kind: 'user', id, displayName: name, tenantId }, tenantId }
  }
  if (!parts.guests) return 'Guests are not taken here (option phoneGuests): sign in.'
  const known = resume === undefined ? undefined : await readPass(resume, parts)
  if (known) return { identity: known, resume: resume ?? '' }
  if (displayName === undefined) return 'Sign in, or give the name under which you want to join as a guest.'
  const identity = { kind: 'guest', id: parts.ids.guid(), displayName } as const
  return { identity, resume: await makePass(identity, parts) }
}

/** Whether somebody still exists: a user can be taken out of the directory while their page is open. */
export function isKnown({ identity }: Visitor, directory: Directory): boolean {
  return identity.kind === 'guest' || directory.user(identity.id) !== undefined
}

function makePass({ id, displayName }: Identity, { keys, clock, lifetime }: IntroductionParts): Promise<string> {
  const iat = Math.floor(clock.now() / 1000)
  return keys.sign({ aud: GUESTS, sub: id, name: displayName, iat, exp: iat + Math.floor(lifetime / 1000) })
}

async function readPass(pass: string, { keys, clock }: IntroductionParts): Promise<Identity | undefined> {
  try {
    const key = async ({ kid = '' }): Promise<CryptoKey> => {
      const found = await keys.key(kid)
      if (!found) throw new Error('an unknown key')
      return found
    }
    const options = { audience: GUESTS, algorithms: [SIGNING_ALGORITHM], currentDate: new Date(clock.now()) }
    const { payload } = await jwtVerify(pass, key, { ...options, requiredClaims: ['exp', 'sub'] })
    return { kind: 'guest', id: payload.sub ?? '', displayName: String(payload['name']) }
  } catch {
    return undefined
  }
}
