import type { PriceEstimate, Pricing } from '../accounting/pricing.ts'
import type { Clock } from '../clock/clock.ts'
import type { CapabilityName } from '../contract/capabilities.ts'
import type { EmbeddingRequest } from '../contract/embedding.ts'
import type { JsonObject } from '../contract/message.ts'
import type { CallContext } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { Operation } from '../engine/operation.ts'
import { type Requirements, requirements } from '../engine/requirements.ts'
import type { Target } from '../engine/target.ts'
import type { SelectionRequest } from './selection-policy.ts'

const charactersPerToken = 4

/** What makes use of a capability, where that is no field of its name. */
const uses: Partial<Record<CapabilityName, (request: MessageRequest) => boolean>> = {
  streaming: ({ stream }) => stream !== false,
  reasoning: ({ reasoningEffort = 'none' }) => reasoningEffort !== 'none',
  penalties: ({ frequencyPenalty, presencePenalty }) => (frequencyPenalty ?? presencePenalty) !== undefined,
  prefill: ({ messages }) => messages.at(-1)?.role === 'assistant',
  logprobs: ({ boundTo, extra = {} }) =>
    [...(boundTo?.fields ?? []), ...Object.values(extra).flatMap(asked)].some(field => /logprobs/i.test(field)),
}

function asked(fields: JsonObject): string[] {
  return Object.keys(fields).filter(name => Boolean(fields[name]))
}

/** One request as conditions, policies and explanations look at it. */
export class Asked implements SelectionRequest {
  readonly request: MessageRequest | EmbeddingRequest
  readonly context: CallContext
  readonly #operation: Operation<unknown>
  readonly #clock: Clock
  readonly #pricing: Pick<Pricing, 'estimate'> | undefined
  #at: number | undefined
  #requirements: Requirements | undefined
  #estimates: Map<Target, PriceEstimate | undefined> | undefined

  constructor(
    request: MessageRequest | EmbeddingRequest,
    context: CallContext,
    operation: Operation<unknown>,
    clock: Clock,
    pricing: Pick<Pricing, 'estimate'> | undefined,
  ) {
    this.request = request
    this.context = context
    this.#operation = operation
    this.#clock = clock
    this.#pricing = pricing
  }

  get task(): string | undefined {
    return this.context.task
  }

  get at(): number {
    this.#at ??= this.#clock.wall()
    return this.#at
  }

  requestFor(target: Target): MessageRequest | EmbeddingRequest {
    return this.#operation.requestFor(target)
  }

  /** What it costs there; `undefined` where nobody can say. */
  estimate(target: Target): PriceEstimate | undefined {
    const [model] = target.models
    if (this.#pricing === undefined || model === undefined) return undefined
    this.#estimates ??= new Map()
    if (this.#estimates.has(target)) return this.#estimates.get(target)
    let estimate: PriceEstimate | undefined
    try {
      estimate = this.#pricing.estimate(this.requestFor(target), model, { at: this.at })
    } catch {
      // an unknown price
    }
    this.#estimates.set(target, estimate)
    return estimate
  }

  inputTokens(target: Target): number {
    const estimate = this.estimate(target)
    return estimate === undefined ? Math.ceil(this.#characters() / charactersPerToken) : estimate.inputTokens.expected
  }

  /** The request cannot do without it, or makes use of it. */
  needs(name: CapabilityName): boolean {
    const { request } = this
    if (!('messages' in request)) return false
    if (this.#needs(request).capabilities.includes(name)) return true
    const used = uses[name]
    if (used !== undefined) return used(request)
    return name !== 'tools' && (request as Partial<Record<CapabilityName, unknown>>)[name] !== undefined
  }

  #characters(): number {
    const { request } = this
    if ('messages' in request) return this.#needs(request).characters
    return request.input.reduce((sum, text) => sum + text.length, 0)
  }

  #needs(request: MessageRequest): Requirements {
    this.#requirements ??= requirements(request)
    return this.#requirements
  }
}
