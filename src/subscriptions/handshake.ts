/** The handshake by which a webhook shows that it wants to be notified. */
import type { Poster } from '../notifications/post.ts'
import type { Ids } from '../runtime.ts'

/**
 * Asks a webhook for the token in its address: it must answer 200 with the token, decoded, and nothing else.
 * @returns why it did not, as a sentence; undefined if it did
 */
export async function shakeHands(url: string, appId: string, poster: Poster, ids: Ids): Promise<string | undefined> {
  // With characters that must be decoded: a webhook that forgets to would fail with Graph, too.
  const token = `Validation: ${ids.guid()} for ${new URL(url).host}`
  const asked = new URL(url)
  asked.search += `${asked.search === '' ? '?' : '&'}validationToken=${encodeURIComponent(token)}`
  const headers = { 'content-type': 'text/plain; charset=utf-8' }
  const outcome = await poster.post({ url: asked.href, appId, body: '', headers, mayRedirect: false, handshake: false })
  const { status, error, answer } = outcome
  if (error !== undefined) return `The webhook ${url} did not take its validation: ${error}.`
  if (status !== 200) return `The webhook ${url} answered its validation with ${status}; it must be 200.`
  if (answer === token) return undefined
  return `The webhook ${url} answered its validation with another text than the decoded validationToken.`
}
