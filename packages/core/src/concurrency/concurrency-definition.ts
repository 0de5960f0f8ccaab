import { SwitchyardError } from '../contract/errors.ts'
import type { Holding } from '../scope/scope.ts'

/** How many attempts may be on their way at once, and how many may wait for a place. */
export type ConcurrencyDefinition = (FixedConcurrency | AdaptiveConcurrency) & {
  readonly name: string
  /** How long an attempt may wait for a place, in milliseconds. Default 0: it is refused at once. */
  readonly maxWaitMs?: number
  /** How many may wait at a time. Default 100. */
  readonly maxQueue?: number
}

export interface FixedConcurrency {
  readonly limit: number
  readonly adaptive?: undefined
}

export interface AdaptiveConcurrency {
  readonly adaptive: AdaptiveBounds
  readonly limit?: undefined
}

/** Between what a limit may move that follows how fast first tokens come. */
export interface AdaptiveBounds {
  /** Default 1. */
  readonly min?: number
  /** Default 1,000. */
  readonly max?: number
  /** Where it begins; default 20, or the bound that is nearest to it. */
  readonly initial?: number
}

/** @throws {SwitchyardError} `invalid-request` for what cannot hold, naming the limit and the field. */
export function checkConcurrency(definitions: readonly ConcurrencyDefinition[], holdings: readonly Holding[]): void {
  const names = new Set<string>()
  for (const { name, limit, adaptive, maxWaitMs = 0, maxQueue = 100 } of definitions) {
    if (names.has(name)) throw invalid(name, 'name', 'is defined twice')
    names.add(name)
    if ((limit === undefined) === (adaptive === undefined)) throw invalid(name, 'limit', 'needs limit or adaptive')
    whole(name, 'limit', limit ?? 1, 1)
    whole(name, 'maxQueue', maxQueue, 0)
    if (!(maxWaitMs >= 0)) throw invalid(name, 'maxWaitMs', `needs a maxWaitMs from 0, not ${maxWaitMs}`)
    if (adaptive === undefined) continue
    const { min = 1, max = Math.max(1_000, min), initial = min } = adaptive
    whole(name, 'adaptive.min', min, 1)
    whole(name, 'adaptive.max', max, min)
    whole(name, 'adaptive.initial', initial, min, max)
  }
  for (const { name } of holdings) if (!names.has(name)) throw invalid(name, 'holdings', 'is held and not defined')
}

function whole(name: string, field: string, value: number, least: number, most = Number.POSITIVE_INFINITY): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return
  const range = most === Number.POSITIVE_INFINITY ? `from ${least}` : `from ${least} to ${most}`
  throw invalid(name, field, `needs a whole ${field} ${range}, not ${value}`)
}

function invalid(name: string, param: string, what: string): SwitchyardError {
  return new SwitchyardError('invalid-request', `The concurrency limit "${name}" ${what}.`, { param })
}
