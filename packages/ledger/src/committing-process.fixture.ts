// a process of its own that commits until it is killed, and says what was confirmed
import { randomUUID } from 'node:crypto'
import type { AttemptEntry } from '@switchyard/core'
import type { LedgerPlace } from './ledger-place.ts'
import { openLedger } from './open-ledger.ts'

const place = JSON.parse(process.argv[2] as string) as LedgerPlace
const ledger = await openLedger({ ...place, leaseMs: 1000, timeoutMs: 300, maxBatch: 8 })
process.stdout.write('open\n')

async function commitForEver(): Promise<never> {
  for (;;) {
    const taken = await ledger
      .takeSlab({ budget: 'team', window: 0, limit: 10n ** 12n, least: 3n, most: 3n })
      .catch(() => undefined)
    const slab = taken?.granted ? taken.slab : undefined
    const id = randomUUID()
    const slabs = slab === undefined ? [] : [{ slab, amount: 2n }]
    await ledger.commit({ attempt: entry(id), charges: [{ budget: 'team', window: 0, amount: 2n, slabs }] })
    process.stdout.write(`${id}\n`)
    if (slab !== undefined) await ledger.closeSlab(slab)
  }
}

function entry(id: string): AttemptEntry {
  return {
    id,
    callId: id,
    requestId: id,
    at: Date.now(),
    chain: 'fast',
    chains: ['fast'],
    operation: 'message',
    tags: [],
    outcome: 'completed',
    latencyMs: 1,
    provider: 'lab',
    model: 'tiny',
    target: 'lab/tiny',
    attempt: 1,
    cost: 2n,
    costIs: 'bill',
  }
}

await Promise.all(Array.from({ length: 12 }, commitForEver))
