import { isSwitchyardError, type SwitchyardError } from '../contract/errors.ts'
import type { Attempt, AttemptResult, FailedAttempt, RunningAttempt } from '../engine/attempt.ts'
import { hedgeStarted, targetSkipped } from '../engine/attempt-events.ts'
import type { Call } from '../engine/call.ts'
import type { Departure, Dispatch } from '../engine/dispatch.ts'
import type { Operation } from '../engine/operation.ts'
import type { EnginePorts } from '../engine/ports.ts'
import type { Target } from '../engine/target.ts'
import type { TargetOrder } from '../engine/target-order.ts'
import { timeoutError } from '../engine/timeout-error.ts'
import { recordFailure } from '../engine/tried-targets.ts'
import type { Hedger } from './hedge-policy.ts'
import { type Contender, Race } from './race.ts'

/** What came of a target that was asked before its turn. */
export interface Tried {
  readonly attempt: Attempt
  readonly error: SwitchyardError
}

/** Of attempts side by side, the one whose end decides what follows. */
interface Led<Value> {
  readonly attempt: Attempt
  readonly result: AttemptResult<Value>
}

/** Asks targets beside one that is slow to begin, and remembers what came of them until their turn comes. */
export class HedgedRequest<Value> {
  readonly #hedger: Hedger
  readonly #ports: EnginePorts
  readonly #call: Call
  readonly #operation: Operation<Value>
  readonly #dispatch: Dispatch
  readonly #order: TargetOrder
  readonly #tried = new Map<Target, Contender<Value>>()

  constructor(
    hedger: Hedger,
    ports: EnginePorts,
    call: Call,
    operation: Operation<Value>,
    dispatch: Dispatch,
    order: TargetOrder,
  ) {
    this.#hedger = hedger
    this.#ports = ports
    this.#call = call
    this.#operation = operation
    this.#dispatch = dispatch
    this.#order = order
  }

  /** A race for an attempt at the current target; `undefined` where nobody may join it. */
  race(rulesOut: (attempt: Attempt, result: FailedAttempt) => boolean): Race<Value> | undefined {
    const { attempts, endsAtFirstBlock } = this.#hedger
    const next = this.#order.left.slice(0, attempts)
    return this.#mayHedge() && next.length > 0 ? new Race(this.#ports, endsAtFirstBlock, next, rulesOut) : undefined
  }

  /** Runs it until one has answered, or all have failed: whose end decides what follows is then the current target. */
  async run(race: Race<Value>, attempt: Attempt, running: RunningAttempt<Value>): Promise<Led<Value>> {
    this.#wait(race, attempt)
    await race.run(attempt, running)
    const { leader } = race
    if (leader.attempt !== attempt) this.#order.bringForward(leader.attempt.target, 0)
    for (const other of race.contenders) if (other !== leader) this.#tried.set(other.attempt.target, other)
    return { attempt: leader.attempt, result: leader.result as AttemptResult<Value> }
  }

  /** What came of the current target before its turn, once. */
  takeTried(): Tried | undefined {
    const { current } = this.#order
    const tried = current && this.#tried.get(current)
    if (tried === undefined) return undefined
    const { attempt, result, leftWith } = tried
    const { target } = attempt
    this.#tried.delete(target)
    const { error, durationMs } = result as FailedAttempt
    if (error !== leftWith) return { attempt, error }
    // who was left was slow, and no more is known of it
    const slow = timeoutError(target, 'first-token')
    recordFailure(attempt, slow, durationMs)
    return { attempt, error: slow }
  }

  #mayHedge(): boolean {
    return (this.#call.allowance.hedges ?? 0) > 0
  }

  #wait(race: Race<Value>, from: Attempt): void {
    const waitMs = this.#hedger.waitMs(from.target, this.#call.context.task)
    if (waitMs !== undefined && this.#mayHedge()) race.after(waitMs, () => void this.#hedge(race, from, waitMs))
  }

  async #hedge(race: Race<Value>, from: Attempt, afterMs: number): Promise<void> {
    const { length } = race.contenders
    for (const target of this.#order.left.slice(length - 1)) {
      if (race.isClosed) return
      if (this.#tried.has(target) || !target.retryBudget.withdraw()) continue
      const departure = await this.#admitted(target, race)
      // nothing may come between: what ends the race by now is to be seen
      const attempt = departure && this.#begun(departure, race)
      if (attempt === undefined) {
        target.retryBudget.refund()
        continue
      }
      this.#order.bringForward(target, length)
      hedgeStarted(this.#ports, attempt, from.target, afterMs)
      race.add(attempt, this.#operation.attempt(attempt))
      this.#wait(race, attempt)
      return
    }
  }

  /** Past every step; `undefined` where it is refused, or nobody else is wanted by then. */
  async #admitted(target: Target, race: Race<Value>): Promise<Departure | undefined> {
    const { clock } = this.#ports
    const { context, deadline } = this.#call
    const line = new AbortController()
    const leave = (error: SwitchyardError): void => line.abort(error)
    this.#call.onAbort(leave)
    const departure = this.#dispatch.departure(target, 1, this.#operation.requestFor(target))
    const { admission } = departure
    try {
      const admitting = this.#dispatch.admit(departure, false, { ...context, deadline, signal: line.signal })
      if (admitting !== undefined) {
        await race.until(admitting, line)
        admission.sent(clock.monotonic())
      }
      return departure
    } catch (error) {
      if (isSwitchyardError(error) && !race.isClosed) targetSkipped(this.#ports, this.#call, target, error)
    }
    this.#call.offAbort(leave)
    admission.withdraw(clock.monotonic())
    return undefined
  }

  /** Ready to be made; `undefined` where nobody else is wanted any more, or there is no time left. */
  #begun(departure: Departure, race: Race<Value>): Attempt | undefined {
    const { clock } = this.#ports
    const { allowance, deadline } = this.#call
    const { hedges = 0 } = allowance
    try {
      if (!race.isClosed && hedges > 0 && clock.monotonic() < deadline) {
        const attempt = this.#dispatch.begin(departure, race)
        allowance.hedges = hedges - 1
        return attempt
      }
    } catch (error) {
      if (isSwitchyardError(error)) targetSkipped(this.#ports, this.#call, departure.target, error)
    }
    departure.admission.withdraw(clock.monotonic())
    return undefined
  }
}
