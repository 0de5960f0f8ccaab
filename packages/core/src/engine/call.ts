import type { Clock, Random } from '../clock/clock.ts'
import type { EmbeddingRequest } from '../contract/embedding.ts'
import { type AttemptRecord, abortedError, SwitchyardError } from '../contract/errors.ts'
import type { AttemptAllowance, CallContext } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { BilledAttempt } from '../contract/usage.ts'
import type { Hedger } from '../hedging/hedge-policy.ts'
import type { OperationName } from './admission.ts'
import type { RequestEnd, RequestOutcome, RequestRecorder } from './request-recorder.ts'

export interface CallLimits {
  readonly totalMs: number
  /** Attempts that may be made in all, where no outer chain says. */
  readonly attempts: number
  /** When a second target is asked beside a slow one; absent: never. */
  readonly hedger?: Hedger | undefined
}

/** What a call is about, for those who keep records. */
export interface CallSubject {
  readonly operation: OperationName
  readonly request: MessageRequest | EmbeddingRequest
  readonly recorders: readonly RequestRecorder[]
}

/** One request on its way through a chain: its identity, its end, and what it has tried. */
export class Call {
  readonly requestId: string
  /** The chain it runs through. */
  readonly chain: string
  readonly startedAt: number
  /** The deadline is the caller's own, not the chain's. */
  readonly deadlineIsCallers: boolean
  readonly allowance: AttemptAllowance
  readonly hedger: Hedger | undefined
  readonly context: CallContext
  /** The chains it came through, outermost first. */
  readonly chains: readonly string[]
  readonly failed: AttemptRecord[] = []
  readonly billed: BilledAttempt[] = []
  #aborted: SwitchyardError | undefined
  readonly #listeners: ((error: SwitchyardError) => void)[] = []
  #controller: AbortController | undefined
  #stepContext: CallContext | undefined
  #deadline: number
  readonly #signal: AbortSignal | undefined
  readonly #clock: Clock
  readonly #random: Random
  readonly #subject: CallSubject
  #settling: Promise<unknown> | undefined
  #id: string | undefined
  #recorded = false

  /** Attempts made so far. */
  attempts = 0

