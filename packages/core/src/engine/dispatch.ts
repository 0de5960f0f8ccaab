import type { EmbeddingRequest } from '../contract/embedding.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { CallContext } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import { Admission, type AttemptInfo, admit, type OperationName } from './admission.ts'
import type { Attempt, AttemptRace } from './attempt.ts'
import { attemptStarted } from './attempt-events.ts'
import { TargetAttempt } from './attempt-info.ts'
import type { Call } from './call.ts'
import type { Failover } from './failover.ts'
import type { EnginePorts } from './ports.ts'
import type { Target } from './target.ts'

/** What is about to be tried. */
export interface Departure {
  readonly target: Target
  /** 1 for the target's first. */
  readonly number: number
  readonly request: MessageRequest | EmbeddingRequest
  readonly admission: Admission
}

/** Gets the attempts of one request past the steps before their targets, and counts them. */
export class Dispatch {
  readonly #ports: EnginePorts
  readonly #call: Call
  readonly #operation: OperationName
  readonly #failover: Failover

  constructor(ports: EnginePorts, call: Call, operation: OperationName, failover: Failover) {
    this.#ports = ports
    this.#call = call
    this.#operation = operation
    this.#failover = failover
  }

  departure(target: Target, number: number, request: Departure['request']): Departure {
    return { target, number, request, admission: new Admission() }
  }

  /** Asks every step; `early` sends a probe before its time. A promise only where a step gives one. */
  admit(
    { target, number, request, admission }: Departure,
    early: boolean,
    context?: CallContext,
  ): undefined | Promise<void> {
    this.#check(target)
    const { clock } = this.#ports
    const info = new TargetAttempt(this.#call, target, number, this.#operation, request, context)
    const { breaker } = target
    if (!early || breaker === undefined) return admit(admission, target.steps, info, clock)
    const steps = target.steps.map(step =>
      step === breaker ? { admit: (_: AttemptInfo, now: number) => breaker.admitEarly(now) } : step,
    )
    return admit(admission, steps, info, clock)
  }

  /** @throws {SwitchyardError} where others have used up meanwhile what this request may try. */
  begin({ target, number, request, admission }: Departure, race: AttemptRace | undefined): Attempt {
    const call = this.#call
    this.#check(target)
    if (target.breaker !== undefined) call.allowance.left--
    call.attempts++
    const attempt: Attempt = {
      call,
      target,
      number,
      ordinal: call.attempts,
      startedAt: this.#ports.clock.monotonic(),
      admission,
      request,
      failover: this.#failover,
      race,
    }
    attemptStarted(this.#ports, attempt)
    return attempt
  }

  #check(target: Target): void {
    if (target.breaker !== undefined && this.#call.allowance.left <= 0)
      throw new SwitchyardError('exhausted', 'The attempts that this request may make are used up.')
  }
}
