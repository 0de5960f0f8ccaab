import type { Clock } from '../clock/clock.ts'
import {
  abortedError,
  type CallContext,
  type DisposeOptions,
  type IAIProvider,
  type InitializeOptions,
  type MessageRequest,
  type MessageResponse,
  type MessageStream,
  type ModelCapabilities,
  type ModelInfo,
  messageStream,
  modelCapabilities,
  SwitchyardError,
  wholeMessageStream,
} from '../contract/index.ts'
import { ScriptedSource, type ScriptedStep } from './scripted-source.ts'

/** What one call of `sendMessage` does; `afterMs` is the time until its promise settles, default 0. */
export type ScriptedAnswer =
  | { readonly type: 'reject'; readonly error: unknown; readonly afterMs?: number }
  | { readonly type: 'stream'; readonly steps: readonly ScriptedStep[]; readonly afterMs?: number }
  | { readonly type: 'response'; readonly response: MessageResponse; readonly afterMs?: number }
  /** Accepts the call and never says anything. */
  | { readonly type: 'silence' }

export interface ScriptedProviderOptions {
  readonly id: string
  readonly clock: Clock
  /** One entry a call, in order; or a function that is asked at each call, numbered from 0. */
  readonly script:
    | readonly ScriptedAnswer[]
    | ((request: MessageRequest, context: CallContext, call: number) => ScriptedAnswer)
  /** What it says it can; everything else is unknown. */
  readonly capabilities?: Partial<ModelCapabilities>
  readonly models?: readonly ModelInfo[]
}

/** One call that was made. */
export interface ScriptedCall {
  readonly request: MessageRequest
  readonly context: CallContext
  /** On the clock's monotonic time. */
  readonly startedAt: number
  /** When it was over: refused, finished, broken or cancelled. */
  readonly endedAt?: number
  /** Set when somebody cancelled it, with the reason that they gave. */
  readonly cancelled?: { readonly reason: unknown }
}

/** A provider that does what it is told, in the time of its clock. */
export interface ScriptedProvider extends IAIProvider {
  readonly calls: readonly ScriptedCall[]
  /** Calls that are neither refused, finished, broken nor cancelled. */
  readonly open: number
  readonly initialized: boolean
  readonly disposed: boolean
}

type OpenCall = { -readonly [Key in keyof ScriptedCall]: ScriptedCall[Key] }

export function scriptedProvider(options: ScriptedProviderOptions): ScriptedProvider {
  return new Scripted(options)
}

class Scripted implements ScriptedProvider {
  readonly contract = 1
  readonly id: string
  readonly calls: ScriptedCall[] = []
  initialized = false
  disposed = false
  readonly #options: ScriptedProviderOptions
  readonly #open = new Map<OpenCall, (reason: unknown) => void>()
  #drained: (() => void) | undefined

  constructor(options: ScriptedProviderOptions) {
    this.id = options.id
    this.#options = options
  }

  get open(): number {
    return this.#open.size
  }

  async initialize(_options?: InitializeOptions): Promise<void> {
    this.initialized = true
  }

  sendMessage(request: MessageRequest, context: CallContext = {}): Promise<MessageStream> {
    if (this.disposed) return Promise.reject(new SwitchyardError('unavailable', `${this.id} is disposed.`))
    const call: OpenCall = { request, context, startedAt: this.#options.clock.monotonic() }
    const answer = this.#answer(request, context, this.calls.length)
    this.calls.push(call)
    if (context.signal?.aborted) {
      call.cancelled = { reason: context.signal.reason }
      call.endedAt = call.startedAt
      return Promise.reject(abortedError(context.signal.reason))
    }
    return this.#play(answer, call)
  }

  getCapabilities(): ModelCapabilities {
    return modelCapabilities(this.#options.capabilities)
  }

  async getModels(): Promise<readonly ModelInfo[]> {
    return this.#options.models ?? []
  }

  async dispose(options: DisposeOptions = {}): Promise<void> {
    this.disposed = true
    if (options.drain !== true) {
      for (const cancel of [...this.#open.values()]) cancel(new SwitchyardError('aborted', `${this.id} is disposed.`))
    } else if (this.#open.size > 0) {
      await new Promise<void>(resolve => {
        this.#drained = resolve
      })
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }

  #answer(request: MessageRequest, context: CallContext, call: number): ScriptedAnswer {
    const { script } = this.#options
    if (typeof script === 'function') return script(request, context, call)
    return (
      script[call] ?? {
        type: 'reject',
        error: new SwitchyardError('invalid-request', `The script of ${this.id} has no answer for call ${call + 1}.`),
      }
    )
  }

  #play(answer: ScriptedAnswer, call: OpenCall): Promise<MessageStream> {
    return new Promise((resolve, reject) => {
      const { clock } = this.#options
      const afterMs = answer.type === 'silence' ? undefined : (answer.afterMs ?? 0)
      let cancelPhase = (reason: unknown): void => {
        timer?.cancel()
        close(true, reason)
        reject(abortedError(reason))
      }
      const signal = call.context.signal
      const onAbort = (): void => cancelPhase(signal?.reason)
      const close = (cancelled: boolean, reason?: unknown): void => {
        signal?.removeEventListener('abort', onAbort)
        this.#close(call, cancelled, reason)
      }
      const accept = (): void => {
        if (answer.type === 'stream') {
          const source = new ScriptedSource(clock, answer.steps, close)
          cancelPhase = reason => source.cancel(reason)
          resolve(messageStream(source))
          return
        }
        close(false)
        if (answer.type === 'response') resolve(wholeMessageStream(answer.response))
        else if (answer.type === 'reject') reject(answer.error)
      }
      this.#open.set(call, reason => cancelPhase(reason))
      signal?.addEventListener('abort', onAbort)
      const timer = afterMs === undefined || afterMs === 0 ? undefined : clock.timer(afterMs, accept)
      if (afterMs === 0) accept()
    })
  }

  #close(call: OpenCall, cancelled: boolean, reason: unknown): void {
    if (!this.#open.delete(call)) return
    call.endedAt = this.#options.clock.monotonic()
    if (cancelled) call.cancelled = { reason }
    if (this.#open.size === 0) this.#drained?.()
  }
}
