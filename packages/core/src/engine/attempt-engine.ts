import type { EmbeddingRequest } from '../contract/embedding.ts'
import { errorRule } from '../contract/error-table.ts'
import { isSwitchyardError, SwitchyardError } from '../contract/errors.ts'
import type { MessageRequest } from '../contract/request.ts'
import { Admission, type AttemptInfo, admit, type OperationName } from './admission.ts'
import { type Attempt, type AttemptResult, endedByItself, providerError } from './attempt.ts'
import { attemptStarted, fallbackChosen, retryScheduled, targetSkipped } from './attempt-events.ts'
import { TargetAttempt } from './attempt-info.ts'
import { attemptRecord, attemptRecords } from './attempt-record.ts'
import type { Call } from './call.ts'
import { exhausted } from './exhausted.ts'
import type { EnginePorts } from './ports.ts'
import { patienceMs, retryDelay } from './retry-policy.ts'
import type { Target } from './target.ts'

/** What is tried: the same for a message, an embedding, a token count. */
export interface Operation<Value> {
  readonly name: OperationName
  /** The request as this target gets it. */
  requestFor(target: Target): MessageRequest | EmbeddingRequest
  /** Why this target can't be asked at all; `undefined` when it can. */
  unsupported(target: Target): string | undefined
  /** The target gets the request as the caller made it. */
  isUnaltered(target: Target): boolean
  /** Makes one admitted try, and settles its admission. Never throws. */
  attempt(attempt: Attempt): Promise<AttemptResult<Value>>
}

type Step =
  | { readonly next: 'retry'; readonly delayMs: number }
  | { readonly next: 'target' }
  | { readonly next: 'fail' }

/**
 * The one retry authority: takes the targets in order, asks each as often as its policy, its
 * breaker and the time left allow, and moves on while nothing has been shown to the caller.
 */
export class AttemptEngine {
  readonly #ports: EnginePorts

  constructor(ports: EnginePorts) {
    this.#ports = ports
  }

  /** @throws {SwitchyardError} what no other target may mend, or `exhausted` with all that was tried. */
  async run<Value>(call: Call, targets: readonly Target[], operation: Operation<Value>): Promise<Value> {
    try {
      const able = this.#able(call, targets, operation)
      const { allowance } = call
      const { left, lastResort } = allowance
      for (const early of [false, true]) {
        if (early && !this.#mayProbe(call, left, lastResort)) break
        for (let at = 0; at < able.length; at++) {
          allowance.lastResort = early
          const result = await this.#ask(call, able, at, operation, early)
          allowance.lastResort = lastResort
          if (result?.ok) return result.value
          if (result !== undefined) throw result.error
        }
      }
    } catch (error) {
      if (!isSwitchyardError(error) || call.failed.length === 0) throw error
      const recorded = new Set(call.failed)
      const attempts = [...call.failed, ...error.attempts.filter(attempt => !recorded.has(attempt))]
      throw error.with({ attempts, ...billedSoFar(call) })
    }
    throw exhausted(call.failed).with(billedSoFar(call))
  }

  #able<Value>(call: Call, targets: readonly Target[], operation: Operation<Value>): readonly Target[] {
    return targets.filter(target => {
      try {
        const reason = operation.unsupported(target)
        if (reason === undefined) return true
        this.#skip(call, target, new SwitchyardError('unsupported', `${target.key} was passed over: ${reason}.`))
      } catch (error) {
        this.#skip(call, target, providerError(error, target))
      }
      return false
    })
  }

