import { SwitchyardError } from '../contract/errors.ts'

/** Times are milliseconds, rates from 0 to 1. */
export interface CircuitBreakerOptions {
  /** How far back outcomes count; default 60,000. */
  readonly windowMs?: number
  /** Below so many outcomes in the window no rate opens the circuit; default 10. */
  readonly minimumCalls?: number
  /** Opens at this share of failures; default 0.5. */
  readonly failureRate?: number
  /** Opens after so many failures in a row, however well it was before; default 10, at least `minimumCalls`. */
  readonly consecutiveFailures?: number
  /** A success whose first token took longer is slow; without it no call is. */
  readonly slowCallMs?: number
  /** Opens at this share of slow calls; default 0.5. */
  readonly slowCallRate?: number
  /** How long the circuit is open the first time; default 10,000. */
  readonly openForMs?: number
  /** The most that failed probes lengthen it to; default six times `openForMs`. A Retry-After may be longer. */
  readonly maxOpenForMs?: number
  /** How many probes must succeed to close the circuit, and may be on their way at once; default 1. */
  readonly halfOpenProbes?: number
  /** After this a probe that has said nothing gives its place to another; default 120,000. */
  readonly probeLeaseMs?: number
}

export interface CircuitBreakerSettings {
  readonly windowMs: number
  readonly minimumCalls: number
  readonly failureRate: number
  readonly consecutiveFailures: number
  readonly slowCallMs: number
  readonly slowCallRate: number
  readonly openForMs: number
  readonly maxOpenForMs: number
  readonly halfOpenProbes: number
  readonly probeLeaseMs: number
}

/** The options with their defaults. @throws {SwitchyardError} `invalid-request`, naming the option at fault. */
export function circuitBreakerSettings(options: CircuitBreakerOptions): CircuitBreakerSettings {
  const openForMs = duration('openForMs', options.openForMs ?? 10_000)
  const minimumCalls = count('minimumCalls', options.minimumCalls ?? 10)
  const settings: CircuitBreakerSettings = {
    windowMs: duration('windowMs', options.windowMs ?? 60_000),
    minimumCalls,
    failureRate: rate('failureRate', options.failureRate ?? 0.5),
    consecutiveFailures: count('consecutiveFailures', options.consecutiveFailures ?? Math.max(10, minimumCalls)),
    slowCallMs: options.slowCallMs === undefined ? Infinity : duration('slowCallMs', options.slowCallMs),
    slowCallRate: rate('slowCallRate', options.slowCallRate ?? 0.5),
    openForMs,
    maxOpenForMs: duration('maxOpenForMs', options.maxOpenForMs ?? 6 * openForMs),
    halfOpenProbes: count('halfOpenProbes', options.halfOpenProbes ?? 1),
    probeLeaseMs: duration('probeLeaseMs', options.probeLeaseMs ?? 120_000),
  }
  if (settings.maxOpenForMs < openForMs) {
    throw invalid('maxOpenForMs', `must be at least openForMs (${openForMs}), not ${settings.maxOpenForMs}`)
  }
  return settings
}

function duration(name: keyof CircuitBreakerOptions, value: number): number {
  if (Number.isFinite(value) && value > 0) return value
  throw invalid(name, `must be milliseconds above 0, not ${value}`)
}

function count(name: keyof CircuitBreakerOptions, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw invalid(name, `must be a whole number from 1, not ${value}`)
}

function rate(name: keyof CircuitBreakerOptions, value: number): number {
  if (value > 0 && value <= 1) return value
  throw invalid(name, `must be above 0 and at most 1, not ${value}`)
}

function invalid(name: keyof CircuitBreakerOptions, what: string): SwitchyardError {
  return new SwitchyardError('invalid-request', `The circuit breaker's ${name} ${what}.`, {
    param: `circuitBreaker.${name}`,
  })
}
