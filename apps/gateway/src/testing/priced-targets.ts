import { formatMoney } from '@switchyard/core'
import type { Simulator } from '@switchyard/simulator'
import { startTwoTargets, type TwoTargets, type TwoTargetsOptions } from './two-targets.ts'

/** A gateway as of `startTwoTargets`, both of whose models have a price: 1 USD for a million input tokens, 2 for output. */
export function startPriced(options: TwoTargetsOptions = {}): Promise<TwoTargets> {
  const price = 'maxOutputTokens: 1000, price: { input: 1, output: 2 }'
  return startTwoTargets({
    // no busy machine decides what is charged
    timeouts: '{ connect: 20s, firstToken: 20s, idle: 20s, total: 50s }',
    models: `{ first/model-a: { ${price} }, second/model-b: { ${price} } }`,
    ...options,
  })
}

/** What these simulated providers bill at those prices, in pico-USD. */
export function billOf(...simulators: readonly Simulator[]): bigint {
  let total = 0n
  for (const { bill } of simulators) {
    total += BigInt(bill.totals.inputTokens) * 1_000_000n + BigInt(bill.totals.outputTokens) * 2_000_000n
  }
  return total
}

/** As a number of USD. */
export function dollars(amount: bigint): number {
  return Number.parseFloat(formatMoney(amount))
}

/** The body of `GET /usage`. */
export interface UsageBody {
  readonly total_requests: number
  readonly total_cost_usd: number
  readonly budget_used_percent: number
  readonly avg_cost_per_request: number
  readonly cost_by_model: Readonly<Record<string, number>>
  readonly budgets: Readonly<
    Record<
      string,
      {
        readonly limit_usd: number
        readonly spent_usd: number
        readonly reserved_usd: number
        readonly used_percent: number
      }
    >
  >
}

export async function usageOf(gateway: { readonly url: string }, query = '', key?: string): Promise<UsageBody> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
  const response = await fetch(`${gateway.url}/usage${query}`, { headers })
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
  return (await response.json()) as UsageBody
}
