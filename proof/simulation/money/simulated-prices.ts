import type {
  EmbeddingRequest,
  MessageRequest,
  Money,
  PriceEstimate,
  PriceOfUsage,
  Pricing,
  Usage,
} from '@switchyard/core'

/** What one vendor takes for each token, in pico-USD, and how long its answers get where nobody says. */
export interface VendorTerms {
  /** `provider/model`. */
  readonly target: string
  readonly input: Money
  readonly output: Money
  readonly usualOutputTokens: number
}

/** Every byte of a prompt is at most a token: the vendors keep to it. */
export function mostInputTokens(request: MessageRequest | EmbeddingRequest): number {
  if ('input' in request) return request.input.join('').length
  return request.messages.reduce((sum, { content }) => sum + (typeof content === 'string' ? content.length : 0), 0)
}

export function mostOutputTokens(request: MessageRequest | EmbeddingRequest, terms: VendorTerms): number {
  if ('input' in request) return 0
  return request.maxOutputTokens ?? terms.usualOutputTokens
}

/** Prices as the code under test knows them: what the vendors say. */
export function simulatedPricing(vendors: readonly VendorTerms[]): Pricing {
  const termsOf = (target: string): VendorTerms => {
    const terms = vendors.find(vendor => vendor.target === target)
    if (terms === undefined) throw new Error(`Nobody sells ${target}.`)
    return terms
  }
  return {
    estimate(request, target): PriceEstimate {
      const terms = termsOf(target)
      const input = mostInputTokens(request)
      const output = mostOutputTokens(request, terms)
      const price = (inputTokens: number, outputTokens: number): Money =>
        BigInt(inputTokens) * terms.input + BigInt(outputTokens) * terms.output
      const expected = { input: Math.ceil(input / 4), output: Math.ceil(output / 2) }
      return {
        expected: price(expected.input, expected.output),
        bound: price(input, output),
        unbounded: [],
        inputTokens: { expected: expected.input, most: input },
        outputTokens: { expected: expected.output, most: output },
      }
    },
    cost(usage: Usage, target): PriceOfUsage {
      const { input, output } = termsOf(target)
      const total = BigInt(usage.input.uncached) * input + BigInt(usage.output.text) * output
      return { total, subtotal: total, unknown: [] }
    },
  }
}
