import type { Selectable } from 'kysely'
import type { AttemptRow, RequestRow } from '../schema.ts'
import type { DimensionTable } from './usage-tables.ts'

/** What an entry can be filtered and grouped by, except its time. */
export interface UsageDimension {
  readonly source: 'attempt' | 'request'
  /** Outermost first; a request knows its outermost only. */
  readonly chains: readonly string[]
  /** `provider/model`: of a request, that which answered. */
  readonly target: string | null
  readonly provider: string | null
  readonly principal: string | null
  /** In order, each once. */
  readonly tags: readonly string[]
  readonly operation: string
  readonly outcome: string
  readonly errorKind: string | null
  readonly costIs: string | null
}

export type AttemptDimensionRow = Pick<
  AttemptRow,
  'chains' | 'target' | 'provider' | 'principal' | 'tags' | 'operation' | 'outcome' | 'error_kind' | 'cost_is'
>
export type RequestDimensionRow = Pick<
  RequestRow,
  'chain' | 'target' | 'principal' | 'tags' | 'operation' | 'outcome' | 'error_kind'
>

export function attemptDimension(row: AttemptDimensionRow): UsageDimension {
  return {
    source: 'attempt',
    chains: JSON.parse(row.chains),
    target: row.target,
    provider: row.provider,
    principal: row.principal,
    tags: inOrder(JSON.parse(row.tags)),
    operation: row.operation,
    outcome: row.outcome,
    errorKind: row.error_kind,
    costIs: row.cost_is,
  }
}

export function requestDimension(row: RequestDimensionRow): UsageDimension {
  return {
    source: 'request',
    chains: [row.chain],
    target: row.target,
    provider: row.target && (row.target.split('/', 1)[0] as string),
    principal: row.principal,
    tags: inOrder(JSON.parse(row.tags)),
    operation: row.operation,
    outcome: row.outcome,
    errorKind: row.error_kind,
    costIs: null,
  }
}

/** The same text for the same dimension. */
export function dimensionKey(dimension: UsageDimension): string {
  const { source, chains, target, provider, principal, tags, operation, outcome, errorKind, costIs } = dimension
  return JSON.stringify([source, chains, target, provider, principal, tags, operation, outcome, errorKind, costIs])
}

/** Its row, but for its id. */
export function dimensionRow(dimension: UsageDimension): Omit<Selectable<DimensionTable>, 'id'> {
  const { chains, tags, errorKind, costIs, ...rest } = dimension
  return {
    ...rest,
    key: dimensionKey(dimension),
    chains: JSON.stringify(chains),
    tags: JSON.stringify(tags),
    error_kind: errorKind,
    cost_is: costIs,
  }
}

export function dimensionOf(row: Omit<Selectable<DimensionTable>, 'id' | 'key'>): UsageDimension {
  const { source, target, provider, principal, operation, outcome } = row
  return {
    source: source === 'request' ? 'request' : 'attempt',
    chains: JSON.parse(row.chains),
    target,
    provider,
    principal,
    tags: JSON.parse(row.tags),
    operation,
    outcome,
    errorKind: row.error_kind,
    costIs: row.cost_is,
  }
}

function inOrder(tags: readonly string[]): readonly string[] {
  return [...new Set(tags)].sort()
}
