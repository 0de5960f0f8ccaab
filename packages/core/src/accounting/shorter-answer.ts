import type { EmbeddingRequest } from '../contract/embedding.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { Money } from '../money/money.ts'
import type { PriceEstimate, Pricing } from './pricing.ts'
import type { ShorterAnswer } from './waiting-attempt.ts'

/** A shorter answer says too little. */
const fewestTokens = 64

/**
 * The longest answer whose bound is within an amount. `undefined` where even a short one costs more, and where a
 * cut answer is no answer: with tools, and where it must be JSON.
 */
export function shorterAnswer(
  pricing: Pricing,
  request: MessageRequest | EmbeddingRequest,
  estimate: PriceEstimate,
  target: string,
  at: number,
  within: Money,
): ShorterAnswer | undefined {
  if (!('messages' in request)) return undefined
  if ((request.tools?.length ?? 0) > 0 || (request.responseFormat?.type ?? 'text') !== 'text') return undefined
  const boundOf = (maxOutputTokens: number): Money | undefined =>
    pricing.estimate({ ...request, maxOutputTokens }, target, { at }).bound
  let found: ShorterAnswer | undefined
  let low = fewestTokens
  let high = (request.maxOutputTokens ?? estimate.outputTokens.most ?? 0) - 1
  while (low <= high) {
    const maxOutputTokens = found === undefined ? low : Math.ceil((low + high) / 2)
    const bound = boundOf(maxOutputTokens)
    if (bound !== undefined && bound <= within) {
      found = { maxOutputTokens, bound }
      low = maxOutputTokens + 1
    } else if (found === undefined) return undefined
    else high = maxOutputTokens - 1
  }
  return found
}
