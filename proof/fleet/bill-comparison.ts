import type { AttemptRow } from './budget-watch.ts'
import { billed, ceiling } from './prices.ts'
import type { ProviderRequest } from './provider-account.ts'

/** How the providers' bills and the ledger's entries fit together. */
export interface BillComparison {
  /** Entries that are a bill, each with the provider's own of exactly that amount. */
  readonly equal: number
  /** Entries at their bound that the provider billed too. */
  readonly bounded: number
  /** Billed, and nowhere in the ledger; the sum is in pico-USD. */
  readonly unrecorded: readonly ProviderRequest[]
  readonly unrecordedSum: bigint
  readonly faults: readonly string[]
}

/**
 * Compares them request by request and provider by provider. An entry that is a bill must have the provider's bill of
 * its amount; one at its bound must have one that is not higher, or none, and be no higher than any request may be held at.
 */
export function compareBills(
  attempts: readonly AttemptRow[],
  requests: readonly ProviderRequest[],
  requestIdOf: (traceId: string) => string,
): BillComparison {
  const groups = new Map<string, { entries: AttemptRow[]; bills: ProviderRequest[] }>()
  const group = (requestId: string, provider: string) => {
    const key = `${requestId} at ${provider}`
    const found = groups.get(key) ?? { entries: [], bills: [] }
    groups.set(key, found)
    return found
  }
  for (const entry of attempts) group(entry.requestId, entry.provider).entries.push(entry)
  for (const request of requests) group(requestIdOf(request.traceId), request.provider).bills.push(request)
  const faults: string[] = []
  const unrecorded: ProviderRequest[] = []
  let equal = 0
  let bounded = 0
  for (const [place, { entries, bills }] of groups) {
    const open = bills.filter(({ bill }) => bill !== undefined)
    for (const entry of entries.filter(({ costIs }) => costIs === 'bill')) {
      const same = open.findIndex(request => costOf(request) === entry.cost)
      if (same < 0) faults.push(`${place}: the ledger says that ${entry.cost} was billed, and the provider does not`)
      else {
        open.splice(same, 1)
        equal++
      }
    }
    // the dearest bill to the highest bound: where that does not fit, nothing does
    const bounds = entries.filter(({ costIs }) => costIs === 'bound').sort((a, b) => compare(b.cost, a.cost))
    open.sort((a, b) => compare(costOf(b), costOf(a)))
    for (const entry of bounds) {
      const most = bills.reduce((highest, bill) => max(highest, ceiling(bill.bodyBytes, bill.maxTokens)), 0n)
      if (bills.length > 0 && entry.cost > most) faults.push(`${place}: held at ${entry.cost}, over any bound: ${most}`)
      const request = open.shift()
      if (request === undefined) continue
      bounded++
      if (costOf(request) > entry.cost) {
        faults.push(`${place}: the provider billed ${costOf(request)}, more than the bound ${entry.cost}`)
      }
    }
    for (const entry of entries.filter(({ costIs }) => costIs === 'unknown')) {
      faults.push(`${place}: the ledger knows no price for ${entry.cost}`)
    }
    unrecorded.push(...open)
  }
  const unrecordedSum = unrecorded.reduce((sum, request) => sum + costOf(request), 0n)
  return { equal, bounded, unrecorded, unrecordedSum, faults }
}

function costOf({ bill }: ProviderRequest): bigint {
  return bill === undefined ? 0n : billed(bill)
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
