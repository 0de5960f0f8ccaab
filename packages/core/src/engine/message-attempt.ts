import type { FinishChunk, MessageChunk } from '../contract/chunk.ts'
import type { TimeoutPhase } from '../contract/error-table.ts'
import { abortedError, SwitchyardError } from '../contract/errors.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { MessageResponse } from '../contract/response.ts'
import type { ChunkSource, MessageStream } from '../contract/stream.ts'
import type { BilledAttempt, Usage } from '../contract/usage.ts'
import type { AttemptOutcome } from './admission.ts'
import { AnswerSoFar } from './answer-so-far.ts'
import { type Attempt, type AttemptResult, attemptContext, providerError } from './attempt.ts'
import { answerFinished, attemptFailed, streamFailed, tokenSeen } from './attempt-events.ts'
import type { EnginePorts } from './ports.ts'
import { timeoutError } from './timeout-error.ts'
import { Watchdog } from './watchdog.ts'

type Batch = readonly MessageChunk[]

interface Waiter {
  resolve(batch: Batch): void
  reject(error: SwitchyardError): void
}

export interface MessageAttemptOptions {
  readonly request: MessageRequest
  /** The caller wants nothing before the whole answer is there. */
  readonly whole: boolean
  readonly firstTokenMs: number
  /** Told once an answer that was begun has ended, well or not. */
  readonly released: () => void
}

/**
 * One try at a streamed answer: it watches the silences, buffers until something visible has
 * come, and from then on is the one layer between the provider's stream and the consumer's.
 */
export class MessageAttempt implements ChunkSource {
  readonly #ports: EnginePorts
  readonly #attempt: Attempt
  readonly #options: MessageAttemptOptions
  readonly #controller = new AbortController()
  readonly #watchdog: Watchdog
  readonly #answer: AnswerSoFar
  #stream: MessageStream | undefined
  #batches: AsyncIterator<Batch> | undefined
  #opening: ((result: AttemptResult<void>) => void) | undefined
  #waiter: Waiter | undefined
  #buffered: Batch | undefined
  #response: MessageResponse | undefined
  #failure: SwitchyardError | undefined
  #over = false
  #committed = false
  #sawToken = false