  constructor(
    chain: string,
    subject: CallSubject,
    context: CallContext,
    limits: CallLimits,
    clock: Clock,
    random: Random,
  ) {
    this.#clock = clock
    this.#random = random
    this.#subject = subject
    this.chains = context.chains === undefined ? [chain] : [...context.chains, chain]
    this.chain = chain
    this.context = context
    this.startedAt = clock.monotonic()
    this.requestId = context.requestId ?? randomId('req_', random)
    const own = this.startedAt + limits.totalMs
    this.deadlineIsCallers = context.deadline !== undefined && context.deadline < own
    this.#deadline = this.deadlineIsCallers ? (context.deadline as number) : own
    this.allowance = context.attempts ?? { left: limits.attempts, lastResort: true }
    this.hedger = limits.hedger
    if (this.hedger !== undefined) this.allowance.hedges ??= this.hedger.attempts
    this.#signal = context.signal
    if (this.#signal?.aborted) this.abort(this.#signal.reason)
    else this.#signal?.addEventListener('abort', this.#relay, { once: true })
  }

  /** Names the call among all of all processes. */
  get id(): string {
    this.#id ??= randomId('call_', this.#random)
    return this.#id
  }

  /** Names the request that it is a part of: itself, where no other chain made it. */
  get rootId(): string {
    return this.chains.length > 1 ? (this.context.callId ?? this.id) : this.id
  }

  /** Tells the recorders how it ended, once; a nested call is a part of another, and not told. */
  record(outcome: RequestOutcome, target?: string): void | Promise<void> {
    const { recorders, operation, request } = this.#subject
    if (this.#recorded || recorders.length === 0 || this.chains.length > 1) return
    this.#recorded = true
    const { id, requestId, chain, context, attempts } = this
    const end: RequestEnd = {
      callId: id,
      requestId,
      chain,
      operation,
      request,
      context,
      attempts,
      outcome,
      durationMs: this.#clock.monotonic() - this.startedAt,
      ...(target !== undefined && { target }),
    }
    const pending: Promise<void>[] = []
    for (const recorder of recorders) {
      const recording = recorder.ended(end)
      if (recording !== undefined) pending.push(recording)
    }
    if (pending.length > 0) return Promise.all(pending).then(() => undefined)
  }

  /** Monotonic milliseconds at which nothing more is tried. */
  get deadline(): number {
    return this.#deadline
  }

  /** Its consumer has left the answer unread for so many milliseconds, which use up no time of the request. */
  paused(ms: number): void {
    if (ms === 0) return
    this.#deadline += ms
    // told to the steps of later attempts
    this.#stepContext = undefined
  }

  get aborted(): SwitchyardError | undefined {
    return this.#aborted
  }

  /** What its steps are told of it; made for those who ask. Its signal is aborted by whoever aborts the call. */
  get stepContext(): CallContext {
    if (this.#stepContext === undefined) {
      this.#controller ??= new AbortController()
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted)
      this.#stepContext = { ...this.context, deadline: this.#deadline, signal: this.#controller.signal }
    }
    return this.#stepContext
  }

  /** Ends the call from our side or the caller's. */
  abort(reason?: unknown): void {
    if (this.#aborted !== undefined) return
    this.#aborted = abortedError(reason)
    this.#controller?.abort(this.#aborted)
    for (const listener of [...this.#listeners]) listener(this.#aborted)
  }

  /** Tells whoever is at work for it of an abort; at once where it has happened. */
  onAbort(listener: (error: SwitchyardError) => void): void {
    this.#listeners.push(listener)
    if (this.#aborted !== undefined) listener(this.#aborted)
  }

  /** That work is done. */
  offAbort(listener: (error: SwitchyardError) => void): void {
    const at = this.#listeners.indexOf(listener)
    if (at >= 0) this.#listeners.splice(at, 1)
  }

  /** Attempts that were left and are still being settled, so that `billed` has not all of them yet. */
  get settling(): Promise<unknown> | undefined {
    return this.#settling
  }

  /** Waits for the end of an attempt that was left, before the answer's own end is shown. */
  settleFirst(ended: Promise<unknown>): void {
    const all = this.#settling === undefined ? ended : Promise.all([this.#settling, ended])
    this.#settling = all
    void all.then(() => {
      if (this.#settling === all) this.#settling = undefined
    })
  }

  /** @throws when the caller has left or the time is up. */
  check(): void {
    if (this.#aborted !== undefined) throw this.#aborted
    if (this.#clock.monotonic() >= this.deadline) throw this.timeout()
  }

  timeout(): SwitchyardError {
    return new SwitchyardError('timeout', 'The time for the whole request ran out.', { phase: 'total' })
  }

  /** Waits `ms`, or throws as soon as the call is aborted. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (error: SwitchyardError): void => {
        timer.cancel()
        reject(error)
      }
      const timer = this.#clock.timer(ms, () => {
        this.offAbort(leave)
        resolve()
      })
      this.onAbort(leave)
    })
  }

  /** What `pending` brings, or throws as soon as the call is aborted or its time is up. */
  until<Value>(pending: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.timer(this.deadline - this.#clock.monotonic(), () => leave(this.timeout()))
      const done = (): void => {
        timer.cancel()
        this.offAbort(leave)
      }
      const leave = (error: unknown): void => {
        done()
        reject(error)
      }
      pending.then(value => {
        done()
        resolve(value)
      }, leave)
      this.onAbort(leave)
    })
  }

  /** Nothing of the caller is held any longer. */
  close(): void {
    this.#listeners.length = 0
    this.#signal?.removeEventListener('abort', this.#relay)
  }

  readonly #relay = (): void => this.abort(this.#signal?.reason)
}

function randomId(prefix: string, random: Random): string {
  let id = prefix
  for (let part = 0; part < 3; part++) id += ((random() * 0x7fffffff) | 0).toString(36).padStart(6, '0')
  return id
}
