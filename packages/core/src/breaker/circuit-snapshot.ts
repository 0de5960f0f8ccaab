import { SwitchyardError } from '../contract/errors.ts'
import type { WindowSlice } from './outcome-window.ts'

/** A circuit as plain JSON. Its times are relative, so that another process's clock can go on from them. */
export interface CircuitSnapshot {
  readonly version: 1
  /** A half-open circuit is told as an open one whose time is up: its probes belong to their process. */
  readonly state:
    | { readonly name: 'closed'; readonly windowMs: number; readonly outcomes: readonly WindowSlice[] }
    | { readonly name: 'open'; readonly remainingMs: number }
    | { readonly name: 'isolated' }
  /** Probes that failed since the last good close. */
  readonly failedProbes: number
  /** What is left of the longest Retry-After, in milliseconds. */
  readonly retryAfterMs: number
}

/** @throws {SwitchyardError} `invalid-request` where the value is no snapshot that `restore` can take. */
export function checkSnapshot(value: CircuitSnapshot): void {
  if (typeof value !== 'object' || value === null || value.version !== 1) throw invalid('version', '1')
  if (!amount(value.failedProbes)) throw invalid('failedProbes', 'a number from 0')
  if (!amount(value.retryAfterMs)) throw invalid('retryAfterMs', 'milliseconds from 0')
  const state = value.state
  switch (state?.name) {
    case 'isolated':
      return
    case 'open':
      if (!amount(state.remainingMs)) throw invalid('state.remainingMs', 'milliseconds from 0')
      return
    case 'closed':
      if (!Array.isArray(state.outcomes) || !state.outcomes.every(isSlice)) {
        throw invalid('state.outcomes', 'a list of counts')
      }
      return
    default:
      throw invalid('state.name', 'closed, open or isolated')
  }
}

function isSlice(slice: WindowSlice): boolean {
  return (
    Number.isSafeInteger(slice?.age) &&
    amount(slice.age) &&
    amount(slice.total) &&
    amount(slice.failures) &&
    amount(slice.slow)
  )
}

function amount(value: number): boolean {
  return Number.isFinite(value) && value >= 0
}

function invalid(field: string, expected: string): SwitchyardError {
  return new SwitchyardError('invalid-request', `This is no circuit snapshot: ${field} must be ${expected}.`, {
    param: field,
  })
}
