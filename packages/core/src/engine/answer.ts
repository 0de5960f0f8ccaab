import { requestObstacle } from '../continuation/continuable-request.ts'
import { type ShownAnswer, shownAnswer } from '../continuation/shown-answer.ts'
import { count, type Splice } from '../continuation/splice.ts'
import type { MessageChunk } from '../contract/chunk.ts'
import { type AttemptRecord, abortedError, type SwitchyardError } from '../contract/errors.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { ChunkSource } from '../contract/stream.ts'
import { AnswerSoFar } from './answer-so-far.ts'
import { streamContinued, streamFailed } from './attempt-events.ts'
import { attemptRecords } from './attempt-record.ts'
import type { Call } from './call.ts'
import { Delivery } from './delivery.ts'
import { sentences } from './exhausted.ts'
import { KeepAwake } from './keep-awake.ts'
import type { MessageAttempt } from './message-attempt.ts'
import type { EnginePorts } from './ports.ts'
import { requestError, requestFailure } from './settlement.ts'

type Batch = readonly MessageChunk[]

export interface AnswerOptions {
  readonly request: MessageRequest
  /** Where it breaks after it has begun, another attempt goes on with it. */
  readonly continues: boolean
  /** Called once it holds nothing any more. */
  readonly released: () => void
}

/** An answer that another attempt is to go on with. */
export interface BrokenAnswer {
  readonly shown: ShownAnswer
  readonly attempt: MessageAttempt
  readonly error: SwitchyardError
}

/**
 * What the caller of one request gets, whichever of its attempts gives it: the one layer between its attempts and the
 * consumer.
 */
export class Answer implements ChunkSource {
  readonly #ports: EnginePorts
  readonly #options: AnswerOptions
  readonly #delivery: Delivery
  #keepAwake: KeepAwake | undefined
  readonly #shown = new AnswerSoFar()
  #giver: MessageAttempt | undefined
  #call: Call | undefined
  #broken: BrokenAnswer | undefined
  #obstacle: string | undefined

  constructor(ports: EnginePorts, options: AnswerOptions) {
    this.#ports = ports
    this.#options = options
    this.#delivery = new Delivery(() => this.#giver?.pull())
  }

  /** The first to have something visible gives the answer; `false` to every other. */
  claim(attempt: MessageAttempt): boolean {
    this.#giver ??= attempt
    return this.#giver === attempt
  }

  /** It broke before anything of it was shown: another may give the answer. */
  disclaim(attempt: MessageAttempt): void {
    if (this.#giver === attempt) this.#giver = undefined
  }

  /** What broke last; `undefined` where nothing has. */
  get broken(): BrokenAnswer | undefined {
    return this.#broken
  }

  /** The first of an attempt that is shown. */
  open(attempt: MessageAttempt, batch: Batch, splice: Splice | undefined): void {
    const { call } = attempt.attempt
    this.#call = call
    if (this.#broken !== undefined && splice !== undefined) {
      const { shown, error } = this.#broken
      const from = this.#broken.attempt.attempt.target
      const how = splice.isPrefilled ? 'prefill' : 'regenerate'
      streamContinued(this.#ports, attempt.attempt, from, how, error, shown.text.length)
    }
    this.give(batch)
  }

  give(batch: Batch): void {
    this.#keepAwake?.stop()
    this.#shown.add(batch)
    this.#delivery.give(batch)
  }

  /** Nothing comes after what was given. */
  complete(): void {
    this.#delivery.complete()
  }

  /** Nothing is shown for a while: a consumer who waits hears now and then that somebody is at work. */
  stayAwake(): void {
    this.#keepAwake ??= new KeepAwake(this.#ports.clock, this.#delivery)
    this.#keepAwake.start()
  }

  /** Whether another attempt may go on with it after such an end. */
  mayGoOn(attempt: MessageAttempt, error: SwitchyardError): boolean {
    const { call, failover } = attempt.attempt
    if (!this.#options.continues || call.aborted !== undefined || !failover.mayFollow(error)) return false
    const shown = shownAnswer(this.#shown.batches)
    this.#obstacle = shown.obstacle ?? requestObstacle(this.#options.request)
    if (this.#obstacle !== undefined) return false
    this.#broken = { shown, attempt, error }
    return true
  }

  /** The attempt that gave it has broken, and another is to go on. */
  async resume(attempt: MessageAttempt, error: SwitchyardError, durationMs: number): Promise<void> {
    const { call, failover } = attempt.attempt
    this.#giver = undefined
    this.stayAwake()
    const made = call.attempts
    try {
      await failover.resume(attempt.attempt, error, durationMs)
    } catch (failure) {
      const told = requestError(failure)
      const attempts = told.attempts.length > 0 ? told.attempts : [...call.failed]
      // why it broke says more than that nobody was left to ask
      const end = told.kind === 'exhausted' && call.attempts === made ? error : told
      const aborted = call.aborted !== undefined
      try {
        await call.record(requestFailure(end, aborted), attempt.attempt.target.key)
      } catch {
        // why it failed is what its caller has to know
      }
      this.#fail(attempt, end, attempts, aborted ? end.message : this.#brokenOff(attempts))
    }
  }

  /** The answer that was begun has broken, and nobody goes on with it. */
  broke(attempt: MessageAttempt, error: SwitchyardError, durationMs: number): void {
    const { call, target } = attempt.attempt
    const attempts = [...call.failed, ...attemptRecords(target, error, durationMs)]
    const obstacle = this.#obstacle
    const message = obstacle === undefined ? error.message : `${error.message} No other can go on with it: ${obstacle}.`
    this.#fail(attempt, error, attempts, message)
  }

  /** It has ended, well or not. */
  release(): void {
    this.#keepAwake?.stop()
    this.#options.released()
  }

  read(): Promise<Batch | undefined> {
    return this.#delivery.read()
  }

  cancel(reason?: unknown): void {
    this.#call?.abort(abortedError(reason))
  }

  #fail(attempt: MessageAttempt, error: SwitchyardError, attempts: readonly AttemptRecord[], message: string): void {
    const { call, startedAt } = attempt.attempt
    const told = error.with({ partial: this.#shown.partial(), attempts, billed: call.billed }, message)
    streamFailed(this.#ports, attempt.attempt, told, this.#ports.clock.monotonic() - startedAt)
    this.#delivery.fail(told)
    this.release()
  }

  #brokenOff(attempts: readonly AttemptRecord[]): string {
    const characters = count(this.#broken?.shown.text.length ?? 0)
    return `The answer broke off after ${characters} characters. ${sentences(attempts).join(' ')}`
  }
}
