import { callsBroken } from '../continuation/broken-call.ts'
import type { FinishChunk, FinishReason, MessageChunk } from '../contract/chunk.ts'
import type { ErrorKind } from '../contract/error-table.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { PartialResponse, ResponsePart } from '../contract/response.ts'
import type { Usage } from '../contract/usage.ts'
import type { AttemptPace } from './admission.ts'
import type { Answer } from './answer.ts'
import { type AttemptResult, providerError } from './attempt.ts'
import { answerFinished, attemptFailed } from './attempt-events.ts'
import type { MessageAttempt } from './message-attempt.ts'
import type { EnginePorts } from './ports.ts'
import { type AttemptProgress, failureOutcome, ownBill, requestFailure, settle } from './settlement.ts'

type Finished = Pick<FinishChunk, 'reason' | 'usage' | 'billed'>

export interface MessageEndingOptions {
  readonly answer: Answer
  /** The caller wants nothing before the whole answer is there. */
  readonly whole: boolean
}

/** The end of one try at an answer: it is settled first, and only then told to whoever waits for it. */
export class MessageEnding {
  readonly #ports: EnginePorts
  readonly #message: MessageAttempt
  readonly #options: MessageEndingOptions
  #opening: ((result: AttemptResult<void>) => void) | undefined

  constructor(ports: EnginePorts, message: MessageAttempt, options: MessageEndingOptions) {
    this.#ports = ports
    this.#message = message
    this.#options = options
  }

  /** Who waits until something is shown, or fails before. */
  opens(resolve: (result: AttemptResult<void>) => void): void {
    this.#opening = resolve
  }

  /** Nothing is shown yet. */
  get isOpening(): boolean {
    return this.#opening !== undefined
  }

  /** Something of it is shown, or all of it is there. */
  committed(): void {
    this.#opening?.({ ok: true, value: undefined })
    this.#opening = undefined
  }

  /** @throws where another attempt may do better; `unseen` is what nobody has seen of its calls. */
  judge(reason: FinishReason, unseen: readonly (MessageChunk | ResponsePart)[]): void {
    const { attempt } = this.#message
    const { failover, target } = attempt
    const flaw = (kind: ErrorKind, what: string): SwitchyardError =>
      providerError(new SwitchyardError(kind, `${target.key} ${what}.`), target)
    if (callsBroken(reason, unseen) && failover.hasMore(attempt))
      throw flaw('protocol', 'called a tool with arguments that do not parse')
    if (reason !== 'content-filter' || !this.isOpening) return
    const filtered = flaw('content-filter', 'ended its answer by a content filter')
    if (failover.mayFollow(filtered)) throw filtered
  }

  /** Of a whole answer, which `show` shows once it is settled; `answerUsage` is that of what others began as well. */
  complete(finish: Finished, answerUsage: Usage | undefined, pace: AttemptPace | undefined, show: () => void): void {
    const { attempt } = this.#message
    const { reason, usage } = finish
    const durationMs = this.#elapsed()
    const settled = (): void => {
      show()
      answerFinished(this.#ports, attempt, finish, answerUsage, durationMs, !this.#options.whole)
      this.#options.answer.release()
    }
    const outcome = { type: 'completed', reason, durationMs, ...(usage && { usage }), ...(pace && { pace }) } as const
    const request = { type: 'completed', reason } as const
    const unsettled = (error: SwitchyardError): void => this.#unsettled(error, finish)
    settle(attempt, outcome, this.#ports.clock.monotonic(), settled, unsettled, request)
  }

  /** Of a failure: another attempt may go on with what was shown. `left`: it says nothing about the target. */
  fail(
    error: SwitchyardError,
    left: boolean,
    progress: AttemptProgress,
    pace: AttemptPace | undefined,
    partial: () => PartialResponse,
  ): void {
    const { attempt } = this.#message
    const { answer } = this.#options
    const durationMs = this.#elapsed()
    const begun = !this.isOpening
    const goesOn = begun && answer.mayGoOn(this.#message, error)
    if (!begun) answer.disclaim(this.#message)
    // told before it is settled, which may open a circuit
    if (!begun || goesOn) attemptFailed(this.#ports, attempt, error, durationMs)
    const outcome = {
      ...failureOutcome(attempt, error, left, durationMs, progress, partial),
      ...(pace && { pace }),
    }
    const settled = (): void => {
      const { call, target, admission } = attempt
      // what a nested chain was billed says more than that it failed
      if (error.billed !== undefined) call.billed.push(...error.billed)
      else if (outcome.bill === 'unknown') call.billed.push({ target: target.key, ...admission.charge })
      if (goesOn) void answer.resume(this.#message, error, durationMs)
      else this.#report(error, durationMs, false)
    }
    // of an answer that ends here, nobody else tells how
    const request = begun && !goesOn ? requestFailure(error, left) : undefined
    settle(attempt, outcome, this.#ports.clock.monotonic(), settled, settled, request)
  }

  #unsettled(error: SwitchyardError, { billed, usage }: Finished): void {
    const { attempt } = this.#message
    const durationMs = this.#elapsed()
    if (this.isOpening) attemptFailed(this.#ports, attempt, error, durationMs)
    // its provider bills it all the same
    attempt.call.billed.push(...ownBill(attempt, billed, usage))
    this.#report(error.with({ billed: [...attempt.call.billed] }), durationMs, true)
  }

  #report(error: SwitchyardError, durationMs: number, final: boolean): void {
    const opening = this.#opening
    if (opening === undefined) {
      this.#options.answer.broke(this.#message, error, durationMs)
      return
    }
    this.#opening = undefined
    opening({ ok: false, error, final, durationMs })
  }

  #elapsed(): number {
    return this.#ports.clock.monotonic() - this.#message.attempt.startedAt
  }
}
