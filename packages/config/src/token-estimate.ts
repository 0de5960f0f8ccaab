import type { AttemptInfo, Clock, Pricing, TokenEstimate } from '@switchyard/core'

/** How many tokens attempts will use, by what their prices are estimated from. */
export function tokenEstimate(pricing: Pricing, clock: Pick<Clock, 'wall'>): (info: AttemptInfo) => TokenEstimate {
  return ({ request, target }) => {
    const { inputTokens, outputTokens } = pricing.estimate(request, target, { at: clock.wall() })
    const most =
      inputTokens.most === undefined || outputTokens.most === undefined
        ? undefined
        : inputTokens.most + outputTokens.most
    return { expected: inputTokens.expected + outputTokens.expected, most }
  }
}
