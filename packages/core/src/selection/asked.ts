import type { PriceEstimate, Pricing } from '../accounting/pricing.ts'
import type { CapabilityName } from '../contract/capabilities.ts'
import type { EmbeddingRequest } from '../contract/embedding.ts'
import type { CallContext } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { Operation } from '../engine/operation.ts'
import { requirements } from '../engine/requirements.ts'
import type { Target } from '../engine/target.ts'
import type { SelectionRequest } from './selection-policy.ts'

const charactersPerToken = 4

/** One request as conditions, policies and explanations look at it. */
export class Asked implements SelectionRequest {
  readonly request: MessageRequest | EmbeddingRequest
  readonly task: string | undefined
  readonly at: number
  readonly #operation: Operation<unknown>
  readonly #pricing: Pick<Pricing, 'estimate'> | undefined
  readonly #estimates = new Map<Target, PriceEstimate | undefined>()

  constructor(
    request: MessageRequest | EmbeddingRequest,
    context: CallContext,
    operation: Operation<unknown>,
    at: number,
    pricing: Pick<Pricing, 'estimate'> | undefined,
  ) {
    this.request = request
    this.task = context.task
    this.at = at
    this.#operation = operation
    this.#pricing = pricing
  }

  requestFor(target: Target): MessageRequest | EmbeddingRequest {
    return this.#operation.requestFor(target)
  }

  /** What it costs there; `undefined` where nobody can say. */
  estimate(target: Target): PriceEstimate | undefined {
    const [model] = target.models
    if (this.#pricing === undefined || model === undefined) return undefined
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

  needs(name: CapabilityName): boolean {
    const { request } = this
    if (!('messages' in request)) return false
    if (name === 'streaming') return request.stream !== false
    if (name === 'reasoning') return (request.reasoningEffort ?? 'none') !== 'none'
    if (name === 'temperature' || name === 'topP' || name === 'stop' || name === 'seed')
      return request[name] !== undefined
    if (name === 'toolChoice' || name === 'parallelToolCalls') return request[name] !== undefined
    return requirements(request).capabilities.includes(name)
  }

  #characters(): number {
    const { request } = this
    if ('messages' in request) return requirements(request).characters
    return request.input.reduce((sum, text) => sum + text.length, 0)
  }
}
