import assert from 'node:assert/strict'
import { watch as watchFolder } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Problem } from './cursor.ts'
import type { Directory } from './directory.ts'
import { demoDirectoryFile, LiveDirectory } from './live.ts'

const tenant = (name: string): string => `tenants:\n  - id: 49bfc225-8482-4ab8-94e7-76b48fdb9849\n    name: ${name}\n`

interface Watched {
  file: string
  live: LiveDirectory
  /** The next change or refusal that the live directory tells of. */
  next: () => Promise<Directory | readonly Problem[]>
  /** How many it told of that nobody waited for. */
  untold: () => number
}

function ignore(): void {}

async function open(context: TestContext, watch = true): Promise<Watched> {
  const folder = await mkdtemp(join(tmpdir(), 'directory-'))
  const file = join(folder, 'directory.yaml')
  await writeFile(file, tenant('before'))
  const told: (Directory | readonly Problem[])[] = []
  let wake = ignore
  const tell = (event: Directory | readonly Problem[]): void => {
    told.push(event)
    wake()
  }
  const opened = await LiveDirectory.open({ file, wireVersions: [], watch, onChange: tell, onProblems: tell })
  assert.ok(opened.ok)
  // The watch does not hold the process open, so the test does while it waits.
  const hold = watchFolder(folder)
  context.after(async () => {
    hold.close()
    await opened.live.close()
    await rm(folder, { recursive: true })
  })
  const next = async (): Promise<Directory | readonly Problem[]> => {
    while (told.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return told.shift() as Directory | readonly Problem[]
  }
  return { file, live: opened.live, next, untold: () => told.length }
}

test('an edit takes effect', { timeout: 10_000 }, async (context) => {
  const { file, live, next } = await open(context)
  assert.ok(live.current().tenant('before'))
  await writeFile(file, tenant('after'))
  assert.equal(await next(), live.current())
  assert.ok(live.current().tenant('after'))
})

test('a file that is replaced by renaming goes on being followed', { timeout: 10_000 }, async (context) => {
  const { file, live, next } = await open(context)
  for (const name of ['second', 'third', 'fourth']) {
    await writeFile(`${file}.tmp`, tenant(name))
    await rename(`${file}.tmp`, file)
    await next()
    assert.ok(live.current().tenant(name))
  }
})

test(
  'an invalid edit is reported and changes nothing; the next valid one takes effect',
  { timeout: 10_000 },
  async (context) => {
    const { file, live, next } = await open(context)
    const before = live.current()
    await writeFile(file, tenant('a b'))
    const problems = await next()
    assert.ok(Array.isArray(problems))
    assert.match(problems[0]?.message ?? '', /letters, digits/)
    assert.equal(live.current(), before)
    await writeFile(file, tenant('mended'))
    await next()
    assert.ok(live.current().tenant('mended'))
  },
)

test('the same content is not news', { timeout: 10_000 }, async (context) => {
  const { file, live, next, untold } = await open(context)
  await writeFile(file, tenant('before'))
  await writeFile(file, tenant('after'))
  assert.equal(await next(), live.current())
  assert.equal(untold(), 0)
})

test('without a watch, reload reads the file', async (context) => {
  const { file, live } = await open(context, false)
  assert.deepEqual(await live.reload(), { ok: true, changed: false })
  await writeFile(file, tenant('after'))
  assert.ok(live.current().tenant('before'))
  assert.deepEqual(await live.reload(), { ok: true, changed: true })
  assert.ok(live.current().tenant('after'))
})

test('reload of a file that is gone says so and keeps the directory', async (context) => {
  const { file, live } = await open(context, false)
  await rm(file)
  const reloaded = await live.reload()
  assert.ok(!reloaded.ok)
  assert.match(reloaded.problems[0]?.message ?? '', /cannot be read/)
  assert.ok(live.current().tenant('before'))
})

test('a file that is missing or invalid at the start gives no directory', async () => {
  const missing = await LiveDirectory.open({ file: '/nowhere/at/all.yaml', wireVersions: [] })
  assert.ok(!missing.ok)
  assert.match(missing.problems[0]?.message ?? '', /cannot be read/)
})

test('the demo directory opens', async () => {
  const opened = await LiveDirectory.open({ file: demoDirectoryFile, wireVersions: [], watch: false })
  assert.ok(opened.ok)
  await opened.live.close()
})