  /** Nothing was sent and circuits are why: one caller for each target may probe it before its time. */
  #mayProbe(call: Call, left: number, lastResort: boolean): boolean {
    if (!lastResort || call.allowance.left < left) return false
    const others = call.failed.filter(attempt => attempt.kind !== 'circuit-open')
    if (others.length === call.failed.length) return false
    call.failed.splice(0, call.failed.length, ...others)
    return true
  }

  /** Asks one target until it answers (the value), the request is over (the error), or the next one is due. */
  async #ask<Value>(
    call: Call,
    targets: readonly Target[],
    at: number,
    operation: Operation<Value>,
    early: boolean,
  ): Promise<AttemptResult<Value> | undefined> {
    const target = targets[at] as Target
    for (let number = 1; ; number++) {
      call.check()
      const admission = new Admission()
      const request = operation.requestFor(target)
      try {
        const admitting = this.#admit(admission, call, target, number, operation.name, request, early)
        if (admitting !== undefined) {
          await call.until(admitting)
          call.check()
          admission.sent(this.#ports.clock.monotonic())
        }
      } catch (error) {
        admission.withdraw(this.#ports.clock.monotonic())
        call.check()
        if (!isSwitchyardError(error)) throw error
        this.#skip(call, target, error)
        if (number > 1) fallbackChosen(this.#ports, call, target, targets[at + 1], error)
        return undefined
      }
      if (target.breaker !== undefined) call.allowance.left--
      call.attempts++
      const startedAt = this.#ports.clock.monotonic()
      const attempt: Attempt = { call, target, number, ordinal: call.attempts, startedAt, admission, request }
      if (number === 1) target.retryBudget.deposit()
      attemptStarted(this.#ports, attempt)
      const result = await operation.attempt(attempt)
      if (result.ok) return result
      const { error, durationMs } = result
      if (result.final || error === call.aborted) return result
      const step = this.#decide(call, targets, at, number, error, operation, admission)
      call.failed.push(...attemptRecords(target, error, durationMs))
      if (step.next === 'fail') return result
      if (step.next === 'target') {
        fallbackChosen(this.#ports, call, target, targets[at + 1], error)
        return undefined
      }
      retryScheduled(this.#ports, attempt, step.delayMs, error)
      await call.wait(step.delayMs)
    }
  }

  #admit(
    admission: Admission,
    call: Call,
    target: Target,
    number: number,
    operation: OperationName,
    request: MessageRequest | EmbeddingRequest,
    early: boolean,
  ): undefined | Promise<void> {
    if (target.breaker !== undefined && call.allowance.left <= 0) {
      throw new SwitchyardError('exhausted', 'The attempts that this request may make are used up.')
    }
    const info = new TargetAttempt(call, target, number, operation, request)
    // a probe that failed is not tried again before its time
    if (!early || number > 1 || target.breaker === undefined)
      return admit(admission, target.steps, info, this.#ports.clock)
    const breaker = target.breaker
    const steps = target.steps.map(step =>
      step === breaker ? { admit: (_: AttemptInfo, now: number) => breaker.admitEarly(now) } : step,
    )
    return admit(admission, steps, info, this.#ports.clock)
  }

  #decide<Value>(
    call: Call,
    targets: readonly Target[],
    at: number,
    number: number,
    error: SwitchyardError,
    operation: Operation<Value>,
    admission: Admission,
  ): Step {
    const target = targets[at] as Target
    const rule = errorRule(error)
    const now = this.#ports.clock.monotonic()
    // a target may refuse what we made of the request; another gets it as it was
    const altered = error.altered === true || admission.clamp !== undefined || !operation.isUnaltered(target)
    const mayMoveOn = rule.next || (error.kind === 'invalid-request' && altered && targets.length > 1)
    const otherwise: Step = mayMoveOn ? { next: 'target' } : { next: 'fail' }
    // a chain whose limits let nothing out has told how long they last: whoever wants to wait says so there
    const keptIn = target.breaker === undefined && error.attempts.every(attempt => attempt.sent === false)
    if (rule.retry === 'no' || keptIn || error.code === endedByItself || number >= target.retry.attempts)
      return otherwise
    const others = targets.slice(at + 1).some(other => (other.breaker?.retryAfterMs(now) ?? 0) === 0)
    if (rule.retry === 'last-resort' && others) return otherwise
    const delayMs = retryDelay(target.retry, number, error.retryAfterMs, this.#ports.random)
    if (delayMs === undefined || (others && delayMs > patienceMs) || now + delayMs >= call.deadline) return otherwise
    // its circuit, opened by this very failure, would refuse
    if ((target.breaker?.retryAfterMs(now) ?? 0) > delayMs) return otherwise
    if (!target.retryBudget.withdraw()) return otherwise
    return { next: 'retry', delayMs }
  }

  #skip(call: Call, target: Target, error: SwitchyardError): void {
    call.failed.push(attemptRecord(target, error, { sent: false }))
    targetSkipped(this.#ports, call, target, error)
  }
}

function billedSoFar({ billed }: Call): Pick<SwitchyardError, 'billed'> {
  return billed.length === 0 ? {} : { billed }
}
