/**
 * Copies of all that is kept, made while work goes on. A backup is a folder like the one of `--data`: a server that is
 * started on it, or on a copy of it, goes on from that moment.
 */
import { constants } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Clock } from '../runtime.ts'
import { isoTime } from '../runtime.ts'
import type { Store } from './store.ts'

/** What backups are made of, and where they go. */
export interface BackupParts {
  readonly store: Pick<Store, 'backUp'>
  readonly clock: Clock
  /** The folder of the server's data; undefined if it is in memory. */
  readonly data: string | undefined
  /** The folder in which each backup has a folder of its own; undefined if there is none. */
  readonly folder: string | undefined
  /** How many backups with names of the server's own are kept, the newest ones. */
  readonly kept: number
}

/** One backup. */
export interface Backup {
  readonly name: string
  /** Where it is. */
  readonly folder: string
  /** All files together. */
  readonly bytes: number
}

/** What came of asking for one. */
export type BackedUp =
  | { readonly ok: true; readonly backup: Backup }
  | { readonly ok: false; readonly error: 'nowhere' | 'underWay' | 'exists' }

const DATABASE = 'rollcall.sqlite'
/** Folders of recordings: what applications recorded, and whole calls. */
const RECORDINGS = ['recordings', 'call-recordings']
/** What else is in the data folder, if it is there: the authority of `--https`. */
const OTHERS = ['ca.pem', 'ca-key.pem']
/** The names that the server gives: when each was begun. */
const OWN_NAME = /^\d{8}T\d{9}Z$/
/** A backup that is not complete, of which nothing can be expected. */
const PARTIAL = '.part'

/** Makes backups, one at a time. */
export class Backups {
  readonly #parts: BackupParts
  #underWay: Promise<BackedUp> | undefined

  constructor(parts: BackupParts) {
    this.#parts = parts
  }

  /**
   * Makes one. Everything that was answered before it was asked for is in it.
   * @param name of its folder; the moment if there is none
   * @throws StoreError, or what the file system throws; what there was of it is removed then
   */
  async make(name?: string): Promise<BackedUp> {
    if (this.#parts.folder === undefined) return { ok: false, error: 'nowhere' }
    if (this.#underWay) return { ok: false, error: 'underWay' }
    const own = isoTime(this.#parts.clock.now()).replaceAll(/[-:.]/g, '')
    this.#underWay = this.#make(resolve(this.#parts.folder), name ?? own)
    try {
      return await this.#underWay
    } finally {
      this.#underWay = undefined
    }
  }

  /** Resolves when none is being made. */
  async idle(): Promise<void> {
    await this.#underWay?.catch(() => undefined)
  }

  async #make(backups: string, name: string): Promise<BackedUp> {
    const folder = join(backups, name)
    const partial = folder + PARTIAL
    await mkdir(backups, { recursive: true, mode: 0o700 })
    if ((await readdir(backups)).includes(name)) return { ok: false, error: 'exists' }
    await rm(partial, { recursive: true, force: true })
    try {
      await mkdir(partial, { mode: 0o700 })
      await this.#parts.store.backUp(join(partial, DATABASE))
      const { data } = this.#parts
      // The files come after the database: those that it names are there, and what it does not name is swept later.
      const bytes = data === undefined ? 0 : await copyFiles(resolve(data), partial)
      await rename(partial, folder)
      await this.#forgetOld(backups)
      return { ok: true, backup: { name, folder, bytes: bytes + (await stat(join(folder, DATABASE))).size } }
    } catch (error) {
      await rm(partial, { recursive: true, force: true })
      throw error
    }
  }

  async #forgetOld(backups: string): Promise<void> {
    const own = (await readdir(backups)).filter((name) => OWN_NAME.test(name)).toSorted()
    const old = own.slice(0, Math.max(own.length - this.#parts.kept, 0))
    for (const name of old) await rm(join(backups, name), { recursive: true, force: true })
  }
}

/** @returns how many bytes were copied */
async function copyFiles(from: string, to: string): Promise<number> {
  let bytes = 0
  for (const name of OTHERS) bytes += await copy(join(from, name), join(to, name))
  for (const folder of RECORDINGS) bytes += await copyRecordings(join(from, folder), join(to, folder))
  return bytes
}

async function copyRecordings(from: string, to: string): Promise<number> {
  let bytes = 0
  const recordings = await readdir(from).catch(orNothing([]))
  if (recordings.length > 0) await mkdir(to, { mode: 0o700 })
  for (const name of recordings.filter((one) => !one.endsWith(PARTIAL))) {
    bytes += await copy(join(from, name), join(to, name))
  }
  return bytes
}

/** Copies a file, to the disk. One that is not there, or not any more, is none. */
async function copy(from: string, to: string): Promise<number> {
  const isThere = await copyFile(from, to, constants.COPYFILE_FICLONE).then(() => true, orNothing(false))
  if (!isThere) return 0
  const handle = await open(to, 'r+')
  try {
    await handle.sync()
    return (await handle.stat()).size
  } finally {
    await handle.close()
  }
}

function orNothing<Nothing>(nothing: Nothing): (error: unknown) => Nothing {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return nothing
    throw error
  }
}
