import type { Money } from '@switchyard/core'
import type { AttemptRow, RequestRow } from '../schema.ts'
import { LatencyHistogram } from './latency-histogram.ts'

/** What is added up over entries of one dimension; exact. */
export class UsageSums {
  entries = 0
  cost: Money = 0n
  estimate: Money = 0n
  inputUncached = 0
  inputCacheRead = 0
  readonly cacheWrites = new Map<string, number>()
  outputText = 0
  outputReasoning = 0
  readonly latencies = new LatencyHistogram()
  readonly firstTokens = new LatencyHistogram()

  add(other: UsageSums): void {
    this.entries += other.entries
    this.cost += other.cost
    this.estimate += other.estimate
    this.inputUncached += other.inputUncached
    this.inputCacheRead += other.inputCacheRead
    for (const [lifetime, tokens] of other.cacheWrites) this.addCacheWrite(lifetime, tokens)
    this.outputText += other.outputText
    this.outputReasoning += other.outputReasoning
    this.latencies.merge(other.latencies)
    this.firstTokens.merge(other.firstTokens)
  }

  addAttempt(row: AttemptSumsRow): void {
    this.#addEntry(row)
    this.cost += row.cost
    this.estimate += row.estimate ?? 0n
    this.inputUncached += Number(row.input_uncached ?? 0n)
    this.inputCacheRead += Number(row.input_cache_read ?? 0n)
    if (row.cache_write_lifetimes !== null) this.addCacheWrites(JSON.parse(row.cache_write_lifetimes))
    this.outputText += Number(row.output_text ?? 0n)
    this.outputReasoning += Number(row.output_reasoning ?? 0n)
  }

  addRequest(row: RequestSumsRow): void {
    this.#addEntry(row)
  }

  addCacheWrites(byLifetime: Readonly<Record<string, number>>): void {
    for (const [lifetime, tokens] of Object.entries(byLifetime)) this.addCacheWrite(lifetime, tokens)
  }

  addCacheWrite(lifetime: string, tokens: number): void {
    if (tokens > 0) this.cacheWrites.set(lifetime, (this.cacheWrites.get(lifetime) ?? 0) + tokens)
  }

  // how long what failed took says nothing of how fast answers are
  #addEntry(row: RequestSumsRow): void {
    this.entries += 1
    if (row.outcome !== 'completed') return
    this.latencies.add(row.latency_ms)
    if (row.first_token_ms !== null) this.firstTokens.add(row.first_token_ms)
  }
}

type RequestSumsRow = Pick<RequestRow, 'outcome' | 'latency_ms' | 'first_token_ms'>
type AttemptSumsRow = RequestSumsRow &
  Pick<
    AttemptRow,
    | 'cost'
    | 'estimate'
    | 'input_uncached'
    | 'input_cache_read'
    | 'cache_write_lifetimes'
    | 'output_text'
    | 'output_reasoning'
  >
