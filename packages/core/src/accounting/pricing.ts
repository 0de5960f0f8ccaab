import type { EmbeddingRequest } from '../contract/embedding.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { Usage } from '../contract/usage.ts'
import type { Money } from '../money/money.ts'

/** What calls cost, as far as it is known; `@switchyard/catalog` is one. Targets are `provider/model`. */
export interface Pricing {
  /** What one attempt at this request, as the target gets it, will cost. `at` is milliseconds since 1970. */
  estimate(request: MessageRequest | EmbeddingRequest, target: string, options: { readonly at: number }): PriceEstimate
  /** What an attempt that was sent at that moment cost. */
  cost(usage: Usage, target: string, at: number): PriceOfUsage
}

export interface PriceEstimate {
  /** A guess; absent where a price is unknown. */
  readonly expected?: Money
  /** No bill for one attempt is higher; absent where that cannot be said, and `unbounded` says why. */
  readonly bound?: Money
  /** `messages[0].content[1]: what is at an address has a size that cannot be stated`. */
  readonly unbounded: readonly string[]
  readonly inputTokens: { readonly expected: number; readonly most?: number }
  readonly outputTokens: { readonly expected: number; readonly most?: number }
}

export interface PriceOfUsage {
  /** Absent where the price of something that was used is unknown. */
  readonly total?: Money | undefined
  /** The sum of what is known. */
  readonly subtotal: Money
  /** What has no known price. */
  readonly unknown: readonly string[]
}
