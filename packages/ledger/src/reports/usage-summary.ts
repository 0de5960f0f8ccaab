import { formatMoney, type Money } from '@switchyard/core'
import type { UsageReport } from './usage-report.ts'

/** The numbers of a report that dashboards ask for; dollars are the nearest floating-point numbers. */
export interface UsageSummary {
  readonly total_requests: number
  readonly total_cost_usd: number
  /** 0 without a request. */
  readonly avg_cost_per_request: number
  /** By `provider/model`. */
  readonly cost_by_model: Readonly<Record<string, number>>
}

/** @param report Made with `by: ['model']`. */
export function usageSummary({ total, by }: UsageReport): UsageSummary {
  const models = (by.model ?? []).filter(({ name, cost }) => name !== undefined && cost.total > 0n)
  return {
    total_requests: total.requests.total,
    total_cost_usd: dollars(total.cost.total),
    avg_cost_per_request: dollars(total.averageCostPerRequest ?? 0n),
    cost_by_model: Object.fromEntries(models.map(({ name, cost }) => [name, dollars(cost.total)])),
  }
}

/** The nearest number. */
function dollars(amount: Money): number {
  return Number.parseFloat(formatMoney(amount))
}
