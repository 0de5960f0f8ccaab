import type { FinishChunk, MessageChunk, StartChunk, Warning } from '../contract/chunk.ts'
import type { TimeoutPhase } from '../contract/error-table.ts'
import { abortedError, SwitchyardError } from '../contract/errors.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { MessageResponse } from '../contract/response.ts'
import type { Usage } from '../contract/usage.ts'
import { AnswerSoFar } from './answer-so-far.ts'
import { type Attempt, type AttemptResult, attemptContext, providerError } from './attempt.ts'
import { tokenSeen } from './attempt-events.ts'
import { AttemptOutput, type OutputOptions } from './attempt-output.ts'
import { charactersIn } from './characters.ts'
import { MessageEnding } from './message-ending.ts'
import type { EnginePorts } from './ports.ts'
import { billedAttempts } from './settlement.ts'
import { timeoutError } from './timeout-error.ts'
import type { Timeouts } from './timeouts.ts'
import { Upstream, type UpstreamListener } from './upstream.ts'
import { Watchdog } from './watchdog.ts'

type Batch = readonly MessageChunk[]

export interface MessageAttemptOptions extends OutputOptions {
  readonly request: MessageRequest
  /** The caller wants nothing before the whole answer is there. */
  readonly whole: boolean
  readonly limits: Pick<Timeouts, 'firstTokenMs' | 'idleMs'>
  /** For the answer's start. */
  readonly warning: Warning | undefined
  /** Told of a whole answer just before its end is shown, with the id of the first tool that it calls. */
  readonly answered?: (firstToolCall: string | undefined) => void
}

/** One try at an answer: watches what comes, and the silences between. */
export class MessageAttempt implements UpstreamListener {
  readonly #ports: EnginePorts
  readonly #attempt: Attempt
  readonly #options: MessageAttemptOptions
  readonly #watchdog: Watchdog
  readonly #upstream: Upstream
  readonly #soFar: AnswerSoFar
  readonly #output: AttemptOutput
  readonly #ending: MessageEnding
  #response: MessageResponse | undefined
  #over = false
  #sawToken = false

