import type { ColumnType, Selectable } from 'kysely'
import type { UsageTables } from './reports/usage-tables.ts'

/**
 * A 64-bit integer: always read as `bigint`, in both databases. Money is in pico-USD, moments in milliseconds
 * since 1970.
 */
export type Integer = ColumnType<bigint, bigint | number>

type NullableInteger = ColumnType<bigint | null, bigint | number | null | undefined>
type NullableNumber = ColumnType<number | null, number | null | undefined>
type NullableText = ColumnType<string | null, string | null | undefined>

/** What entries of requests and of attempts have in common. */
interface EntryTable {
  readonly id: string
  readonly request_id: string
  readonly at: Integer
  readonly chain: string
  readonly operation: string
  readonly principal: NullableText
  /** A JSON array of text. */
  readonly tags: string
  /** `completed`, `failed` or `cancelled`. */
  readonly outcome: string
  readonly error_kind: NullableText
  readonly finish_reason: NullableText
  readonly latency_ms: number
  readonly first_token_ms: NullableNumber
  /** 1 once it is in `usage_rollups`. */
  readonly rolled_up: ColumnType<bigint, bigint | number | undefined>
}

export interface AttemptTable extends EntryTable {
  /** The `id` of its row in `ledger_requests`, which is written later, or never by a process that died. */
  readonly call_id: string
  /** A JSON array of text, outermost first. */
  readonly chains: string
  readonly provider: string
  readonly model: string
  readonly target: string
  readonly attempt: Integer
  readonly status: NullableInteger
  // all parts of usage are null where the provider never said
  readonly input_uncached: NullableInteger
  readonly input_cache_read: NullableInteger
  /** The sum of all lifetimes. */
  readonly input_cache_write: NullableInteger
  /** A JSON object of tokens by lifetime. */
  readonly cache_write_lifetimes: NullableText
  readonly output_text: NullableInteger
  readonly output_reasoning: NullableInteger
  /** A JSON object of numbers by unit. */
  readonly units: NullableText
  /** JSON, as the provider said it. */
  readonly usage_raw: NullableText
  readonly cost: Integer
  /** `bill`, `bound`, `nothing` or `unknown`. */
  readonly cost_is: string
  readonly estimate: NullableInteger
}

export interface RequestTable extends EntryTable {
  readonly model: NullableText
  readonly target: NullableText
  readonly attempts: Integer
  readonly prompt: NullableText
}

/** What stands in each window of each budget. */
interface WindowTable {
  readonly budget: string
  /** 0 of a budget without an end. */
  readonly starts_at: Integer
  readonly settled: Integer
  readonly reserved: Integer
  readonly charged: Integer
}

/** What processes hold of windows; a closed slab has no row. */
interface SlabTable {
  readonly id: string
  readonly budget: string
  readonly starts_at: Integer
  readonly owner: string
  /** What was not used up yet: a part of its window's `reserved` while open, of `charged` once expired. */
  readonly remaining: Integer
  readonly expires_at: Integer
  readonly state: 'open' | 'expired'
}

/** Which thresholds of which windows were told of. */
interface AlertTable {
  readonly budget: string
  readonly starts_at: Integer
  readonly threshold: string
}

export interface LedgerDatabase extends UsageTables {
  readonly ledger_attempts: AttemptTable
  readonly ledger_requests: RequestTable
  readonly budget_windows: WindowTable
  readonly budget_slabs: SlabTable
  readonly budget_alerts: AlertTable
}

export type AttemptRow = Selectable<AttemptTable>
export type RequestRow = Selectable<RequestTable>
