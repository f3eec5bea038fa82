/**
 * The disk is full, again and again, in the middle of work: whoever asks hears it in words, nothing that was promised is
 * lost, and all goes on once there is room. First a limit on the size of files, then a small file system of its own.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Subscriber } from '../support/subscriber.ts'
import { Child, NotStarted, until } from './child.ts'
import { assertNothingLost } from './kept.ts'
import { nothingPromised, work } from './load.ts'
import type { Asked } from './load.ts'
import { PATIENCE, ROUNDS, SEED, chances, progress } from './rounds.ts'
import { prepare, tokenOf } from './site.ts'

/** A disk that is full and has room again when the test says so. */
interface Disk {
  /** Options of the server, and the program that runs it. */
  readonly options: Readonly<Record<string, string>>
  readonly within: readonly string[]
  fill(server: Child): void
  free(server: Child): void
}

/** Works, fills and frees the disk, restarts in between, and looks at what is left. */
async function endure(t: TestContext, disk: Disk): Promise<void> {
  t.diagnostic(`FAULT_SEED=${SEED}`)
  const { bot, flags } = await prepare(t, { cleo: { busy: { after: '30ms' } }, dov: { ignore: {} } }, disk.options)
  const start = (port: string): Promise<Child> => Child.start([...flags, `--port=${port}`], { within: disk.within })
  let child = await start('0')
  t.after(() => child.kill('SIGKILL'))
  const { url } = child
  const subscriber = await Subscriber.start(t)
  const promised = nothingPromised()
  const refusals: Asked[] = []
  let goOn = true
  t.after(() => (goOn = false))
  const place = {
    url: () => url,
    token: await tokenOf(url),
    callbackUri: bot.url,
    webhook: subscriber.url,
    promised,
    chance: chances(SEED),
    goOn: () => goOn,
    onRefusal: (asked: Asked) => refusals.push(asked),
  }
  const workers = Promise.all([1, 2, 3].map((name) => work(place, name)))
  for (let round = 1; round <= ROUNDS; round++) {
    await pause(300 * place.chance())
    const before = refusals.filter(({ status }) => status === 507).length
    disk.fill(child)
    await until('requests are refused', 60_000, () =>
      Promise.resolve(refusals.filter(({ status }) => status === 507).length > before + 3),
    )
    await pause(500 * place.chance())
    if (round % 2 === 0) await child.kill('SIGKILL')
    disk.free(child)
    if (round % 2 === 0) child = await start(new URL(url).port)
    progress(`full ${round} of ${ROUNDS} times`)
    const known = promised.operations.size
    await until('it works again', 30_000, () => Promise.resolve(promised.operations.size > known))
  }
  goOn = false
  await workers
  for (const { status, body, explanation } of refusals.filter((one) => one.status >= 500)) {
    assert.equal(status, 507, JSON.stringify(body))
    assert.equal(body.error.code, 'insufficientStorage')
    assert.match(String(explanation), /^The disk of the server's data is full; nothing was changed\. Free some space/)
    assert.doesNotMatch(JSON.stringify(body), /SQLITE|node:| at |\.ts/)
  }
  t.diagnostic(JSON.stringify({ refused: refusals.length, ...(await assertNothingLost(place, bot, promised)) }))
}

/** There is no room to begin with. */
async function refusesToStart(t: TestContext, disk: SmallDisk): Promise<void> {
  const { flags } = await prepare(t, {}, disk.options)
  disk.fill()
  await assert.rejects(Child.start([...flags, '--port=0'], { within: disk.within }), (fault) => {
    assert.ok(fault instanceof NotStarted)
    assert.deepEqual(fault.end, { code: 1, signal: null })
    assert.match(
      fault.message,
      /^cannot open the data in .*is full: free some space there, and start the server again$/m,
    )
    return true
  })
  disk.free()
}

const isLinux = process.platform === 'linux'

/** As `ulimit -f`: no file may grow beyond what it is now. */
function limitOnFiles(t: TestContext): Disk {
  const data = mkdtempSync(join(tmpdir(), 'rollcall-full-'))
  t.after(() => rmSync(data, { recursive: true, force: true }))
  const limit = (pid: number, size: number | 'unlimited'): void => {
    const { status, stderr } = spawnSync('prlimit', [`--pid=${pid}`, `--fsize=${size}:unlimited`], { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  }
  return {
    options: { data },
    within: [],
    fill: ({ pid }) => limit(pid, Math.max(...readdirSync(data).map((name) => statSync(join(data, name)).size))),
    free: ({ pid }) => {
      // A process that was killed has no limits any more.
      if (spawnSync('prlimit', [`--pid=${pid}`]).status === 0) limit(pid, 'unlimited')
    },
  }
}

/** One that is there before its server. */
type SmallDisk = Disk & { fill(): void; free(): void }

/** A small file system in memory, which a process that does nothing else keeps alive, for as long as this one lives. */
async function smallDisk(t: TestContext): Promise<SmallDisk | undefined> {
  const data = mkdtempSync(join(tmpdir(), 'rollcall-small-'))
  const words = ['--user', '--map-root-user', '--mount', 'sh', '-c']
  const script = 'mount -t tmpfs -o size=64m tmpfs "$0" && echo mounted && exec cat >/dev/null'
  const keeper = spawn('unshare', [...words, script, data], { stdio: ['pipe', 'pipe', 'ignore'] })
  t.after(() => {
    keeper.kill('SIGKILL')
    rmSync(data, { recursive: true, force: true })
  })
  const isMounted = await new Promise<boolean>((resolve) => {
    keeper.stdout.once('data', () => resolve(true))
    keeper.once('close', () => resolve(false))
    keeper.once('error', () => resolve(false))
  })
  if (!isMounted) return undefined
  const seen = join('/proc', String(keeper.pid), 'root', data)
  return {
    options: { data: join(data, 'data') },
    within: [
      'nsenter',
      `--target=${keeper.pid}`,
      '--user',
      '--mount',
      '--preserve-credentials',
      `--wd=${process.cwd()}`,
    ],
    fill() {
      const rest = Buffer.alloc(4096)
      for (let count = 0; ; count++) {
        try {
          writeFileSync(join(seen, `ballast-${count % 2}`), rest, { flag: 'a' })
        } catch {
          return
        }
      }
    },
    free() {
      for (const name of ['ballast-0', 'ballast-1']) rmSync(join(seen, name), { force: true })
    },
  }
}

if (isLinux) {
  test('files may not grow: 507 in words, and it goes on where it was', PATIENCE, (t) => endure(t, limitOnFiles(t)))

  test('a small disk is full: 507 in words, and it goes on where it was', PATIENCE, async (t) => {
    const disk = await smallDisk(t)
    if (!disk) return t.diagnostic('this system lets nobody mount a file system, so this fault was left out')
    await refusesToStart(t, disk)
    await endure(t, disk)
  })
}
