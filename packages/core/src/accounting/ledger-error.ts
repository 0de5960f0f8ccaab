import { isSwitchyardError, SwitchyardError } from '../contract/errors.ts'

/** What a ledger threw as an error of ours; its own words may hold an address with a password. */
export function ledgerError(error: unknown): SwitchyardError {
  if (isSwitchyardError(error)) return error
  const name = error instanceof Error ? error.name : typeof error
  const message = `The ledger could not be written (${name}), so what this costs would not be counted.`
  return new SwitchyardError('unavailable', message, { code: 'ledger', cause: error })
}
