/** Ids of objects that the directory has without naming them: each follows from what it belongs to, and stays the same. */
import { createHash } from 'node:crypto'
import { readGuid } from '../runtime.ts'

/** The GUID that follows from these texts. */
export function derivedGuid(...texts: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(texts)).digest('hex')
  // Version 8 of RFC 9562: a GUID of one's own making.
  return readGuid(`${hash.slice(0, 12)}8${hash.slice(13, 16)}a${hash.slice(17, 32)}`) ?? ''
}

/** The object id of an application, which is not its app id. */
export function applicationObjectId(appId: string): string {
  return derivedGuid('application', appId)
}

/** The object id of the service principal by which a tenant knows an application. */
export function servicePrincipalId(tenantId: string, appId: string): string {
  return derivedGuid('servicePrincipal', tenantId, appId)
}
