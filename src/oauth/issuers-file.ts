/** Reads the file of option `issuers` (YAML): the outside issuers whose access tokens count like the server's own. */
import { readYaml, type Cursor, type Problem } from '../directory/cursor.ts'

/** An outside issuer, as the file has it. */
export interface TrustedIssuer {
  /** What `iss` must be; `{tenantid}` in it stands for the token's tenant. */
  readonly issuer: string
  /** Where its keys are; without it, its OpenID configuration says so. */
  readonly jwksUri?: string
  /** Values of `aud`, one of which a token must have. */
  readonly audiences: readonly string[]
  /** The tenant of the directory to which all its tokens belong. */
  readonly tenant?: string
  /** Its tenants, and which tenant of the directory each is; a tenant that is not listed stands for itself. */
  readonly tenants: ReadonlyMap<string, string>
  readonly claims: ClaimNames
}

/** Where a token says things: names of claims, with a dot before a member of a claim. */
export interface ClaimNames {
  /** The first of these that a token has is the application's id. */
  readonly appId: readonly string[]
  readonly roles: string
  readonly tenant: string
}

/** The issuers, or everything that is wrong with the file. */
export type ReadIssuers =
  | { readonly ok: true; readonly issuers: readonly TrustedIssuer[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const ISSUER_KEYS = ['issuer', 'jwksUri', 'audiences', 'tenant', 'tenants', 'claims'] as const
const CLAIM_KEYS = ['appId', 'roles', 'tenant'] as const

/** Entra has the application's id in `appid` or, in its newer tokens, in `azp`, as Keycloak does. */
const STANDARD_CLAIMS: ClaimNames = { appId: ['appid', 'azp'], roles: 'roles', tenant: 'tid' }

/** Reads the file's text; the keys are described in `docs/reference/tokens.md`. */
export function readIssuers(text: string, file: string): ReadIssuers {
  const read = readYaml(file, text, readRoot)
  return read.ok ? { ok: true, issuers: read.value } : read
}

function readRoot(root: Cursor): readonly TrustedIssuer[] {
  const issuers = root.fields(['issuers'])?.require('issuers')
  if (issuers?.empty) issuers.problem('must list at least one issuer')
  return (issuers?.items() ?? []).map(readIssuer)
}

function readIssuer(at: Cursor): TrustedIssuer {
  const fields = at.fields(ISSUER_KEYS)
  const jwksUri = readAddress(fields?.get('jwksUri'))
  const audiences = fields?.require('audiences')
  if (audiences?.empty) audiences.problem('must list at least one audience: any token of the issuer would be taken')
  const tenant = fields?.get('tenant')
  const tenants = fields?.get('tenants')
  if (tenant && tenants) tenant.problem('is beside tenants; keep one of the two keys')
  const name = tenant?.text()
  return {
    issuer: readAddress(fields?.require('issuer')) ?? '',
    ...(jwksUri !== undefined && { jwksUri }),
    audiences: (audiences?.items() ?? []).map((item) => item.text() ?? ''),
    ...(name !== undefined && { tenant: name }),
    tenants: new Map((tenants?.items() ?? []).map(readTenant)),
    claims: readClaims(fields?.get('claims')),
  }
}

function readTenant(at: Cursor): [string, string] {
  const fields = at.fields(['from', 'to'])
  return [fields?.require('from')?.text() ?? '', fields?.require('to')?.text() ?? '']
}

function readClaims(at: Cursor | undefined): ClaimNames {
  const fields = at?.fields(CLAIM_KEYS)
  const appId = fields?.get('appId')?.text()
  return {
    appId: appId === undefined ? STANDARD_CLAIMS.appId : [appId],
    roles: fields?.get('roles')?.text() ?? STANDARD_CLAIMS.roles,
    tenant: fields?.get('tenant')?.text() ?? STANDARD_CLAIMS.tenant,
  }
}

/** An address as it is written, because issuers are compared to the letter. */
function readAddress(at: Cursor | undefined): string | undefined {
  const text = at?.text()
  if (text === undefined || !at) return undefined
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text
  at.problem(`"${text}" is not an http or https address; write one such as https://login.example/realms/bots`)
  return undefined
}
