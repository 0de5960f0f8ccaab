import type { Clock } from '../clock/clock.ts'
import type { EmbeddingRequest } from '../contract/embedding.ts'
import { isSwitchyardError, SwitchyardError } from '../contract/errors.ts'
import type { CallContext } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { Admission } from './admission.ts'
import type { Call } from './call.ts'
import type { Failover } from './failover.ts'
import type { Target } from './target.ts'

/** One try at one target, admitted and ready to be made. */
export interface Attempt {
  readonly call: Call
  readonly target: Target
  /** 1 for the target's first. */
  readonly number: number
  /** 1 for the request's first. */
  readonly ordinal: number
  readonly startedAt: number
  readonly admission: Admission
  /** As the target gets it, but for what its admission asks for. */
  readonly request: MessageRequest | EmbeddingRequest
  /** Goes on with the request where an answer that was begun has broken. */
  readonly failover: Failover
  /** Of those that may run beside it; absent where none may. */
  readonly race: AttemptRace | undefined
}

/** Attempts of one request side by side: the first to have something to show goes on alone. */
export interface AttemptRace {
  /** The attempt's first block has come, visible or not. */
  begun(): void
  /** The attempt has something to show: every other is left at once. */
  won(attempt: Attempt): void
  /** Its answer has run to its end. */
  answered(): void
}

/** A try on its way. */
export interface RunningAttempt<Value> {
  readonly result: Promise<AttemptResult<Value>>
  /** Ends it at once and says nothing about its target, as when the caller leaves. Harmless after its end. */
  abandon(error: SwitchyardError): void
}

/** How a try ended. */
export type AttemptResult<Value> = Answered<Value> | FailedAttempt

export interface Answered<Value> {
  readonly ok: true
  readonly value: Value
}

export interface FailedAttempt {
  readonly ok: false
  readonly error: SwitchyardError
  /** It is the caller's to see, whatever else could be tried. */
  readonly final: boolean
  readonly durationMs: number
}

/** The context that a target's provider gets. */
export function attemptContext(attempt: Attempt, signal: AbortSignal, clock: Clock): CallContext {
  const { call, target, admission } = attempt
  const { connectMs, headersMs } = target.timeouts
  return {
    ...call.context,
    signal,
    deadline: call.deadline,
    requestId: call.requestId,
    attempts: call.allowance,
    chains: call.chains,
    // only a nested chain has a use for it
    ...(target.breaker === undefined && { callId: call.rootId }),
    onRateLimits: limits => admission.rateLimits(limits, clock.monotonic()),
    timeouts: { connectMs, ...(headersMs !== undefined && { headersMs }) },
  }
}

/** The code of errors for calls that a provider ended without being asked to. */
export const endedByItself = 'ended-by-itself'

/** Whatever a provider threw as an error of ours that names its target. Not for what our own abort made it throw. */
export function providerError(error: unknown, target: Target): SwitchyardError {
  const where = { provider: target.provider.id, ...(target.model !== undefined && { model: target.model }) }
  if (!isSwitchyardError(error)) {
    const name = error instanceof Error ? error.name : typeof error
    return new SwitchyardError('protocol', `${target.key} threw an unexpected ${name}.`, { ...where, cause: error })
  }
  if (error.kind === 'aborted') {
    const message = `${target.key} ended the call by itself: ${error.message}`
    return new SwitchyardError('unavailable', message, { ...where, code: endedByItself, cause: error })
  }
  return error.provider === undefined ? error.with(where) : error
}
