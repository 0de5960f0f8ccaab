import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { SwitchyardError } from '@switchyard/core'

/** A directory that this process alone works in, until it lets go or dies. */
export interface DataDirectory {
  readonly path: string
  release(): void
}

/** Where a file of a data directory is. */
export function dataFile(directory: string, name: string): string {
  return join(resolve(directory), name)
}

/**
 * Takes a directory, made where there is none. Whoever holds it holds a lock of the operating system, which a crash
 * frees, on `ledger.lock`; `ledger.owner` beside it only says who that is. Throws `unavailable` where another has it.
 */
export function takeDataDirectory(directory: string): DataDirectory {
  const sqlite = neededSqlite()
  const path = resolve(directory)
  const ownerFile = join(path, 'ledger.owner')
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw refused(`The data directory ${path} cannot be made (${codeOf(error)}).`)
  }
  const lock = lockFile(sqlite, path, ownerFile)
  try {
    writeFileSync(ownerFile, `${process.pid}\n`)
  } catch (error) {
    lock.close()
    throw refused(`The data directory ${path} cannot be used (${codeOf(error)}).`)
  }
  return { path, release: () => lock.close() }
}

function lockFile(sqlite: Sqlite, path: string, ownerFile: string): DatabaseSync {
  let lock: DatabaseSync | undefined
  try {
    lock = new sqlite.DatabaseSync(join(path, 'ledger.lock'), { timeout: 0 })
    lock.exec('begin exclusive')
    return lock
  } catch (error) {
    lock?.close()
    const { errcode } = error as { readonly errcode?: number }
    if (errcode !== sqliteBusy) throw refused(`The data directory ${path} cannot be used (${codeOf(error)}).`)
    throw refused(`The data directory ${path} belongs to ${owner(ownerFile)}. Stop it, or choose another directory.`)
  }
}

type Sqlite = typeof import('node:sqlite')

// imported, it would keep all of the package from being loaded where it is missing
function neededSqlite(): Sqlite {
  const sqlite = process.getBuiltinModule('node:sqlite')
  if (sqlite !== undefined) return sqlite
  const here = `this is ${process.version}`
  throw refused(`A data directory of the ledger needs node:sqlite, which Node.js has since 22.13; ${here}.`)
}

const sqliteBusy = 5

function owner(ownerFile: string): string {
  try {
    const pid = readFileSync(ownerFile, 'utf8').trim()
    return pid === String(process.pid) ? `a ledger of this process (${pid})` : `process ${pid}`
  } catch {
    return 'another process'
  }
}

function codeOf(error: unknown): string {
  const { code, errcode } = error as { readonly code?: string; readonly errcode?: number }
  return errcode === undefined ? String(code) : `SQLite ${errcode}`
}

function refused(message: string): SwitchyardError {
  return new SwitchyardError('unavailable', message, { code: 'data-directory' })
}
