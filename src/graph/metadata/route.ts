/** `$metadata`: the data model of a version, which `@odata.context` refers to. */
import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { identifyingHeaders, refuseOtherMethods } from '../../http/app.ts'
import { writeCsdl } from './csdl.ts'
import { metadataOf } from './metadata.ts'

/** The metadata as a row of the coverage page. */
export const metadataOperation = { operation: '$metadata', method: 'GET', path: '/$metadata' } as const

/** Registers the documents; as with Graph, no token is needed to read them. */
export function registerDataModel(app: FastifyInstance): void {
  const { operation, method, path } = metadataOperation
  for (const version of ['v1.0', 'beta'] as const) {
    const url = `/${version}${path}`
    const document = writeCsdl(metadataOf(version))
    const etag = `"${createHash('sha256').update(document).digest('base64url')}"`
    app.route({
      method,
      url,
      handler: (request, reply) => {
        request.note.operation = operation
        const headers = { 'odata-version': '4.0', etag, 'cache-control': 'public, no-cache' }
        void reply.headers({ ...identifyingHeaders(request), ...headers })
        const known = (request.headers['if-none-match'] ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''))
        if (known.includes(etag) || known.includes('*')) return reply.code(304).send()
        return reply.type('application/xml; charset=utf-8').send(document)
      },
    })
    refuseOtherMethods(app, url, [method])
  }
}
