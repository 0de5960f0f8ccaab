import type { CircuitBreaker } from '../breaker/circuit-breaker.ts'
import type { CircuitRefusal } from '../breaker/circuit-state.ts'
import type { Permit } from '../breaker/permit.ts'
import { errorRule } from '../contract/error-table.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { AdmissionPermit, AdmissionStep, AttemptInfo, AttemptOutcome } from './admission.ts'

/**
 * The breakers that stand before one target: its model's, and its provider account's, which all
 * models of that provider share. The error table says whose health an outcome tells of.
 */
export class TargetBreaker implements AdmissionStep {
  readonly #target: string
  readonly #model: CircuitBreaker
  readonly #account: CircuitBreaker

  constructor(target: string, model: CircuitBreaker, account: CircuitBreaker) {
    this.#target = target
    this.#model = model
    this.#account = account
  }

  /** Milliseconds until this target may be asked again; 0 when it may be asked now. */
  retryAfterMs(now: number): number {
    return Math.max(this.#account.retryAfterMs(now), this.#model.retryAfterMs(now))
  }

  admit(_info: AttemptInfo, now: number): AdmissionPermit {
    return this.#permit(
      () => this.#account.admit(now),
      () => this.#model.admit(now),
      now,
    )
  }

  /** Admits one probe before its time, for a request that every target would refuse. */
  admitEarly(now: number): AdmissionPermit {
    return this.#permit(
      () => this.#account.admitEarly(now),
      () => this.#model.admitEarly(now),
      now,
    )
  }

  #permit(
    admitAccount: () => Permit | CircuitRefusal,
    admitModel: () => Permit | CircuitRefusal,
    now: number,
  ): AdmissionPermit {
    const account = admitAccount()
    if (!account.admitted) throw this.#refusal(account, "its account's circuit")
    const model = admitModel()
    if (!model.admitted) {
      account.settle(now, ignored)
      throw this.#refusal(model, 'its circuit')
    }
    return new BreakerPermit(account, model)
  }

  #refusal(refusal: CircuitRefusal, whose: string): SwitchyardError {
    const { retryAfterMs, reason } = refusal
    const wait = reason === 'isolated' ? 'until it is released' : `for another ${Math.ceil(retryAfterMs / 100) / 10} s`
    return new SwitchyardError(
      'circuit-open',
      `${this.#target} is not asked ${wait}: ${whose} is ${reason}.`,
      reason === 'isolated' ? {} : { retryAfterMs },
    )
  }
}

const ignored = { type: 'ignored' } as const
const success = { type: 'success' } as const

class BreakerPermit implements AdmissionPermit {
  readonly #account: Permit
  readonly #model: Permit

  constructor(account: Permit, model: Permit) {
    this.#account = account
    this.#model = model
  }

  firstToken(now: number): void {
    this.#account.firstToken(now)
    this.#model.firstToken(now)
  }

  settle(outcome: AttemptOutcome, now: number): void {
    if (outcome.type === 'completed') {
      this.#account.settle(now, success)
      this.#model.settle(now, success)
      return
    }
    const health = outcome.type === 'failed' ? errorRule(outcome.error).health : 'none'
    const failure =
      outcome.type === 'failed' && outcome.error.retryAfterMs !== undefined
        ? ({ type: 'failure', retryAfterMs: outcome.error.retryAfterMs } as const)
        : ({ type: 'failure' } as const)
    this.#account.settle(now, health === 'account' ? failure : ignored)
    this.#model.settle(now, health === 'model' || health === 'process' ? failure : ignored)
  }
}
