import type { ErrorKind, Money } from '@switchyard/core'
import type { LatencyHistogram } from './latency-histogram.ts'
import type { FigureDimension } from './read-rollups.ts'
import type { LatencyFigures, UsageFigures, UsageTokens } from './usage-report.ts'
import { UsageSums } from './usage-sums.ts'

interface Counts {
  total: number
  completed: number
  failed: number
  cancelled: number
}

/** Makes the figures of a report out of sums. */
export class FiguresBuilder {
  readonly #requests = noCounts()
  readonly #attempts = noCounts()
  readonly #errors = new Map<string, number>()
  readonly #bounds = { attempts: 0, cost: 0n, estimate: 0n }
  readonly #unknown = { attempts: 0, cost: 0n, estimate: 0n }
  readonly #ofRequests = new UsageSums()
  readonly #ofAttempts = new UsageSums()

  get cost(): Money {
    return this.#ofAttempts.cost
  }

  add(dimension: FigureDimension, sums: UsageSums): void {
    if (dimension.source === 'request') {
      count(this.#requests, dimension.outcome, sums.entries)
      this.#ofRequests.add(sums)
      return
    }
    count(this.#attempts, dimension.outcome, sums.entries)
    this.#ofAttempts.add(sums)
    const { errorKind, costIs } = dimension
    if (errorKind !== null) this.#errors.set(errorKind, (this.#errors.get(errorKind) ?? 0) + sums.entries)
    const unsure = costIs === 'bound' ? this.#bounds : costIs === 'unknown' ? this.#unknown : undefined
    if (unsure === undefined) return
    unsure.attempts += sums.entries
    unsure.cost += sums.cost
    unsure.estimate += sums.estimate
  }

  figures(): UsageFigures {
    const cost = this.cost
    const requests = this.#requests.total
    const judged = this.#attempts.completed + this.#attempts.failed
    return {
      requests: { ...this.#requests },
      attempts: { ...this.#attempts },
      errors: Object.fromEntries([...this.#errors].sort(mostFirst)) as Partial<Record<ErrorKind, number>>,
      ...(judged > 0 && { errorRate: this.#attempts.failed / judged }),
      cost: { total: cost, bounds: { ...this.#bounds }, unknown: { ...this.#unknown } },
      ...(requests > 0 && { averageCostPerRequest: (2n * cost + BigInt(requests)) / BigInt(2 * requests) }),
      tokens: tokens(this.#ofAttempts),
      latency: latencyFigures(this.#ofAttempts.latencies),
      firstToken: latencyFigures(this.#ofAttempts.firstTokens),
      requestLatency: latencyFigures(this.#ofRequests.latencies),
    }
  }
}

function noCounts(): Counts {
  return { total: 0, completed: 0, failed: 0, cancelled: 0 }
}

function count(counts: Counts, outcome: string, entries: number): void {
  counts.total += entries
  if (outcome === 'completed' || outcome === 'failed' || outcome === 'cancelled') counts[outcome] += entries
}

function mostFirst([one, ones]: readonly [string, number], [other, others]: readonly [string, number]): number {
  return others - ones || (one < other ? -1 : 1)
}

function tokens(sums: UsageSums): UsageTokens {
  const cacheWrite = Object.fromEntries([...sums.cacheWrites].sort(([one], [other]) => (one < other ? -1 : 1)))
  const written = [...sums.cacheWrites.values()].reduce((total, some) => total + some, 0)
  return {
    total: sums.inputUncached + sums.inputCacheRead + written + sums.outputText + sums.outputReasoning,
    input: { uncached: sums.inputUncached, cacheRead: sums.inputCacheRead, cacheWrite },
    output: { text: sums.outputText, reasoning: sums.outputReasoning },
  }
}

function latencyFigures(histogram: LatencyHistogram): LatencyFigures {
  const p50 = histogram.quantile(0.5)
  const p95 = histogram.quantile(0.95)
  const p99 = histogram.quantile(0.99)
  if (p50 === undefined || p95 === undefined || p99 === undefined) return { count: 0 }
  return { count: histogram.count, p50, p95, p99 }
}
