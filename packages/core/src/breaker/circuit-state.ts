/** Calls go through; their outcomes are counted. */
export interface ClosedState {
  readonly name: 'closed'
}

/** Calls are refused until a moment has come. */
export interface OpenState {
  readonly name: 'open'
  /** On the clock of `admit`; a Retry-After that comes late moves it on. */
  readonly until: number
}

/** A few probes go through, everybody else is refused at once. */
export interface HalfOpenState {
  readonly name: 'half-open'
  /** Probes whose first token has come. */
  readonly succeeded: number
  /** Probes that wait for their first token. */
  readonly waiting: number
}

/** Refused by hand, until released by hand. */
export interface IsolatedState {
  readonly name: 'isolated'
}

export type CircuitState = ClosedState | OpenState | HalfOpenState | IsolatedState
export type CircuitStateName = CircuitState['name']

/** Why a circuit changed its state. */
export type CircuitTransitionReason =
  | 'failure-rate'
  | 'slow-call-rate'
  | 'consecutive-failures'
  | 'probe-failed'
  | 'probe-slow'
  | 'open-time-elapsed'
  | 'asked-early'
  | 'probes-succeeded'
  | 'isolated'
  | 'released'
  | 'reset'
  | 'restored'
  /** Another process's breaker of the same name did. */
  | 'adopted'

export interface CircuitTransition {
  readonly from: CircuitStateName
  readonly to: CircuitStateName
  readonly reason: CircuitTransitionReason
  /** On the clock of `admit`. */
  readonly at: number
  /** Of an opening: how long until a probe is let through, in milliseconds. */
  readonly openForMs?: number
}

/** How a call ended, for the breaker. */
export type CircuitOutcome =
  | { readonly type: 'success' }
  /** `retryAfterMs`: how long the provider asked us to stay away. */
  | { readonly type: 'failure'; readonly retryAfterMs?: number | undefined }
  /** Says nothing of the target: the caller's abort, a request that was wrong. */
  | { readonly type: 'ignored' }

/** Why a call was not let through. */
export interface CircuitRefusal {
  readonly admitted: false
  readonly reason: 'open' | 'half-open' | 'isolated'
  /** Milliseconds after which asking again makes sense; a guess while half-open, `Infinity` while isolated. */
  readonly retryAfterMs: number
}