  constructor(ports: EnginePorts, attempt: Attempt, options: MessageAttemptOptions) {
    const { call, target } = attempt
    this.#ports = ports
    this.#attempt = attempt
    this.#options = options
    this.#answer = new AnswerSoFar(call.failed)
    const plain = options.request.stream === false
    this.#watchdog = new Watchdog(
      ports.clock,
      {
        startedAt: attempt.startedAt,
        firstTokenMs: plain ? Number.POSITIVE_INFINITY : options.firstTokenMs,
        idleMs: target.timeouts.idleMs,
        consumerIdleMs: target.timeouts.consumerIdleMs,
        deadline: call.deadline,
      },
      this.#expired,
    )
    call.onAbort = this.#fail
  }

  /** Sends the request; settles at the first visible text, tool call or finish, or at the failure before it. */
  open(): Promise<AttemptResult<void>> {
    return new Promise(resolve => {
      this.#opening = resolve
      const { provider } = this.#attempt.target
      try {
        provider
          .sendMessage(this.#options.request, attemptContext(this.#attempt, this.#controller.signal))
          .then(this.#opened, this.#broken)
      } catch (error) {
        this.#broken(error)
      }
    })
  }

  /** The whole answer, after `open` of an attempt whose caller wanted it whole. */
  wholeResponse(): MessageResponse {
    return this.#response ?? this.#answer.whole()
  }

  read(): Promise<Batch | undefined> {
    const buffered = this.#buffered
    if (buffered !== undefined) {
      this.#buffered = undefined
      return Promise.resolve(buffered)
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (this.#over) return Promise.resolve(undefined)
    return new Promise(this.#pullFor)
  }

  cancel(reason?: unknown): void {
    this.#fail(abortedError(reason))
  }

  readonly #pullFor = (resolve: (batch: Batch) => void, reject: (error: SwitchyardError) => void): void => {
    this.#waiter = { resolve, reject }
    this.#pull()
  }

  #pull(): void {
    this.#watchdog.reading()
    ;(this.#batches as AsyncIterator<Batch>).next().then(this.#received, this.#broken)
  }

  readonly #opened = (stream: MessageStream): void => {
    if (this.#over) {
      stream.cancel().catch(ignore)
      return
    }
    this.#stream = stream
    if (this.#options.whole && this.#options.request.stream === false) {
      stream.response().then(this.#answered, this.#broken)
      return
    }
    this.#batches = stream.batches()
    this.#pull()
  }

  readonly #answered = (response: MessageResponse): void => {
    if (this.#over) return
    this.#end()
    this.#firstToken()
    const billed = this.#billed(response.billed, response.usage)
    const failed = [...this.#attempt.call.failed, ...(response.failedAttempts ?? [])]
    this.#settle(response, () => {
      this.#response = { ...response, billed, ...(failed.length > 0 && { failedAttempts: failed }) }
      this.#commit()
    })
  }

  readonly #received = (result: IteratorResult<Batch>): void => {
    if (this.#over) return
    if (result.done === true) {
      this.#fail(new SwitchyardError('truncated', 'The stream ended before the answer was finished.'))
      return
    }
    const batch = result.value
    const last = batch[batch.length - 1]
    if (last?.type === 'finish') {
      this.#finish(batch, last)
      return
    }
    this.#answer.add(batch)
    if (this.#committed) {
      this.#watchdog.paused()
      this.#deliver(batch)
      return
    }
    if (!this.#sawToken && batch.some(isBlock)) this.#firstToken()
    if (!this.#options.whole && batch.some(isVisible)) this.#commit()
    else this.#pull()
  }

  #deliver(batch: Batch): void {
    const waiter = this.#waiter
    this.#waiter = undefined
    waiter?.resolve(batch)
  }

  #firstToken(): void {
    this.#sawToken = true
    this.#watchdog.firstToken()
    const now = this.#ports.clock.monotonic()
    this.#attempt.admission.firstToken(now)
    tokenSeen(this.#ports, this.#attempt, now - this.#attempt.startedAt)
  }

  #commit(): void {
    this.#committed = true
    if (!this.#options.whole) this.#buffered = this.#answer.opening()
    if (!this.#over) this.#watchdog.paused()
    const opening = this.#opening
    this.#opening = undefined
    opening?.({ ok: true, value: undefined })
  }

  #finish(batch: Batch, finish: FinishChunk): void {
    this.#end()
    if (!this.#sawToken) this.#firstToken()
    const ending: Batch = [...batch.slice(0, -1), { ...finish, billed: this.#billed(finish.billed, finish.usage) }]
    this.#settle(finish, () => {
      this.#answer.add(ending)
      if (this.#committed) this.#deliver(ending)
      else this.#commit()
    })
  }

  /** Settles a finished attempt and only then shows its end. */
  #settle(finish: Pick<FinishChunk, 'reason' | 'usage'>, show: () => void): void {
    const { reason, usage } = finish
    const durationMs = this.#elapsed()
    const settled = (): void => {
      show()
      answerFinished(this.#ports, this.#attempt, finish, durationMs, !this.#options.whole)
      this.#options.released()
    }
    try {
      const outcome: AttemptOutcome = { type: 'completed', reason, durationMs, ...(usage && { usage }) }
      const settling = this.#attempt.admission.settle(outcome, this.#ports.clock.monotonic())
      if (settling === undefined) settled()
      else settling.then(settled, this.#unsettled)
    } catch (error) {
      this.#unsettled(error)
    }
  }

  readonly #unsettled = (error: unknown): void => this.#report(providerError(error, this.#attempt.target), true)

  readonly #broken = (error: unknown): void => this.#fail(providerError(error, this.#attempt.target))

  readonly #expired = (phase: TimeoutPhase): void => {
    this.#fail(timeoutError(this.#attempt.target, phase))
  }

  readonly #fail = (error: SwitchyardError): void => {
    if (this.#over) return
    this.#end()
    const opened = this.#stream !== undefined
    this.#controller.abort(error)
    this.#stream?.cancel(error).catch(ignore)
    if (opened) this.#attempt.call.billed.push({ target: this.#attempt.target.key })
    const durationMs = this.#elapsed()
    // told before it is settled, which may open a circuit
    if (this.#opening !== undefined) attemptFailed(this.#ports, this.#attempt, error, durationMs)
    const outcome: AttemptOutcome =
      error.kind === 'aborted' || error.phase === 'consumer-idle' || this.#callersTimeRanOut(error)
        ? { type: 'cancelled', error, durationMs }
        : { type: 'failed', error, durationMs }
    const settled = (): void => this.#report(error, false)
    try {
      const settling = this.#attempt.admission.settle(outcome, this.#ports.clock.monotonic())
      if (settling === undefined) settled()
      else settling.then(settled, settled)
    } catch {
      settled()
    }
  }

  #callersTimeRanOut(error: SwitchyardError): boolean {
    return error.phase === 'total' && this.#attempt.call.deadlineIsCallers
  }

  #report(error: SwitchyardError, final: boolean): void {
    const opening = this.#opening
    if (opening !== undefined) {
      this.#opening = undefined
      opening({ ok: false, error, final })
      return
    }
    const partial = error.partial ?? this.#answer.partial()
    const attempts = [...this.#attempt.call.failed, ...error.attempts]
    this.#failure = error.with({ partial, attempts })
    streamFailed(this.#ports, this.#attempt, error, this.#elapsed())
    const waiter = this.#waiter
    this.#waiter = undefined
    waiter?.reject(this.#failure)
    this.#options.released()
  }

  #end(): void {
    this.#over = true
    this.#watchdog.stop()
    this.#attempt.call.onAbort = undefined
  }

  #elapsed(): number {
    return this.#ports.clock.monotonic() - this.#attempt.startedAt
  }

  #billed(nested: readonly BilledAttempt[] | undefined, usage: Usage | undefined): readonly BilledAttempt[] {
    const { call, target } = this.#attempt
    return [...call.billed, ...(nested ?? [{ target: target.key, ...(usage && { usage }) }])]
  }
}

function isBlock(chunk: MessageChunk): boolean {
  return chunk.type !== 'start' && chunk.type !== 'ping' && chunk.type !== 'target'
}

function isVisible(chunk: MessageChunk): boolean {
  return (chunk.type === 'text-delta' && chunk.text !== '') || chunk.type === 'tool-call-start'
}

function ignore(): void {}
