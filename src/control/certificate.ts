/** The certificate that clients of an https server must trust, for CI and containers that do not share its disk. */
import type { ControlRoutes } from './parts.ts'
import { notFound } from './parts.ts'

export const registerCertificate: ControlRoutes = (app, { authority }) => {
  app.get('/control/ca.pem', (_request, reply) => {
    if (authority !== undefined) return reply.type('application/x-pem-file').send(authority)
    throw notFound('There is no local authority: the server speaks plain http, or https with a certificate of its own.')
  })
}