  constructor(ports: EnginePorts, attempt: Attempt, options: MessageAttemptOptions) {
    const { call, target } = attempt
    this.#ports = ports
    this.#attempt = attempt
    this.#options = options
    this.#soFar = new AnswerSoFar(call.failed, options.warning)
    this.#output = new AttemptOutput(ports.clock, this, options)
    this.#ending = new MessageEnding(ports, this, options)
    this.#upstream = new Upstream(ports.clock, this)
    const plain = options.request.stream === false
    this.#watchdog = new Watchdog(
      ports.clock,
      {
        startedAt: attempt.startedAt,
        firstTokenMs: plain ? Number.POSITIVE_INFINITY : options.limits.firstTokenMs,
        idleMs: options.limits.idleMs,
        consumerIdleMs: target.timeouts.consumerIdleMs,
        minThroughput: target.timeouts.minThroughput,
        deadline: call.deadline,
      },
      this.#expired,
    )
  }

  /** Sends the request; settles at the first visible text, tool call or finish, or at the failure before it. */
  open(): Promise<AttemptResult<void>> {
    return new Promise(resolve => {
      this.#ending.opens(resolve)
      this.#attempt.call.onAbort(this.#left)
      if (this.#over) return
      const { whole, request } = this.#options
      const context = attemptContext(this.#attempt, this.#upstream.signal, this.#ports.clock)
      this.#upstream.send(this.#attempt.target.provider, request, context, whole && request.stream === false)
    })
  }

  /** The whole answer, after `open` of an attempt whose caller wanted it whole. */
  wholeResponse(): MessageResponse {
    return this.#response as MessageResponse
  }

  get attempt(): Attempt {
    return this.#attempt
  }

  /** Whoever wanted the answer has left. */
  abandon(error: SwitchyardError): void {
    this.#left(error)
  }

  /** The answer is this attempt's to give; where another was faster, it is over. */
  claim(): boolean {
    if (this.#options.answer.claim(this)) {
      this.#attempt.race?.won(this.#attempt)
      return true
    }
    this.abandon(abortedError())
    return false
  }

  /** Reads on. Asked whenever the consumer waits. */
  pull(): void {
    this.#upstream.read()
  }

  reading(): void {
    this.#watchdog.reading()
  }

  answered(response: MessageResponse): void {
    if (!this.#firstToken()) return
    this.#ending.judge(response.reason, this.#output.hidesToolCalls ? response.content : [])
    this.#settle(response, response.usage, () => {
      const billed = billedAttempts(this.#attempt, response.billed, response.usage)
      this.#response = { ...this.#soFar.told(response), billed }
      this.#options.answered?.(response.content.find(part => part.type === 'tool-call')?.id)
      this.committed()
    })
  }

  received(batch: Batch): void {
    const end = batch.findIndex(isFinish)
    if (end >= 0 && end < batch.length - 1) {
      const message = `${this.#attempt.target.key} sent more after the end of its answer.`
      throw new SwitchyardError('protocol', message)
    }
    const finish = end < 0 ? undefined : (batch[end] as FinishChunk)
    if (!this.#sawToken && (finish !== undefined || batch.some(isBlock)) && !this.#firstToken()) return
    this.#soFar.add(batch)
    if (this.#ending.isOpening) this.#watchdog.arrived(charactersIn(batch))
    if (finish !== undefined) {
      this.#finish(batch, finish)
      return
    }
    const { race } = this.#attempt
    // nothing is shown of a whole answer before its end, but it has begun all the same
    if (race !== undefined && this.#options.whole && batch.some(isVisible)) race.won(this.#attempt)
    if (this.#options.whole || !this.#output.take(batch)) this.pull()
    else if (!this.#over) this.#watchdog.paused()
  }

  /** `false` where somebody who was told of it has ended the call. */
  #firstToken(): boolean {
    this.#sawToken = true
    const now = this.#ports.clock.monotonic()
    this.#watchdog.firstToken(now)
    this.#attempt.admission.firstToken(now)
    this.#attempt.race?.begun()
    tokenSeen(this.#ports, this.#attempt, now - this.#attempt.startedAt)
    return !this.#over
  }

  /** Something of it is shown, or all of it is there. */
  committed(): void {
    this.#ending.committed()
  }

  /** What its answer begins with, with what came before it. */
  told(start: StartChunk): StartChunk {
    return this.#soFar.told(start)
  }

  #finish(batch: Batch, finish: FinishChunk): void {
    const { answer, answered, whole, splice } = this.#options
    // before it is settled: what breaks the grammar, or is not what was shown, is no answer
    const { hidesToolCalls } = this.#output
    const response = whole ? this.#soFar.whole() : undefined
    const ending = whole ? batch : this.#output.ending(batch)
    this.#ending.judge(finish.reason, hidesToolCalls ? (response?.content ?? ending) : [])
    const usage = finish.usage && splice !== undefined ? splice.usage(finish.usage) : finish.usage
    this.#settle(finish, usage, () => {
      const billed = billedAttempts(this.#attempt, finish.billed, finish.usage)
      answered?.(finish.reason === 'tool-calls' ? this.#soFar.firstToolCall() : undefined)
      if (response !== undefined) {
        this.#response = { ...response, billed }
        this.committed()
        return
      }
      answer.complete()
      this.#output.show([...ending.slice(0, -1), { ...finish, ...(usage && { usage }), billed }])
    })
  }

  #settle(
    finish: Pick<FinishChunk, 'reason' | 'usage' | 'billed'>,
    answerUsage: Usage | undefined,
    show: () => void,
  ): void {
    if (!this.claim()) return
    this.#end()
    this.#ending.complete(finish, answerUsage, this.#watchdog.pace, show)
  }

  broke(error: unknown): void {
    this.#fail(providerError(error, this.#attempt.target), false)
  }

  readonly #expired = (phase: TimeoutPhase): void => this.#fail(timeoutError(this.#attempt.target, phase), false)

  // an outer chain whose own patience ran out has seen a silence of this very target
  readonly #left = (error: SwitchyardError): void => this.#fail(error, error.kind !== 'timeout')

  #fail(error: SwitchyardError, left: boolean): void {
    if (this.#over) return
    this.#end()
    this.#upstream.abort(error)
    this.#ending.fail(error, left, this.#upstream.progress, this.#watchdog.pace, () => this.#soFar.partial())
  }

  #end(): void {
    this.#over = true
    this.#upstream.end()
    this.#watchdog.stop()
    this.#output.stop()
    this.#attempt.call.paused(this.#watchdog.pausedMs)
    this.#attempt.call.offAbort(this.#left)
  }
}

function isFinish({ type }: MessageChunk): boolean {
  return type === 'finish'
}

function isBlock(chunk: MessageChunk): boolean {
  return chunk.type !== 'start' && chunk.type !== 'ping' && chunk.type !== 'target'
}

function isVisible(chunk: MessageChunk): boolean {
  return (chunk.type === 'text-delta' && chunk.text !== '') || chunk.type === 'tool-call-start'
}
