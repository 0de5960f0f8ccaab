import type { EmbeddingRequest } from '../contract/embedding.ts'
import { errorRule } from '../contract/error-table.ts'
import { isSwitchyardError, SwitchyardError } from '../contract/errors.ts'
import type { MessageRequest } from '../contract/request.ts'
import { Admission, type AttemptInfo, admit } from './admission.ts'
import { type Attempt, type AttemptResult, endedByItself } from './attempt.ts'
import { attemptStarted, fallbackChosen, retryScheduled, targetSkipped } from './attempt-events.ts'
import { TargetAttempt } from './attempt-info.ts'
import { attemptRecord, attemptRecords } from './attempt-record.ts'
import type { Call } from './call.ts'
import { exhausted } from './exhausted.ts'
import type { Operation } from './operation.ts'
import type { EnginePorts } from './ports.ts'
import { patienceMs, retryDelay } from './retry-policy.ts'
import type { Leg, Route } from './route.ts'
import type { Target } from './target.ts'

type Step =
  | { readonly next: 'retry'; readonly delayMs: number }
  | { readonly next: 'target' }
  | { readonly next: 'fail' }

/**
 * One request's way through its targets, and the one retry authority: takes them in order, asks each as often as its
 * policy, its breaker and the time left allow, and moves on until one answers. Where an answer that was begun breaks,
 * it goes on from there.
 */
export class Failover<Value = unknown> {
  readonly #ports: EnginePorts
  readonly #call: Call
  readonly #route: Route
  readonly #operation: Operation<Value>
  #targets: readonly Target[] = []
  /** The target that is asked. */
  #at = 0
  /** How often it was. */
  #number = 0
  /** Every circuit has refused, and probes go before their time. */
  #early = false

  constructor(ports: EnginePorts, call: Call, route: Route, operation: Operation<Value>) {
    this.#ports = ports
    this.#call = call
    this.#route = route
    this.#operation = operation
  }

