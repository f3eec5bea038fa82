/** Addresses that a request names for the server to go to. */
import type { MediaConfig } from '../../calls/call.ts'
import type { MediaInfo } from '../../calls/media.ts'
import { invalidArgument } from '../errors.ts'
import type { GraphParts, GraphRequest } from './route.ts'

type Parts = Pick<GraphParts, 'destinations'>

/** Refuses an address that notifications may not go to. */
export function checkCallback(uri: string, { caller }: GraphRequest, { destinations }: Parts): void {
  const problem = destinations.problem(uri, caller.appId)
  if (problem !== undefined) throw invalidArgument(`callbackUri ${problem}.`)
}

/** Refuses prompts from hosts that cannot be asked for them; what is wrong with a prompt otherwise, its operation tells. */
export function checkPrompts(media: readonly MediaInfo[], { caller }: GraphRequest, { destinations }: Parts): void {
  for (const { uri } of media) {
    const url = URL.parse(uri)
    const problem = url ? destinations.hostProblem(url, caller.appId) : undefined
    if (problem !== undefined) throw invalidArgument(`The uri of a prompt ${problem}.`)
  }
}

/** What is to be fetched ahead of its use. */
export function prefetched(media: MediaConfig): readonly MediaInfo[] {
  return media.type === 'serviceHosted' ? (media.preFetchMedia ?? []) : []
}
