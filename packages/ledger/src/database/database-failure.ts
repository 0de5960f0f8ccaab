import pg from 'pg'
import { SqliteError } from './sqlite-thread.ts'

/**
 * What a failure asks for: `again` is the fault of others that wrote at the same time, `record` of what was to be
 * written, `away` of the database, or of the way there.
 */
export type DatabaseFailure = 'again' | 'record' | 'away'

export function databaseFailure(error: unknown): DatabaseFailure {
  if (error instanceof SqliteError) return sqliteFaults.has(error.resultCode & 0xff) ? 'record' : 'away'
  if (!(error instanceof pg.DatabaseError)) return 'away'
  const { code } = error
  if (code === serializationFailure || code === deadlockDetected) return 'again'
  return recordClasses.has((code ?? '').slice(0, 2)) ? 'record' : 'away'
}

const serializationFailure = '40001'
const deadlockDetected = '40P01'
// data exceptions, broken constraints, and what exceeds the limits of the program
const recordClasses = new Set(['22', '23', '54'])
// error, too big, constraint, mismatch, range
const sqliteFaults = new Set([1, 18, 19, 20, 25])
