/**
 * The limit of what a server in the same HTTP framework can do: it checks a token once and remembers it, parses the
 * invite and answers with the operation that Rollcall would answer with. Nothing is kept and nobody is told.
 */
import { createHash } from 'node:crypto'
import fastify from 'fastify'
import { SignJWT, generateKeyPair, jwtVerify } from 'jose'

const { publicKey, privateKey } = await generateKeyPair('RS256')
const verified = new Map<string, number>()

async function check(header: string | undefined): Promise<boolean> {
  const token = header?.slice('Bearer '.length) ?? ''
  const key = createHash('sha256').update(token).digest('base64')
  const until = verified.get(key)
  if (until !== undefined) return until > Date.now() / 1000
  const { payload } = await jwtVerify(token, publicKey)
  verified.set(key, payload.exp ?? 0)
  return true
}

interface Invite {
  readonly participants: readonly { readonly identity: unknown }[]
  readonly clientContext?: string
}

const app = fastify()
app.post('/v1.0/communications/calls/:callId/participants/invite', async (request, reply) => {
  if (!(await check(request.headers.authorization))) return reply.code(401).send()
  const { participants, clientContext } = request.body as Invite
  const id = crypto.randomUUID()
  return {
    '@odata.type': '#microsoft.graph.inviteParticipantsOperation',
    id,
    clientContext,
    status: 'running',
    participants: participants.map(({ identity }) => ({
      '@odata.type': '#microsoft.graph.invitationParticipantInfo',
      identity,
    })),
  }
})
process.on('disconnect', () => process.exit())
const url = await app.listen({ port: 0, host: '127.0.0.1' })
const token = await new SignJWT({}).setProtectedHeader({ alg: 'RS256' }).setExpirationTime('1h').sign(privateKey)
process.send?.({ ready: `${url} ${token}` })
