/**
 * Bundles the pages of `web/` into `web/built/`, from where the server hands them out: `npm run pages`, and before
 * `npm start` and `npm test`. Nothing is done if nothing that goes into them has changed since.
 *
 * `--optional`: a failure is told, and no failure: the server starts without pages.
 */
import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

/** Each is a folder of `web/` with an `index.html`. */
const PAGES = ['phone', 'console']
const BUILT = join('web', 'built')
/** What a page may have a browser load, compressed with gzip, in bytes. */
const LARGEST = 320 * 1024

const root = join(import.meta.dirname, '..')
process.chdir(root)
const sources = hashOf([
  ...globSync('web/**/*', { exclude: ['web/built*/**'] }),
  'package-lock.json',
  import.meta.filename,
])
if (readOr(join(BUILT, 'sources'), '') !== sources) {
  try {
    await buildAll()
  } catch (error) {
    const optional = process.argv.includes('--optional')
    const text = error instanceof Error ? error.message : String(error)
    console.error(`The pages could not be built${optional ? ', so the server starts without them' : ''}: ${text}`)
    process.exitCode = optional ? 0 : 1
  }
}

/** Builds every page beside the old ones, then puts them in their place: a server that runs misses nothing for long. */
async function buildAll(): Promise<void> {
  const started = performance.now()
  const fresh = `${BUILT}-${process.pid}`
  try {
    const told: string[] = []
    for (const page of PAGES) told.push(`${page} ${await buildPage(page, join(fresh, page))}`)
    writeFileSync(join(fresh, 'sources'), sources)
    putInPlace(fresh)
    console.log(`Pages built in ${((performance.now() - started) / 1000).toFixed(1)} s: ${told.join('; ')}`)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** @throws Error if something else builds at the same time, and keeps being faster */
function putInPlace(fresh: string, tries = 5): void {
  rmSync(BUILT, { recursive: true, force: true })
  try {
    renameSync(fresh, BUILT)
  } catch (error) {
    if (tries === 0) throw error
    putInPlace(fresh, tries - 1)
  }
}

/** Bundles one page into `folder`, with a compressed copy of each file beside it; says how large it is. */
async function buildPage(page: string, folder: string): Promise<string> {
  const { build } = await import('vite')
  mkdirSync(folder, { recursive: true })
  await build({
    configFile: false,
    root: join(root, 'web', page),
    base: './',
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir: join(root, folder),
      emptyOutDir: true,
      target: 'es2022',
      // Each file is one that the server hands out, because the page's policy allows no others.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 4096,
      // Fluent marks what needs a browser, for servers that render; here everything is in one.
      rolldownOptions: { onwarn: (warning, warn) => void (warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning)) },
    },
  })
  const files = globSync(`${folder}/**/*`).filter((file) => statSync(file).isFile())
  const sizes = files.map((file) => compress(file))
  const plain = sum(files.map((file) => statSync(file).size))
  const compressed = sum(sizes)
  if (compressed > LARGEST) {
    throw new Error(
      `${page} is ${kib(compressed)} compressed, and may be ${kib(LARGEST)}: see what it has come to import.`,
    )
  }
  return `${kib(plain)}, ${kib(compressed)} compressed`
}

/** Writes `.gz` and `.br` beside a file that is worth it; the bytes of the former. */
function compress(file: string): number {
  const bytes = readFileSync(file)
  const zipped = gzipSync(bytes, { level: 9 })
  if (bytes.length > 1024) {
    writeFileSync(`${file}.gz`, zipped)
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }))
  }
  return zipped.length
}

function hashOf(paths: readonly string[]): string {
  const hash = createHash('sha256')
  for (const path of paths.toSorted()) {
    if (!statSync(path).isFile() || path.endsWith('.test.ts')) continue
    hash.update(`${path}\n`).update(readFileSync(path))
  }
  return hash.digest('hex')
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function kib(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KiB`
}
