import type { ColumnType } from 'kysely'
import type { Integer } from '../schema.ts'

type NullableText = ColumnType<string | null, string | null | undefined>

/**
 * Sums of entries by hour, by day and by month (UTC), for each combination of what they can be filtered and grouped by,
 * and once more for each value of one thing alone. What is in them has `rolled_up` set in its own row, in the same transaction.
 */
export interface RollupTable {
  /** Hours, days and months of each facet: 3 times the facet's place in `facets`, and 0, 1 or 2. */
  readonly span: Integer
  readonly starts_at: Integer
  readonly dimension: Integer
  readonly entries: Integer
  // money in thousandths of a dollar and the rest in pico-USD: sums of either never leave 64 bits
  readonly cost_milli: Integer
  readonly cost_pico: Integer
  readonly estimate_milli: Integer
  readonly estimate_pico: Integer
  readonly input_uncached: Integer
  readonly input_cache_read: Integer
  /** A JSON object of tokens by lifetime. */
  readonly cache_writes: NullableText
  readonly output_text: Integer
  readonly output_reasoning: Integer
  /** A histogram's text, of entries that were completed. */
  readonly latencies: NullableText
  readonly first_tokens: NullableText
}

/** What entries of a roll-up's row have in common. Never deleted. */
export interface DimensionTable {
  readonly id: Integer
  /** JSON of all that follows, to find it by. */
  readonly key: string
  /** `attempt` or `request`. */
  readonly source: string
  /** A JSON array of text, outermost first. */
  readonly chains: string
  readonly target: NullableText
  readonly provider: NullableText
  readonly principal: NullableText
  /** A JSON array of text, in order, each once. */
  readonly tags: string
  readonly operation: string
  readonly outcome: string
  readonly error_kind: NullableText
  readonly cost_is: NullableText
}

/** One row, which a pass locks, so that there is one at a time. */
interface RollupStateTable {
  readonly id: Integer
  /** Entries from before it may be deleted: milliseconds since 1970, a whole hour. */
  readonly raw_since: Integer
}

export interface UsageTables {
  readonly usage_rollups: RollupTable
  readonly usage_dimensions: DimensionTable
  readonly usage_state: RollupStateTable
}
