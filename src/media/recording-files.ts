/** Where the sound of recordings is: a folder, or memory. */
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'

/** Files by id. An id consists of letters, digits and hyphens. */
export interface RecordingFiles {
  /** Resolves when the file is durable. */
  write(id: string, file: Buffer): Promise<void>
  /** A file that is written bit by bit. It is there once it is closed. */
  begin(id: string): Promise<RecordingWriter>
  /** The file from its beginning; undefined if it is not there. */
  read(id: string): Promise<NodeJS.ReadableStream | undefined>
  /** Removes a file, if it is there. */
  remove(id: string): Promise<void>
  list(): Promise<readonly string[]>
}

/** A file on its way. */
export interface RecordingWriter {
  write(bytes: Buffer, at: number): Promise<void>
  /** It is complete, and so long; what was not written is zero. Resolves when it is durable. */
  close(length: number): Promise<void>
  /** It will not be complete: nothing is left of it. */
  discard(): Promise<void>
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
    begin: (id) => {
      let file = Buffer.alloc(0)
      const grow = (length: number): void => {
        if (length > file.length) file = Buffer.concat([file, Buffer.alloc(length - file.length)])
      }
      return Promise.resolve({
        write: (bytes, at) => {
          grow(at + bytes.length)
          bytes.copy(file, at)
          return Promise.resolve()
        },
        close: (length) => {
          grow(length)
          files.set(id, file)
          return Promise.resolve()
        },
        discard: () => Promise.resolve(),
      })
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
        await handle.close()
        await rename(partial, path(id))
      } catch (fault) {
        await discard(handle, partial)
        throw fault
      }
    },
    async begin(id) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const partial = join(folder, id + PARTIAL)
      const handle = await open(partial, 'w', 0o600)
      return {
        write: async (bytes, at) => void (await handle.write(bytes, 0, bytes.length, at)),
        close: async (length) => {
          await handle.truncate(length)
          await handle.sync()
          await handle.close()
          await rename(partial, path(id))
        },
        discard: () => discard(handle, partial),
      }
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

/** Gives back what a file on its way has taken; a disk that is full needs it. */
async function discard(handle: FileHandle, path: string): Promise<void> {
  await handle.close().catch(() => undefined)
  await rm(path, { force: true })
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
