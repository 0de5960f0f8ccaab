import { isSwitchyardError, SwitchyardError } from '@switchyard/core'
import pg from 'pg'
import { databaseFailure } from '../database/database-failure.ts'
import { SqliteError } from '../database/sqlite-thread.ts'

/** What the ledger could not do, without a secret: neither parameters nor URLs are in it. */
export function ledgerFailure(doing: string, place: string, error: unknown): SwitchyardError {
  if (isSwitchyardError(error)) return error
  const details = { code: 'ledger' }
  if (databaseFailure(error) === 'record')
    return new SwitchyardError('invalid-request', `${doing}: ${place} refused it (${reason(error)}).`, details)
  return new SwitchyardError('unavailable', `${doing}: ${place} ${state(error)} (${reason(error)}).`, details)
}

/** A refusal because the database was found away before. */
export function awayFailure(doing: string, place: string): SwitchyardError {
  return new SwitchyardError('unavailable', `${doing}: ${place} is away.`, { code: 'ledger' })
}

function state(error: unknown): string {
  const failure = databaseFailure(error)
  if (failure === 'slow' || failure === 'again') return 'is busy'
  return error instanceof pg.DatabaseError || error instanceof SqliteError ? 'does not take it' : 'is away'
}

function reason(error: unknown): string {
  if (error instanceof SqliteError) return `${error.message}, SQLite ${error.resultCode}`
  if (error instanceof pg.DatabaseError) return `${error.message}, SQLSTATE ${error.code}`
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  return String(code ?? message)
}
