import type { LedgerRecord } from '@switchyard/core'

/** What a batch of the ledger is made of, in the order it came. */
export type LedgerOperation =
  | { readonly type: 'record'; readonly record: LedgerRecord }
  | { readonly type: 'close'; readonly slab: string }

/** The id that decides whether a record was recorded before. */
export function recordId({ attempt, request }: LedgerRecord): string | undefined {
  return attempt?.id ?? request?.id
}

/** Identifies what must happen once. */
export function operationKey(operation: LedgerOperation): string {
  return operation.type === 'close' ? `close ${operation.slab}` : `record ${recordId(operation.record)}`
}
