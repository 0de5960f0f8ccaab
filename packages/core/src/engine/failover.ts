import { errorRule } from '../contract/error-table.ts'
import { isSwitchyardError, type SwitchyardError } from '../contract/errors.ts'
import type { HedgedRequest } from '../hedging/hedged-request.ts'
import type { Race } from '../hedging/race.ts'
import type { Answered, Attempt, AttemptResult, FailedAttempt } from './attempt.ts'
import { fallbackChosen, retryScheduled } from './attempt-events.ts'
import type { Call } from './call.ts'
import { Dispatch } from './dispatch.ts'
import { exhausted } from './exhausted.ts'
import { hasMore, mayMoveOn, nextStep, type Step } from './next-step.ts'
import type { Operation } from './operation.ts'
import type { EnginePorts } from './ports.ts'
import type { Route } from './route.ts'
import type { Target } from './target.ts'
import { TargetOrder } from './target-order.ts'
import { recordFailure, recordPassedOver, recordSkip, withTried } from './tried-targets.ts'

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
  readonly #order: TargetOrder
  readonly #dispatch: Dispatch
  readonly #hedged: HedgedRequest<Value> | undefined
  /** How often the current target was asked. */
  #number = 0
  /** Every circuit has refused, and probes go before their time. */
  #early = false
  /** An answer has begun, and nothing runs beside it. */
  #begun = false

  constructor(ports: EnginePorts, call: Call, route: Route, operation: Operation<Value>) {
    const order = new TargetOrder(route.targets)
    const dispatch = new Dispatch(ports, call, operation.name, this)
    this.#ports = ports
    this.#call = call
    this.#route = route
    this.#operation = operation
    this.#order = order
    this.#dispatch = dispatch
    if (operation.name === 'message') this.#hedged = call.hedger?.request(ports, call, operation, dispatch, order)
  }

  /** @throws {SwitchyardError} what no other target may mend, or `exhausted` with all that was tried. */
  run(): Promise<Value> {
    recordPassedOver(this.#ports, this.#call, this.#route)
    return this.#pursue()
  }

  /**
   * Goes on after an attempt whose answer had begun and broke.
   *
   * @throws {SwitchyardError} as `run` does.
   */
  resume(attempt: Attempt, error: SwitchyardError, durationMs: number): Promise<Value> {
    this.#begun = true
    // nested chains hedge nothing either
    this.#call.allowance.hedges = 0
    recordFailure(attempt, error, durationMs)
    return this.#pursue(attempt, error)
  }

  /** Whether anything may follow such an end of an answer that had begun. */
  mayFollow(error: SwitchyardError): boolean {
    const { retry, next } = errorRule(error)
    return retry !== 'no' || next || this.#route.after?.(error, this.#order.left) !== undefined
  }

  /** Whether anybody could be asked after this attempt: its own target once more, or one that is left. */
  hasMore(attempt: Attempt): boolean {
    return hasMore(attempt, this.#order, this.#ports.clock.monotonic())
  }

  /** Asks until one answers; first of all what follows `broken`, where that is given. */
  async #pursue(broken?: Attempt, error?: SwitchyardError): Promise<Value> {
    const { allowance } = this.#call
    const { left, lastResort } = allowance
    try {
      if (broken !== undefined && error !== undefined) await this.#goesOn(broken, error)
      for (;;) {
        for (let target = this.#order.current; target !== undefined; target = this.#order.current) {
          allowance.lastResort = this.#early
          const answered = await this.#ask(target)
          allowance.lastResort = lastResort
          if (answered !== undefined) return answered.value
        }
        if (this.#early || !this.#mayProbe(left, lastResort)) break
        this.#early = true
        this.#order.restart()
      }
      throw exhausted(this.#call.failed)
    } catch (error) {
      throw await withTried(this.#call, error)
    }
  }

  /** Nothing was sent and circuits are why: one caller for each target may probe it before its time. */
  #mayProbe(left: number, lastResort: boolean): boolean {
    const { allowance, failed } = this.#call
    if (!lastResort || this.#begun || allowance.left < left) return false
    const others = failed.filter(attempt => attempt.kind !== 'circuit-open')
    if (others.length === failed.length) return false
    failed.splice(0, failed.length, ...others)
    return true
  }

  /** Tries the current target once: the answer, or nothing where more is due. @throws what ends the request. */
  async #ask(target: Target): Promise<Answered<Value> | undefined> {
    const call = this.#call
    call.check()
    const number = ++this.#number
    const departure = this.#dispatch.departure(target, number, this.#operation.requestFor(target))
    const { admission } = departure
    let attempt: Attempt
    let race: Race<Value> | undefined
    try {
      // a probe that failed is not tried again before its time
      const admitting = this.#dispatch.admit(departure, this.#early && number === 1)
      if (admitting !== undefined) {
        await call.until(admitting)
        call.check()
        admission.sent(this.#ports.clock.monotonic())
      }
      if (!this.#early && !this.#begun) race = this.#hedged?.race((attempt, result) => this.#rulesOut(attempt, result))
      attempt = this.#dispatch.begin(departure, race)
    } catch (error) {
      admission.withdraw(this.#ports.clock.monotonic())
      call.check()
      if (!isSwitchyardError(error)) throw error
      recordSkip(this.#ports, call, target, error)
      await this.#moveOn(number > 1 ? target : undefined, error)
      return undefined
    }
    const running = this.#operation.attempt(attempt)
    let result: AttemptResult<Value>
    if (race === undefined) result = await running.result
    else {
      const leader = await (this.#hedged as HedgedRequest<Value>).run(race, attempt, running)
      attempt = leader.attempt
      result = leader.result
      this.#number = attempt.number
    }
    if (result.ok) return result
    const { error } = result
    if (this.#isOver(result)) throw error
    if (race === undefined) recordFailure(attempt, error, result.durationMs)
    await this.#goesOn(attempt, error)
    return undefined
  }

  /** Nothing may follow, whatever the error is. */
  #isOver({ final, error }: FailedAttempt): boolean {
    return final || error === this.#call.aborted
  }

  /** Whether the failure of one of several ends those that were to be asked after it, too. */
  #rulesOut(attempt: Attempt, result: FailedAttempt): boolean {
    if (this.#isOver(result)) return true
    const { error, durationMs } = result
    recordFailure(attempt, error, durationMs)
    if (this.#route.after?.(error, this.#order.left) !== undefined) return true
    return !mayMoveOn(attempt, error, this.#operation, this.#order)
  }

  /** Waits for, or moves to, what follows a failure at the current target. @throws the error where nothing may. */
  async #goesOn(attempt: Attempt, error: SwitchyardError, from?: Target, reason = error): Promise<void> {
    const { target } = attempt
    const { clock, random } = this.#ports
    const instead = this.#route.after?.(error, this.#order.left)
    const step: Step =
      instead === undefined
        ? nextStep(attempt, error, this.#operation, this.#order, clock.monotonic(), random)
        : { next: 'target' }
    if (step.next === 'fail') throw error
    if (step.next === 'retry') {
      if (from !== undefined) fallbackChosen(this.#ports, this.#call, from, target, reason)
      retryScheduled(this.#ports, attempt, step.delayMs, error)
      await this.#call.wait(step.delayMs)
      return
    }
    if (instead !== undefined) {
      recordPassedOver(this.#ports, this.#call, instead)
      this.#order.replaceLeft(instead.targets)
    }
    await this.#moveOn(from ?? target, reason)
  }

  /** To the next target, where one that was asked before its turn may have failed already. */
  async #moveOn(from: Target | undefined, reason: SwitchyardError): Promise<void> {
    this.#order.next()
    const tried = this.#hedged?.takeTried()
    this.#number = tried?.attempt.number ?? 0
    if (tried !== undefined) await this.#goesOn(tried.attempt, tried.error, from, reason)
    else if (from !== undefined) fallbackChosen(this.#ports, this.#call, from, this.#order.current, reason)
  }
}
