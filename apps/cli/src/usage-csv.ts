import { formatMoney, type Money } from '@switchyard/core'
import type { LatencyFigures, UsageFigures, UsageGroup, UsageReport } from '@switchyard/ledger'
import { stringify } from 'csv-stringify/sync'

/**
 * The report as RFC 4180, the total first; amounts are exact, in dollars. A text that a spreadsheet would take for a
 * formula gets an apostrophe before it.
 */
export function usageCsv({ total, by }: UsageReport): string {
  const rows = [row('total', total)]
  for (const [grouping, groups] of Object.entries(by)) for (const group of groups) rows.push(row(grouping, group))
  return stringify(rows, { header: true, record_delimiter: 'windows', escape_formulas: true })
}

function row(by: string, figures: UsageFigures & Partial<UsageGroup>) {
  const { requests, attempts, cost, tokens } = figures
  const cacheWrite = Object.values(tokens.input.cacheWrite).reduce((sum, written) => sum + written, 0)
  return {
    by,
    name: figures.name ?? '',
    requests: requests.total,
    requests_completed: requests.completed,
    requests_failed: requests.failed,
    requests_cancelled: requests.cancelled,
    attempts: attempts.total,
    attempts_completed: attempts.completed,
    attempts_failed: attempts.failed,
    attempts_cancelled: attempts.cancelled,
    error_rate: figures.errorRate,
    errors: Object.entries(figures.errors)
      .map(([kind, count]) => `${kind} ${count}`)
      .join('; '),
    cost_usd: usd(cost.total),
    cost_share: figures.costShare,
    average_cost_per_request_usd: figures.averageCostPerRequest === undefined ? '' : usd(figures.averageCostPerRequest),
    bound_attempts: cost.bounds.attempts,
    bound_cost_usd: usd(cost.bounds.cost),
    bound_estimate_usd: usd(cost.bounds.estimate),
    unknown_price_attempts: cost.unknown.attempts,
    unknown_price_cost_usd: usd(cost.unknown.cost),
    unknown_price_estimate_usd: usd(cost.unknown.estimate),
    tokens: tokens.total,
    input_uncached_tokens: tokens.input.uncached,
    input_cache_read_tokens: tokens.input.cacheRead,
    input_cache_write_tokens: cacheWrite,
    output_text_tokens: tokens.output.text,
    output_reasoning_tokens: tokens.output.reasoning,
    ...latency('latency', figures.latency),
    ...latency('first_token', figures.firstToken),
    ...latency('request_latency', figures.requestLatency),
  }
}

function latency(name: string, { p50, p95, p99 }: LatencyFigures) {
  return { [`${name}_p50_ms`]: p50, [`${name}_p95_ms`]: p95, [`${name}_p99_ms`]: p99 }
}

function usd(amount: Money): string {
  return formatMoney(amount).replace(/ USD$/, '')
}
