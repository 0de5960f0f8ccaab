import { isSwitchyardError } from '@switchyard/core'
import pg from 'pg'
import { ConnectionsBusy } from './connections-busy.ts'
import { SqliteError } from './sqlite-thread.ts'

/**
 * What a failure asks for: `again` is the fault of others that wrote at the same time, `record` of what was to be
 * written or was asked, `slow` of a statement that took too long, `away` of the database, or of the way there.
 */
export type DatabaseFailure = 'again' | 'record' | 'slow' | 'away'

export function databaseFailure(error: unknown): DatabaseFailure {
  if (error instanceof SqliteError) return sqliteFailure(error.resultCode & 0xff)
  if (error instanceof ConnectionsBusy) return 'slow'
  // what cannot even be put into words for it
  if (error instanceof TypeError || error instanceof RangeError) return 'record'
  if (!(error instanceof pg.DatabaseError)) return isSwitchyardError(error, 'invalid-request') ? 'record' : 'away'
  const { code } = error
  if (code === serializationFailure || code === deadlockDetected) return 'again'
  if (code === queryCanceled || code === lockNotAvailable) return 'slow'
  return recordClasses.has((code ?? '').slice(0, 2)) ? 'record' : 'away'
}

function sqliteFailure(primaryCode: number): DatabaseFailure {
  if (primaryCode === sqliteBusy) return 'slow'
  return sqliteFaults.has(primaryCode) ? 'record' : 'away'
}

const sqliteBusy = 5
const serializationFailure = '40001'
const deadlockDetected = '40P01'
const queryCanceled = '57014'
const lockNotAvailable = '55P03'
// data exceptions, broken constraints, and what exceeds the limits of the program
const recordClasses = new Set(['22', '23', '54'])
// error, too big, constraint, mismatch, range
const sqliteFaults = new Set([1, 18, 19, 20, 25])
