import { type RawBuilder, type Selectable, sql } from 'kysely'
import type { UsageSums as Sums } from './usage-sums.ts'
import { UsageSums } from './usage-sums.ts'
import type { RollupTable } from './usage-tables.ts'

const picoPerMilli = 1_000_000_000n

export type RollupSums = Omit<Selectable<RollupTable>, 'span' | 'starts_at' | 'dimension'>

/** The sums as a row holds them. */
export function rollupSums(sums: Sums): RollupSums {
  return {
    entries: BigInt(sums.entries),
    cost_milli: sums.cost / picoPerMilli,
    cost_pico: sums.cost % picoPerMilli,
    estimate_milli: sums.estimate / picoPerMilli,
    estimate_pico: sums.estimate % picoPerMilli,
    input_uncached: BigInt(sums.inputUncached),
    input_cache_read: BigInt(sums.inputCacheRead),
    cache_writes: sums.cacheWrites.size === 0 ? null : JSON.stringify(Object.fromEntries(sums.cacheWrites)),
    output_text: BigInt(sums.outputText),
    output_reasoning: BigInt(sums.outputReasoning),
    latencies: sums.latencies.text() || null,
    first_tokens: sums.firstTokens.text() || null,
  }
}

/** Adds what a row holds, or what `addedUp` made of many. */
export function addRollup(sums: Sums, row: RollupSums): void {
  sums.entries += Number(row.entries)
  sums.cost += row.cost_milli * picoPerMilli + row.cost_pico
  sums.estimate += row.estimate_milli * picoPerMilli + row.estimate_pico
  sums.inputUncached += Number(row.input_uncached)
  sums.inputCacheRead += Number(row.input_cache_read)
  if (row.cache_writes !== null) {
    for (const writes of JSON.parse(`[${row.cache_writes}]`)) sums.addCacheWrites(writes)
  }
  sums.outputText += Number(row.output_text)
  sums.outputReasoning += Number(row.output_reasoning)
  if (row.latencies !== null) sums.latencies.addText(row.latencies)
  if (row.first_tokens !== null) sums.firstTokens.addText(row.first_tokens)
}

export function sumsOf(row: RollupSums): Sums {
  const sums = new UsageSums()
  addRollup(sums, row)
  return sums
}

/** What adds up many rows, to select; texts are merged by putting them behind each other. */
export const addedUp: RawBuilder<RollupSums> = sql.join([
  ...(
    [
      'entries',
      'cost_milli',
      'cost_pico',
      'estimate_milli',
      'estimate_pico',
      'input_uncached',
      'input_cache_read',
      'output_text',
      'output_reasoning',
    ] satisfies (keyof RollupSums)[]
  ).map(name => sql`cast(sum(${sql.ref(`r.${name}`)}) as bigint) as ${sql.ref(name)}`),
  sql`string_agg(r.cache_writes, ',') as cache_writes`,
  sql`string_agg(r.latencies, ' ') as latencies`,
  sql`string_agg(r.first_tokens, ' ') as first_tokens`,
])