  /** @throws {SwitchyardError} what no other target may mend, or `exhausted` with all that was tried. */
  run(): Promise<Value> {
    return this.#told(async () => {
      this.#targets = this.#taken(this.#route)
      return this.#pursue()
    })
  }

  /**
   * Goes on after an attempt whose answer had begun and broke.
   *
   * @throws {SwitchyardError} as `run` does.
   */
  resume(attempt: Attempt, error: SwitchyardError, durationMs: number): Promise<Value> {
    return this.#told(async () => {
      if (!(await this.#goesOn(attempt, error, durationMs))) throw error
      return this.#pursue()
    })
  }

  async #told(pursue: () => Promise<Value>): Promise<Value> {
    const { failed } = this.#call
    try {
      return await pursue()
    } catch (error) {
      if (!isSwitchyardError(error) || failed.length === 0) throw error
      const recorded = new Set(failed)
      const attempts = [...failed, ...error.attempts.filter(attempt => !recorded.has(attempt))]
      throw error.with({ attempts, ...billedSoFar(this.#call) })
    }
  }

  async #pursue(): Promise<Value> {
    const { allowance } = this.#call
    const { left, lastResort } = allowance
    for (;;) {
      while (this.#at < this.#targets.length) {
        allowance.lastResort = this.#early
        const result = await this.#ask(this.#targets[this.#at] as Target)
        allowance.lastResort = lastResort
        if (result?.ok) return result.value
        if (result !== undefined) throw result.error
      }
      if (this.#early || !this.#mayProbe(left, lastResort)) break
      this.#early = true
      this.#at = 0
    }
    throw exhausted(this.#call.failed).with(billedSoFar(this.#call))
  }

  #taken({ targets, passedOver }: Leg): readonly Target[] {
    for (const { target, reason, error } of passedOver) {
      const kind = reason.code === 'context-length' ? reason.code : 'unsupported'
      this.#skip(target, error ?? new SwitchyardError(kind, `${target.key} was passed over: ${reason.message}.`))
    }
    return targets
  }

  /** Nothing was sent and circuits are why: one caller for each target may probe it before its time. */
  #mayProbe(left: number, lastResort: boolean): boolean {
    const { allowance, failed } = this.#call
    if (!lastResort || allowance.left < left) return false
    const others = failed.filter(attempt => attempt.kind !== 'circuit-open')
    if (others.length === failed.length) return false
    failed.splice(0, failed.length, ...others)
    return true
  }

  /** Asks one target until it answers (the value), the request is over (the error), or the next one is due. */
  async #ask(target: Target): Promise<AttemptResult<Value> | undefined> {
    const call = this.#call
    for (;;) {
      call.check()
      this.#number++
      const admission = new Admission()
      const request = this.#operation.requestFor(target)
      try {
        const admitting = this.#admit(admission, target, request)
        if (admitting !== undefined) {
          await call.until(admitting)
          call.check()
          admission.sent(this.#ports.clock.monotonic())
        }
      } catch (error) {
        admission.withdraw(this.#ports.clock.monotonic())
        call.check()
        if (!isSwitchyardError(error)) throw error
        this.#skip(target, error)
        if (this.#number > 1) fallbackChosen(this.#ports, call, target, this.#targets[this.#at + 1], error)
        this.#nextTarget()
        return undefined
      }
      const attempt = this.#begin(target, admission, request)
      const result = await this.#operation.attempt(attempt).result
      if (result.ok) return result
      const { error, durationMs } = result
      if (result.final || error === call.aborted) return result
      if (!(await this.#goesOn(attempt, error, durationMs))) return result
      if (this.#number === 0) return undefined
    }
  }

  #begin(target: Target, admission: Admission, request: MessageRequest | EmbeddingRequest): Attempt {
    const call = this.#call
    if (target.breaker !== undefined) call.allowance.left--
    call.attempts++
    const attempt: Attempt = {
      call,
      target,
      number: this.#number,
      ordinal: call.attempts,
      startedAt: this.#ports.clock.monotonic(),
      admission,
      request,
      failover: this,
    }
    if (this.#number === 1) target.retryBudget.deposit()
    attemptStarted(this.#ports, attempt)
    return attempt
  }

  /** Waits for, or moves to, what follows a failure; `false` where nothing may. */
  async #goesOn(attempt: Attempt, error: SwitchyardError, durationMs: number): Promise<boolean> {
    const { target, admission } = attempt
    const call = this.#call
    const left = this.#targets.slice(this.#at + 1)
    const instead = this.#route.after?.(error, left)
    const step: Step = instead === undefined ? this.#decide(target, error, admission) : { next: 'target' }
    call.failed.push(...attemptRecords(target, error, durationMs))
    if (step.next === 'fail') return false
    if (step.next === 'target') {
      if (instead !== undefined) this.#targets = [...this.#targets.slice(0, this.#at + 1), ...this.#taken(instead)]
      fallbackChosen(this.#ports, call, target, this.#targets[this.#at + 1], error)
      this.#nextTarget()
      return true
    }
    retryScheduled(this.#ports, attempt, step.delayMs, error)
    await call.wait(step.delayMs)
    return true
  }

  #nextTarget(): void {
    this.#at++
    this.#number = 0
  }

  #admit(admission: Admission, target: Target, request: MessageRequest | EmbeddingRequest): undefined | Promise<void> {
    const call = this.#call
    if (target.breaker !== undefined && call.allowance.left <= 0) {
      throw new SwitchyardError('exhausted', 'The attempts that this request may make are used up.')
    }
    const info = new TargetAttempt(call, target, this.#number, this.#operation.name, request)
    // a probe that failed is not tried again before its time
    if (!this.#early || this.#number > 1 || target.breaker === undefined)
      return admit(admission, target.steps, info, this.#ports.clock)
    const breaker = target.breaker
    const steps = target.steps.map(step =>
      step === breaker ? { admit: (_: AttemptInfo, now: number) => breaker.admitEarly(now) } : step,
    )
    return admit(admission, steps, info, this.#ports.clock)
  }

  #decide(target: Target, error: SwitchyardError, admission: Admission): Step {
    const rule = errorRule(error)
    const now = this.#ports.clock.monotonic()
    // a target may refuse what we made of the request; another gets it as it was
    const altered = error.altered === true || admission.clamp !== undefined || !this.#operation.isUnaltered(target)
    const mayMoveOn = rule.next || (error.kind === 'invalid-request' && altered && this.#targets.length > 1)
    const otherwise: Step = mayMoveOn ? { next: 'target' } : { next: 'fail' }
    // a chain whose limits let nothing out has told how long they last: whoever wants to wait says so there
    const keptIn = target.breaker === undefined && error.attempts.every(attempt => attempt.sent === false)
    if (rule.retry === 'no' || keptIn || error.code === endedByItself || this.#number >= target.retry.attempts)
      return otherwise
    const others = this.#targets.slice(this.#at + 1).some(other => (other.breaker?.retryAfterMs(now) ?? 0) === 0)
    if (rule.retry === 'last-resort' && others) return otherwise
    const delayMs = retryDelay(target.retry, this.#number, error.retryAfterMs, this.#ports.random)
    if (delayMs === undefined || (others && delayMs > patienceMs) || now + delayMs >= this.#call.deadline)
      return otherwise
    // its circuit, opened by this very failure, would refuse
    if ((target.breaker?.retryAfterMs(now) ?? 0) > delayMs) return otherwise
    if (!target.retryBudget.withdraw()) return otherwise
    return { next: 'retry', delayMs }
  }

  #skip(target: Target, error: SwitchyardError): void {
    this.#call.failed.push(attemptRecord(target, error, { sent: false }))
    targetSkipped(this.#ports, this.#call, target, error)
  }
}

function billedSoFar({ billed }: Call): Pick<SwitchyardError, 'billed'> {
  return billed.length === 0 ? {} : { billed }
}
