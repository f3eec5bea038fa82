/** Graph's `identitySet` and `identity`, read and written. */
import { E164 } from '../../calls/identity.ts'
import type { Identity, IdentityKind } from '../../calls/identity.ts'
import { readGuid } from '../../runtime.ts'
import { BadRequest, NotImplemented } from './reader.ts'
import type { Reader } from './reader.ts'
import type { Shape } from './shape.ts'

/** Members of an identity set, in the order in which Graph's SDK prefers them when several are there. */
const KINDS: readonly IdentityKind[] = ['user', 'guest', 'phone', 'encrypted', 'applicationInstance', 'application']

/** Members that Graph knows and that nobody can be reached by here. */
const UNREACHABLE = ['device', 'onPremises', 'conversation', 'azureCommunicationServicesUser', 'assertedIdentity']

/** Reads an identity set that must name somebody. */
export function readIdentitySet(set: Reader | undefined, path: string): Identity {
  const kind = set && KINDS.find((one) => set.value(one) !== undefined)
  const member = kind && set.object(kind)
  if (!member) {
    const other = set && UNREACHABLE.find((one) => set.value(one) !== undefined)
    if (other !== undefined) throw new NotImplemented(`${path}.${other}: identities of this kind cannot be called.`)
    throw new BadRequest(`${path} must name somebody, by one of its members ${KINDS.join(', ')}.`)
  }
  const displayName = member.text('displayName', 256)
  const tenantId = member.text('tenantId', 64)
  const identityProvider = member.text('identityProvider', 64)
  return {
    kind,
    id: readId(kind, member),
    ...(displayName !== undefined && { displayName }),
    ...(tenantId !== undefined && { tenantId: readGuid(tenantId) ?? tenantId }),
    ...(identityProvider !== undefined && { identityProvider }),
  }
}

function readId(kind: IdentityKind, member: Reader): string {
  const id = member.text('id', 1024)
  if (id === undefined || id === '') throw new BadRequest(`${member.at('id')} is required.`)
  switch (kind) {
    case 'user':
    case 'application':
    case 'applicationInstance': {
      const guid = readGuid(id)
      if (guid === undefined) throw new BadRequest(`${member.at('id')} must be a GUID.`)
      return guid
    }
    case 'phone':
      if (!E164.test(id)) {
        throw new BadRequest(`${member.at('id')} must be a phone number in E.164 form, such as +12065550100.`)
      }
      return id
    case 'guest':
    case 'encrypted':
      return id
  }
}

/** JSON as it goes out. */
export type Json = Record<string, unknown>

/** Writes one identity; `typed` adds `@odata.type`. */
export function writeIdentity(identity: Identity, typed: boolean): Json {
  const { id, displayName, tenantId, identityProvider, applicationType } = identity
  return {
    ...(typed && { '@odata.type': '#microsoft.graph.identity' }),
    id,
    ...(displayName !== undefined && { displayName }),
    ...(identityProvider !== undefined && { identityProvider }),
    ...(tenantId !== undefined && { tenantId }),
    ...(applicationType !== undefined && { applicationType, hidden: true }),
  }
}

/** Writes an identity set as notifications and calls carry it: typed, without empty members. */
export function writeIdentitySet(identity: Identity): Json {
  return {
    '@odata.type': '#microsoft.graph.identitySet',
    [identity.kind]: writeIdentity(identity, true),
  }
}

/** An identity as the versions show it that leave tenants out. */
export function withoutTenant(identity: Identity): Identity {
  const { tenantId: _, ...shown } = identity
  return shown
}

/** Members of the identity set in the answer to an invite, by whether the invitee is on the telephone network. */
const DIRECTORY_MEMBERS = { user: null, application: null, device: null, phone: null }
const ALL_MEMBERS = {
  user: null,
  guest: null,
  encrypted: null,
  onPremises: null,
  applicationInstance: null,
  application: null,
  device: null,
  phone: null,
}

/** Writes an identity set as the answer to an invite carries it: every member, null where empty, and no type of its own. */
export function writeFullIdentitySet(identity: Identity, { typedInvitees }: Pick<Shape, 'typedInvitees'>): Json {
  const inDirectory = identity.kind === 'user' || identity.kind === 'application'
  return {
    ...(inDirectory ? DIRECTORY_MEMBERS : ALL_MEMBERS),
    [identity.kind]: writeIdentity(identity, typedInvitees || !inDirectory),
  }
}
