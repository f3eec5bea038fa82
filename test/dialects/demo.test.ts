/** The demo tells the same story in every wire version: the example itself, as users run it, with a server of its own. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const pathOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'rollcall-demo-test-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** The demo's directory, with people who do not let one wait. */
const directory = join(folder, 'directory.yaml')
writeFileSync(
  directory,
  readFileSync(pathOf('src/directory/demo.yaml'), 'utf8').replaceAll(/after: \d+s/g, 'after: 20ms'),
)

/** An address where nothing listens. */
async function deafUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

/** Runs the demo to its end. */
async function runDemo(t: TestContext, flags: readonly string[]): Promise<{ code: number; said: string }> {
  const args = [pathOf('examples/demo.ts'), '--url', await deafUrl(), '--directory', directory, ...flags]
  const child = spawn(process.execPath, args, { signal: t.signal, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return { code, said }
}

/** What only some versions say, in the order of the story. */
interface Telling {
  readonly calls: string
  readonly created: RegExp
  readonly invited: string
  /** The end of the call that an invite replaced, and of the one that the bot hung up, without the mark of the signature. */
  readonly replaced: readonly RegExp[]
  readonly hungUp: readonly RegExp[]
}

const OWN = '/applications/5d2e9b74-6c1f-4f0b-b3a8-9e4c7d1f2001/calls'
const endedLately = [/updated call [0-9a-f]{8} terminating/, /deleted call [0-9a-f]{8} terminated.*: 200\/7000 /]
const lately: Telling = {
  calls: '/communications/calls',
  created: /201 call [0-9a-f]{8} establishing$/,
  invited: '200 operation Running',
  replaced: endedLately.slice(1),
  hungUp: endedLately,
}
const endedLongAgo = [/updated call [0-9A-F]{8} terminated AppInitiated/, /deleted call [0-9A-F]{8} /]
const longAgo: Telling = {
  calls: '/app/calls',
  created: /201 call [0-9A-F]{8} establishing$/,
  invited: '202 operation running',
  replaced: endedLongAgo,
  hungUp: endedLongAgo,
}
const tellings: Readonly<Record<string, Telling>> = {
  'v1.0': lately,
  beta: lately,
  '2021-03': lately,
  '2020-12': lately,
  '2019-09': longAgo,
  '2018-12': { ...longAgo, calls: OWN, created: /201 call [0-9A-F]{8}$/ },
}

/** What every version tells, line by line, with other lines between them. */
function storyOf({ calls, created, invited, replaced, hungUp }: Telling): readonly (string | RegExp)[] {
  return [
    'A group call with Adele and Bao',
    `POST ${calls}  Adele, Bao`,
    created,
    /updated roster: Adele Novak, Incident Bot, Bao Tran /,
    'Two more people',
    '/participants/invite  Kofi and Lena',
    invited,
    'deleted operation completed',
    /updated roster: .*Kofi Mensah, Lena Fischer /,
    'Hana, who is in a peer-to-peer call with the bot: the invite pulls her over',
    invited,
    'deleted operation completed',
    /updated roster: .*Hana Sato/,
    ...replaced,
    'A phone',
    'deleted operation completed',
    /updated roster: .*\+12065550150/,
    'Chidi, who is busy',
    /deleted operation failed: 486\/8539 /,
    'Who is in the call',
    '200 7 participants',
    'The bot hangs up',
    `DELETE ${calls}/`,
    ...hungUp,
    'That was Rollcall.',
  ]
}

/** Asserts that the lines of a story stand in what was said, in their order. */
function assertTells(said: string, story: readonly (string | RegExp)[]): void {
  const lines = said.split('\n').values()
  for (const part of story) {
    const found = lines.find((line) => (typeof part === 'string' ? line.includes(part) : part.test(line)))
    assert.ok(found !== undefined, `${part} is missing, or comes too early, in:\n${said}`)
  }
}

for (const [version, telling] of Object.entries(tellings)) {
  test(`the demo in ${version}`, { timeout: 30_000 }, async (t) => {
    const { code, said } = await runDemo(t, ['--wire', version])
    assert.equal(code, 0, said)
    assert.match(said, /started Rollcall at/)
    assert.doesNotMatch(said, /NOT SIGNED/)
    assertTells(said, storyOf(telling))
  })
}

test('a version that is not spoken is refused, with those that are', { timeout: 30_000 }, async (t) => {
  const { code, said } = await runDemo(t, ['--wire', '2017-01'])
  assert.equal(code, 1)
  assert.match(said, /--wire is one of v1\.0, beta, 2021-03, 2020-12, 2019-09, 2018-12, not 2017-01\./)
})
