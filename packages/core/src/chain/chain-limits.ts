import type { HoldBackOptions } from '../continuation/hold-back-options.ts'
import { SwitchyardError } from '../contract/errors.ts'
import { defaultRetryPolicy, type RetryPolicy } from '../engine/retry-policy.ts'
import { defaultTimeouts, type Timeouts } from '../engine/timeouts.ts'

/** A retry policy with its defaults; later layers win. @throws {SwitchyardError} `invalid-request`, naming the place. */
export function retryPolicy(place: string, ...layers: readonly (Partial<RetryPolicy> | undefined)[]): RetryPolicy {
  const policy = layered(defaultRetryPolicy, layers)
  const { attempts, ...delays } = policy
  if (!Number.isInteger(attempts) || attempts < 1) {
    throw invalid(`The attempts of ${place} must be a whole number of at least 1, not ${attempts}.`, 'retry.attempts')
  }
  for (const [name, value] of Object.entries(delays)) {
    if (!(value >= 0))
      throw invalid(`The ${name} of ${place} must be milliseconds from 0, not ${value}.`, `retry.${name}`)
  }
  return policy
}

/** Time limits with their defaults; later layers win. @throws {SwitchyardError} `invalid-request`, naming the place. */
export function timeouts(place: string, ...layers: readonly (Partial<Timeouts> | undefined)[]): Timeouts {
  const limits = layered(defaultTimeouts, layers)
  const { minThroughput, ...waits } = limits
  if (!(minThroughput >= 0 && minThroughput < Number.POSITIVE_INFINITY)) {
    const message = `The minThroughput of ${place} must be characters per second from 0, not ${minThroughput}.`
    throw invalid(message, 'timeouts.minThroughput')
  }
  for (const [name, value] of Object.entries(waits)) {
    if (!(value > 0)) {
      throw invalid(`The ${name} of ${place} must be milliseconds above 0, not ${value}.`, `timeouts.${name}`)
    }
  }
  return limits
}

/** @throws {SwitchyardError} `invalid-request`, naming the place. */
export function checkHoldBack(place: string, holdBack: HoldBackOptions = {}): void {
  for (const [name, value] of Object.entries(holdBack)) {
    if (value !== undefined && !(value >= 0))
      throw invalid(`The ${name} of ${place} must be milliseconds from 0, not ${value}.`, `holdBack.${name}`)
  }
}

// what is undefined says nothing
function layered<Limits extends object>(defaults: Limits, layers: readonly (Partial<Limits> | undefined)[]): Limits {
  const limits = { ...defaults }
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer ?? {}))
      if (value !== undefined) Object.assign(limits, { [name]: value })
  }
  return limits
}

function invalid(message: string, param: string): SwitchyardError {
  return new SwitchyardError('invalid-request', message, { param })
}
