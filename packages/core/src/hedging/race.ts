import type { Timer } from '../clock/clock.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { Attempt, AttemptRace, AttemptResult, FailedAttempt, RunningAttempt } from '../engine/attempt.ts'
import { hedgeWon } from '../engine/attempt-events.ts'
import type { EnginePorts } from '../engine/ports.ts'
import type { Target } from '../engine/target.ts'

/** An attempt that runs beside others. */
export interface Contender<Value> {
  readonly attempt: Attempt
  readonly running: RunningAttempt<Value>
  /** How it ended. */
  result?: AttemptResult<Value>
  /** With what it was left because of another. */
  leftWith?: SwitchyardError
}

/** Attempts of one request side by side: the first to have something to show goes on alone. */
export class Race<Value> implements AttemptRace {
  /** In the order of their beginning. */
  readonly contenders: Contender<Value>[] = []
  readonly #ports: EnginePorts
  readonly #endsAtFirstBlock: boolean
  readonly #next: readonly Target[]
  readonly #rulesOut: (attempt: Attempt, result: FailedAttempt) => boolean
  #winner: Attempt | undefined
  #isClosed = false
  #timer: Timer | undefined
  #withdraw: ((error: SwitchyardError) => void) | undefined
  #done: (() => void) | undefined

  /** `next` may join. `rulesOut` is told of each that failed by itself: whether it ends those that began after it, too. */
  constructor(
    ports: EnginePorts,
    endsAtFirstBlock: boolean,
    next: readonly Target[],
    rulesOut: (attempt: Attempt, result: FailedAttempt) => boolean,
  ) {
    this.#ports = ports
    this.#endsAtFirstBlock = endsAtFirstBlock
    this.#next = next
    this.#rulesOut = rulesOut
  }

  /** Whose answer it is; where all failed, the first that began. */
  get leader(): Contender<Value> {
    const { contenders } = this
    return contenders.find(({ attempt }) => attempt === this.#winner) ?? (contenders[0] as Contender<Value>)
  }

  /** Nobody else is wanted. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Resolves once one has answered, or all have failed. */
  run(attempt: Attempt, running: RunningAttempt<Value>): Promise<void> {
    return new Promise(resolve => {
      attempt.call.onAbort(this.#close)
      this.#done = () => {
        attempt.call.offAbort(this.#close)
        resolve()
      }
      this.add(attempt, running)
    })
  }

  add(attempt: Attempt, running: RunningAttempt<Value>): void {
    const contender: Contender<Value> = { attempt, running }
    this.contenders.push(contender)
    void running.result.then(result => this.#ended(contender, result))
  }

  /** Calls back unless nobody else is wanted by then. */
  after(ms: number, callback: () => void): void {
    if (this.#isClosed) return
    const { clock } = this.#ports
    // what has already arrived wins over the timer that it raced
    this.#timer = clock.timer(ms, () => {
      void clock.turn().then(() => {
        if (!this.#isClosed) callback()
      })
    })
  }

  /** Waits for `admitting`, and leaves by `line` and throws as soon as nobody else is wanted. */
  until(admitting: Promise<void>, line: AbortController): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#withdraw = error => {
        line.abort(error)
        reject(error)
      }
      admitting.then(resolve, reject)
    }).finally(() => {
      this.#withdraw = undefined
    })
  }

  begun(): void {
    if (this.#endsAtFirstBlock) this.#close()
  }

  won(attempt: Attempt): void {
    if (this.#winner !== undefined) return
    this.#winner = attempt
    this.#close()
    this.#leave(this.contenders.filter(contender => contender.attempt !== attempt))
    if (this.contenders.length > 1) hedgeWon(this.#ports, attempt, this.contenders)
  }

  answered(): void {
    // they seldom earn by answers of their own: one in ten answers may have company
    for (const { retryBudget } of this.#next) retryBudget.deposit()
  }

  #ended(contender: Contender<Value>, result: AttemptResult<Value>): void {
    contender.result = result
    if (!result.ok) {
      const { contenders } = this
      if (result.error !== contender.leftWith && this.#rulesOut(contender.attempt, result)) {
        this.#close()
        this.#leave(contenders.slice(contenders.indexOf(contender) + 1))
      }
      if (contenders.some(other => other.result === undefined)) return
    }
    this.#close()
    this.#done?.()
  }

  #leave(others: readonly Contender<Value>[]): void {
    const running = others.filter(other => other.result === undefined)
    if (running.length === 0) return
    const error = lost()
    for (const other of running) {
      other.leftWith = error
      other.running.abandon(error)
    }
    for (const { attempt, running: left } of running) attempt.call.settleFirst(left.result)
  }

  readonly #close = (): void => {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#timer?.cancel()
    this.#withdraw?.(lost())
  }
}

function lost(): SwitchyardError {
  return new SwitchyardError('aborted', 'Another target was faster.', { code: 'hedge-lost' })
}
