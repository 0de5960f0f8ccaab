import type { ModelCapabilities, ModelInfo } from '../contract/capabilities.ts'
import type { EmbeddingRequest, EmbeddingResponse } from '../contract/embedding.ts'
import { abortedError, SwitchyardError } from '../contract/errors.ts'
import type { CallContext, DisposeOptions, IAIProvider, InitializeOptions } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { MessageStream } from '../contract/stream.ts'
import type { OperationName } from '../engine/admission.ts'
import { Call } from '../engine/call.ts'
import { Failover } from '../engine/failover.ts'
import type { Operation } from '../engine/operation.ts'
import type { EnginePorts } from '../engine/ports.ts'
import type { RequestRecorder } from '../engine/request-recorder.ts'
import { requestError, requestFailure } from '../engine/settlement.ts'
import type { Target } from '../engine/target.ts'
import type { Timeouts } from '../engine/timeouts.ts'
import type { Hedger } from '../hedging/hedge-policy.ts'
import type { ChainPlan } from '../selection/chain-plan.ts'
import { Explanation } from '../selection/explanation.ts'
import { Planner, type TargetLists } from '../selection/planner.ts'
import { type ChainCapabilities, chainCapabilities } from './chain-capabilities.ts'
import { checkHoldBack, timeouts } from './chain-limits.ts'
import type { ChainOptions } from './chain-options.ts'
import { attemptBound, capabilitiesOf, chainPorts, chainTargets } from './chain-targets.ts'
import { MessageOperation } from './message-operation.ts'
import { type PlainCall, plainOperation } from './plain-operation.ts'

/** Targets in order behind one interface: the next answers when one does not. */
export interface Chain extends IAIProvider {
  /** What all targets can do, and what one of them can. */
  capabilities(): ChainCapabilities
  /** The most attempts that one request may make. */
  readonly attemptBound: number
  /** `provider/model` of all that it asks, those of nested chains included, in the order of its list. */
  readonly models: readonly string[]
  /** Milliseconds until one of its targets may be asked; 0 when that is now, `Infinity` when all are isolated. */
  retryAfterMs(): number
  /**
   * What it would do with a request now, and why. Nothing is sent, counted or remembered.
   *
   * @throws {SwitchyardError} `not-found` where the request names another model, `invalid-request` without messages.
   */
  explain(request: MessageRequest, context?: CallContext): ChainPlan
  embed(request: EmbeddingRequest, context?: CallContext): Promise<EmbeddingResponse>
  countTokens(request: MessageRequest, context?: CallContext): Promise<number>
}

/**
 * Makes a chain. It does not own its providers: disposing it ends its calls and leaves them be.
 *
 * @throws {SwitchyardError} `invalid-request` for a name with `/`, no targets, a target without a model.
 */
export function createChain(options: ChainOptions): Chain {
  return new TargetChain(options)
}

class TargetChain implements Chain {
  readonly contract = 1
  readonly id: string
  readonly attemptBound: number
  readonly models: readonly string[]
  readonly #ports: EnginePorts
  readonly #options: ChainOptions
  readonly #lists: TargetLists
  readonly #planner: Planner
  readonly #timeouts: Timeouts
  readonly #hedger: Hedger | undefined
  readonly #recorders: readonly RequestRecorder[]
  readonly #calls = new Set<Call>()
  #disposed = false
  #idle: (() => void) | undefined

