import type { ErrorKind, TimeoutPhase } from './error-table.ts'
import type { PartialResponse } from './response.ts'
import type { BilledAttempt } from './usage.ts'

/** One attempt that failed, as errors and answers tell it. */
export interface AttemptRecord {
  /** `provider/model`. */
  readonly target: string
  readonly kind: ErrorKind
  readonly message: string
  readonly status?: number
  readonly code?: string
  readonly requestId?: string
  readonly phase?: TimeoutPhase
  readonly retryAfterMs?: number
  /** From the attempt's start, in milliseconds; absent where nothing was sent. */
  readonly durationMs?: number
  /** Nothing was sent: a breaker, a limit or a missing capability refused it. */
  readonly sent?: false
}

export interface ErrorDetails {
  readonly provider?: string
  readonly model?: string
  /** HTTP status that the provider answered. */
  readonly status?: number
  /** The provider's own code. */
  readonly code?: string
  /** The request's field that is at fault. */
  readonly param?: string
  /** The provider's id of the request. */
  readonly requestId?: string
  /** How long the provider asks us to wait, in milliseconds. */
  readonly retryAfterMs?: number
  /** Of a timeout: which wait ran out. */
  readonly phase?: TimeoutPhase
  /** The attempts that failed before this error; of `exhausted`, all of them. */
  readonly attempts?: readonly AttemptRecord[]
  /** Every attempt of the request that a provider may bill. */
  readonly billed?: readonly BilledAttempt[]
  /** What had arrived when the answer broke. */
  readonly partial?: PartialResponse
  /** Something was left out of what was sent, or changed: the refusal may be of our making, so another is asked. */
  readonly altered?: true
  /** The provider never got the request: nothing was sent, and nothing can be billed. */
  readonly unsent?: true
  /** Never a credential in it: a socket's code or our own error, not an SDK's object. */
  readonly cause?: unknown
}

const marker = Symbol.for('switchyard.error')

/**
 * Every failure that leaves Switchyard. `kind` says what happened and `errorTable` what may follow.
 * Recognised across duplicate installs: use `isSwitchyardError` or `instanceof`.
 */
export class SwitchyardError extends Error {
  readonly kind: ErrorKind
  declare readonly provider?: string
  declare readonly model?: string
  declare readonly status?: number
  declare readonly code?: string
  declare readonly param?: string
  declare readonly requestId?: string
  declare readonly retryAfterMs?: number
  declare readonly phase?: TimeoutPhase
  readonly attempts: readonly AttemptRecord[]
  declare readonly billed?: readonly BilledAttempt[]
  declare readonly partial?: PartialResponse
  declare readonly altered?: true
  declare readonly unsent?: true

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.kind = kind
    this.attempts = details.attempts ?? []
    for (const key of carried) if (details[key] !== undefined) (this as Record<string, unknown>)[key] = details[key]
    Object.defineProperty(this, marker, { value: true })
  }

  override get name(): string {
    return 'SwitchyardError'
  }

  /** The same error with more known about it. */
  with(details: ErrorDetails, message = this.message): SwitchyardError {
    const error = new SwitchyardError(this.kind, message, { cause: this.cause, ...this, ...details })
    if (this.stack !== undefined) error.stack = this.stack
    return error
  }

  /**
   * What a log may hold: kind, message and details. Left out are the stack, the cause, which may be anybody's
   * object, and `partial`, which is the user's text.
   */
  toJSON(): Readonly<Record<string, unknown>> {
    const { name, kind, message, attempts } = this
    const told: Record<string, unknown> = { name, kind, message }
    for (const key of carried) if (key !== 'partial' && this[key] !== undefined) told[key] = this[key]
    if (attempts.length > 0) told.attempts = attempts
    return told
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isSwitchyardError(value)
  }
}

const carried = [
  'provider',
  'model',
  'status',
  'code',
  'param',
  'requestId',
  'retryAfterMs',
  'phase',
  'billed',
  'partial',
  'altered',
  'unsent',
] as const satisfies readonly (keyof ErrorDetails)[]

/** Whether a caught value is one of ours, and of this kind where one is given. */
export function isSwitchyardError<Kind extends ErrorKind = ErrorKind>(
  value: unknown,
  kind?: Kind,
): value is SwitchyardError & { readonly kind: Kind } {
  if (typeof value !== 'object' || value === null || (value as Record<symbol, unknown>)[marker] !== true) return false
  return kind === undefined || (value as SwitchyardError).kind === kind
}

/** The caller's abort as our error; a reason of ours is kept as it is. */
export function abortedError(reason?: unknown): SwitchyardError {
  if (isSwitchyardError(reason)) return reason
  return new SwitchyardError('aborted', 'The call was aborted by the caller.')
}
