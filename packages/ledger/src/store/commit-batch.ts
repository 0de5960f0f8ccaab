import type { Clock, Random } from '@switchyard/core'
import { databaseFailure } from '../database/database-failure.ts'
import { type LedgerOperation, operationKey } from './ledger-operation.ts'

/** What became of an operation: `failed` is its own fault; of `slow` and `away` nobody knows whether it was written. */
export type OperationOutcome =
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly error: unknown }
  | { readonly type: 'slow' | 'away'; readonly error: unknown }

export interface BatchWriting {
  readonly write: (operations: readonly LedgerOperation[]) => Promise<void>
  readonly clock: Clock
  readonly random: Random
}

const maxConflicts = 20
const soonMs = 500

/**
 * Writes a batch in one transaction. Where one operation cannot be written the others are, in halves of halves; of
 * operations with one key the first is written.
 */
export async function commitBatch(
  writing: BatchWriting,
  batch: readonly LedgerOperation[],
): Promise<readonly OperationOutcome[]> {
  const byKey = new Map<string, LedgerOperation>()
  for (const operation of batch) {
    const key = operationKey(operation)
    // a slab is closed after all that was said before of it, so its last close counts
    if (operation.type === 'close') byKey.delete(key)
    if (!byKey.has(key)) byKey.set(key, operation)
  }
  const outcomes = new Map<string, OperationOutcome>()
  await writeHalves(writing, [...byKey], outcomes)
  return batch.map(operation => outcomes.get(operationKey(operation)) as OperationOutcome)
}

async function writeHalves(
  writing: BatchWriting,
  keyed: readonly (readonly [string, LedgerOperation])[],
  outcomes: Map<string, OperationOutcome>,
): Promise<OperationOutcome> {
  const outcome = await writeOnce(
    writing,
    keyed.map(([, operation]) => operation),
  )
  if (outcome.type === 'failed' && keyed.length > 1) {
    const middle = keyed.length >> 1
    const first = await writeHalves(writing, keyed.slice(0, middle), outcomes)
    if (first.type === 'done' || first.type === 'failed') return writeHalves(writing, keyed.slice(middle), outcomes)
    for (const [key] of keyed.slice(middle)) outcomes.set(key, first)
    return first
  }
  for (const [key] of keyed) outcomes.set(key, outcome)
  return outcome
}

async function writeOnce(
  { write, clock, random }: BatchWriting,
  operations: readonly LedgerOperation[],
): Promise<OperationOutcome> {
  const begun = clock.monotonic()
  let isFirstLoss = true
  for (let conflicts = 0; ; ) {
    try {
      await write(operations)
      return { type: 'done' }
    } catch (error) {
      const failure = databaseFailure(error)
      if (failure === 'record') return { type: 'failed', error }
      if (failure === 'slow') return { type: 'slow', error }
      // one connection that broke says little of the database; nothing is written twice
      if (failure === 'away' && isFirstLoss && clock.monotonic() - begun < soonMs) isFirstLoss = false
      else if (failure === 'away') return { type: 'away', error }
      else if (++conflicts > maxConflicts) return { type: 'slow', error }
    }
    const delayMs = Math.min(100, 2 ** conflicts) * random()
    await new Promise<void>(resolve => clock.timer(delayMs, resolve))
  }
}
