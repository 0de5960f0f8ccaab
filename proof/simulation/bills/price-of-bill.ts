import type { PricePeriod, TokenPrices } from '@switchyard/catalog'
import type { Money } from '@switchyard/core'
import type { BillEntry } from '@switchyard/simulator'

/** What a bill comes to, counted apart from the catalogue's own counting: only its list of prices is taken. */
export function priceOfBill(bill: BillEntry, periods: readonly PricePeriod[], day: string): Money {
  let period: PricePeriod | undefined
  for (const each of periods) if (each.from === undefined || each.from <= day) period = each
  if (period === undefined) throw new Error(`No price is known for ${bill.model}.`)
  let prices: TokenPrices = period
  for (const tier of period.longContext ?? []) {
    if (bill.inputTokens > tier.tokens || (tier.when === 'reaches' && bill.inputTokens === tier.tokens)) prices = tier
  }
  const at = (tokens: number, price: Money | undefined, what: string): Money => {
    if (tokens === 0) return 0n
    if (price === undefined) throw new Error(`No price is known for ${what} of ${bill.model}.`)
    return price * BigInt(tokens)
  }
  let left = bill.inputTokens - bill.cachedTokens
  let sum = at(bill.cachedTokens, prices.cachedInput, 'cached tokens')
  for (const [lifetime, tokens] of Object.entries(bill.cacheWriteTokens)) {
    sum += at(tokens, prices.cacheWrite?.[lifetime], `writes for ${lifetime}`)
    left -= tokens
  }
  sum += at(left, prices.input, 'the prompt')
  sum += at(bill.reasoningTokens, prices.reasoning ?? prices.output, 'reasoning')
  return sum + at(bill.outputTokens - bill.reasoningTokens, prices.output, 'the answer')
}