  constructor(options: ChainOptions) {
    this.id = options.id
    this.#ports = chainPorts(options)
    this.#timeouts = timeouts(`the chain "${options.id}"`, options.timeouts)
    checkHoldBack(`the chain "${options.id}"`, options.holdBack)
    this.#hedger = options.hedge?.hedger(options.id, options.performance)
    this.#options = options
    this.#lists = chainTargets(options, this.#ports)
    this.#planner = new Planner(this.#lists, this.#ports, options)
    this.#recorders = options.recorders ?? []
    this.attemptBound = attemptBound(allTargets(this.#lists), options.midStream !== 'fail')
    this.models = [...new Set(allTargets(this.#lists).flatMap(target => target.models))]
  }

  async initialize(options?: InitializeOptions): Promise<void> {
    const providers = new Set(allTargets(this.#lists).map(target => target.provider))
    await Promise.all([...providers].map(provider => provider.initialize(options)))
  }

  async sendMessage(request: MessageRequest, context: CallContext = {}): Promise<MessageStream> {
    checkMessages(request)
    // until its stream has ended, the call is released by the attempt
    const operation = new MessageOperation(request, this.#ports, () => this.#end(call), this.#planner, this.#options)
    const call = this.#begin('message', request, context)
    const { events, clock } = this.#ports
    if (events.has('message-sent')) {
      const { requestId, chain } = call
      const stream = request.stream !== false
      events.emit('message-sent', { at: clock.wall(), requestId, chain, model: request.model ?? this.id, stream })
    }
    return this.#run(call, request, operation, false)
  }

  async embed(request: EmbeddingRequest, context: CallContext = {}): Promise<EmbeddingResponse> {
    const call = this.#begin('embed', request, context)
    const plain: PlainCall<EmbeddingRequest, EmbeddingResponse> = {
      name: 'embed',
      request,
      method: ({ embed }) => embed,
      usage: response => response.usage,
    }
    return this.#run(call, request, plainOperation(plain, this.#ports), true)
  }

  async countTokens(request: MessageRequest, context: CallContext = {}): Promise<number> {
    const call = this.#begin('count-tokens', request, context)
    const plain: PlainCall<MessageRequest, number> = {
      name: 'count-tokens',
      request,
      method: ({ countTokens }) => countTokens,
      usage: () => undefined,
    }
    return this.#run(call, request, plainOperation(plain, this.#ports), true)
  }

  getCapabilities(_model: string): ModelCapabilities {
    return this.capabilities().guaranteed
  }

  capabilities(): ChainCapabilities {
    return chainCapabilities(this.#lists.targets.targets.map(capabilitiesOf))
  }

  retryAfterMs(): number {
    const now = this.#ports.clock.monotonic()
    return Math.min(...this.#lists.targets.targets.map(target => target.retryAfterMs(now)))
  }

  explain(request: MessageRequest, context: CallContext = {}): ChainPlan {
    checkMessages(request)
    this.#checkModel(request)
    const operation = new MessageOperation(request, this.#ports, () => undefined)
    const { hedge, holdBack, midStream = 'continue' } = this.#options
    return {
      chain: this.id,
      policy: this.#planner.policy,
      ...new Explanation(this.#planner, this.#ports, operation, context, request, this.#hedger).lists(),
      attemptBound: this.attemptBound,
      midStream,
      ...(holdBack && { holdBack }),
      ...(hedge && { hedge: hedge.options }),
    }
  }

  /** The chain itself, as the one model that it is to its callers; nobody is asked. */
  async getModels(): Promise<readonly ModelInfo[]> {
    const { guaranteed } = this.capabilities()
    const { contextWindow, maxOutputTokens } = guaranteed
    return [
      {
        id: this.id,
        ownedBy: 'switchyard',
        capabilities: guaranteed,
        ...(contextWindow !== undefined && { contextWindow }),
        ...(maxOutputTokens !== undefined && { maxOutputTokens }),
      },
    ]
  }

  async dispose(options: DisposeOptions = {}): Promise<void> {
    this.#disposed = true
    if (options.drain !== true) {
      for (const call of this.#calls) call.abort(new SwitchyardError('aborted', `The chain "${this.id}" was disposed.`))
    }
    if (this.#calls.size > 0) {
      await new Promise<void>(resolve => {
        const before = this.#idle
        this.#idle = () => {
          before?.()
          resolve()
        }
      })
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }

  #begin(operation: OperationName, request: MessageRequest | EmbeddingRequest, context: CallContext): Call {
    if (this.#disposed) throw new SwitchyardError('unavailable', `The chain "${this.id}" has been disposed.`)
    this.#checkModel(request)
    if (context.signal?.aborted) throw abortedError(context.signal.reason)
    const limits = { totalMs: this.#timeouts.totalMs, attempts: this.attemptBound, hedger: this.#hedger }
    const call = new Call(
      this.id,
      { operation, request, recorders: this.#recorders },
      context,
      limits,
      this.#ports.clock,
      this.#ports.random,
    )
    this.#calls.add(call)
    return call
  }

  #checkModel({ model }: MessageRequest | EmbeddingRequest): void {
    if (model === undefined || model === this.id) return
    const message = `The chain "${this.id}" does not answer as "${model}". Leave the model out, or name the chain.`
    throw new SwitchyardError('not-found', message, { param: 'model' })
  }

  async #run<Value>(
    call: Call,
    request: MessageRequest | EmbeddingRequest,
    operation: Operation<Value>,
    endsHere: boolean,
  ): Promise<Value> {
    try {
      const route = this.#planner.route(call, request, operation)
      const value = await new Failover(this.#ports, call, route, operation).run()
      if (endsHere) this.#end(call)
      return value
    } catch (error) {
      try {
        await call.record(requestFailure(requestError(error), error === call.aborted))
      } catch {
        // why it failed is what its caller has to know
      }
      this.#end(call)
      throw error
    }
  }

  #end(call: Call): void {
    call.close()
    this.#calls.delete(call)
    if (this.#calls.size === 0) {
      this.#idle?.()
      this.#idle = undefined
    }
  }
}

function allTargets({ targets, onContextLength, onContentFilter }: TargetLists): readonly Target[] {
  return [targets, onContextLength, onContentFilter].flatMap(list => list?.targets ?? [])
}

function checkMessages(request: MessageRequest): void {
  if (!(request.messages?.length > 0)) throw invalid('A request needs at least one message.', 'messages')
}

function invalid(message: string, param: string): SwitchyardError {
  return new SwitchyardError('invalid-request', message, { param })
}
