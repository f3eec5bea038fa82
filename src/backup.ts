/** `rollcall backup`: has a running server copy all that it keeps. */
import { baseUrlOf, readConfig } from './config.ts'
import type { Printed } from './explain.ts'

const USAGE = `rollcall backup [name]: has a running server copy everything that it keeps, while it works on.

The server is found, and the admin key, by the options that it was started with; or name it with --url <address>.
Where backups go and how many are kept: options backups and backupsKept. How to restore one: docs/operations.md`

/**
 * @param words what follows `backup` on the command line
 * @throws ConfigError for options that are none
 */
export async function backUp(words: readonly string[]): Promise<Printed> {
  if (words.includes('--help') || words.includes('-h')) return { text: USAGE, exitCode: 0 }
  const place = words.indexOf('--url')
  const others = place < 0 ? words : words.toSpliced(place, 2)
  const name = others[0]?.startsWith('-') === false ? others[0] : undefined
  const request = readConfig(others.slice(name === undefined ? 0 : 1))
  if (request.kind === 'print') return { text: request.text, exitCode: 0 }
  const { config } = request
  const url = (place < 0 ? undefined : words[place + 1]) ?? baseUrlOf(config, config.port)
  let answer: Response
  try {
    answer = await fetch(`${url.replace(/\/+$/, '')}/control/backup`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(config.adminKey !== undefined && { authorization: `Bearer ${config.adminKey}` }),
      },
      body: JSON.stringify(name === undefined ? {} : { name }),
    })
  } catch (fault) {
    const cause = fault instanceof Error && fault.cause instanceof Error ? `: ${fault.cause.message}` : ''
    const help = 'Name the server with --url. The folder of a server that has stopped can simply be copied.'
    return { text: `No server answers at ${url}${cause}. ${help}`, exitCode: 1 }
  }
  if (!answer.ok) {
    const why = answer.headers.get('rollcall-explanation') ?? `The server at ${url} answered ${answer.status}.`
    return { text: why, exitCode: 1 }
  }
  const { folder, bytes } = (await answer.json()) as { readonly folder: string; readonly bytes: number }
  return { text: `${folder} (${bytes} bytes)`, exitCode: 0 }
}
