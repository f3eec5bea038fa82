/** Where the sound of recordings is: a folder, or memory. */
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'

/** Files by id. An id consists of letters, digits and hyphens. */
export interface RecordingFiles {
  /** Resolves when the file is durable. */
  write(id: string, file: Buffer): Promise<void>
  /** The file from its beginning; undefined if it is not there. */
  read(id: string): Promise<NodeJS.ReadableStream | undefined>
  /** Removes a file, if it is there. */
  remove(id: string): Promise<void>
  list(): Promise<readonly string[]>
}

/** Memory is read in pieces of this size, as a file is. */
const PIECE = 65_536

/** Files that are gone when the process ends. */
export function filesInMemory(): RecordingFiles {
  const files = new Map<string, Buffer>()
  return {
    write: (id, file) => {
      files.set(id, file)
      return Promise.resolve()
    },
    read: (id) => {
      const file = files.get(id)
      return Promise.resolve(file && Readable.from(pieces(file)))
    },
    remove: (id) => {
      files.delete(id)
      return Promise.resolve()
    },
    list: () => Promise.resolve([...files.keys()]),
  }
}

function* pieces(file: Buffer): Generator<Buffer> {
  for (let at = 0; at < file.length; at += PIECE) yield file.subarray(at, at + PIECE)
}

const WAV = '.wav'
/** The name of a file that is being written; one that is found later was never finished. */
const PARTIAL = '.part'

/** Files in a folder, which is made when it is first needed. */
export function filesInFolder(folder: string): RecordingFiles {
  const path = (id: string): string => join(folder, id + WAV)
  return {
    async write(id, file) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const partial = join(folder, id + PARTIAL)
      const handle = await open(partial, 'w', 0o600)
      try {
        await handle.writeFile(file)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(partial, path(id))
    },
    async read(id) {
      try {
        await stat(path(id))
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
      return createReadStream(path(id))
    },
    remove: (id) => rm(path(id), { force: true }),
    async list() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (isMissing(error)) return []
        throw error
      })
      for (const name of names) if (name.endsWith(PARTIAL)) await rm(join(folder, name), { force: true })
      return names.filter((name) => name.endsWith(WAV)).map((name) => name.slice(0, -WAV.length))
    },
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
