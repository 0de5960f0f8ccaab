import type { Clock } from '@switchyard/core'
import { VirtualClock } from '@switchyard/core/testing'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { charging } from '../ledgers.fixture.ts'
import { commitBatch } from './commit-batch.ts'
import type { LedgerOperation } from './ledger-operation.ts'

/** Time passes as soon as somebody waits for it. */
class EagerClock extends VirtualClock {
  override timer(ms: number, callback: () => void) {
    const timer = super.timer(ms, callback)
    queueMicrotask(() => void this.advance(ms))
    return timer
  }
}

type Write = (operations: readonly LedgerOperation[]) => Promise<void>

function commit(write: Write, batch: readonly LedgerOperation[], clock: Clock = new EagerClock()) {
  return commitBatch({ write, clock, random: () => 0.5 }, batch)
}

function sqlState(code: string): Error {
  return Object.assign(new pg.DatabaseError('refused', 0, 'error'), { code })
}

function records(count: number): readonly LedgerOperation[] {
  return Array.from({ length: count }, () => ({ type: 'record', record: charging('team', 1n) }))
}

describe('a batch', () => {
  it('is written at once where nothing is wrong with it', async () => {
    const batch = records(5)
    const written: (readonly LedgerOperation[])[] = []
    expect(await commit(async operations => void written.push(operations), batch)).toEqual(
      batch.map(() => ({ type: 'done' })),
    )
    expect(written).toEqual([batch])
  })

  it('writes what occurs twice in it once, and tells both', async () => {
    const [first, second] = records(2) as [LedgerOperation, LedgerOperation]
    const written: LedgerOperation[] = []
    const outcomes = await commit(async operations => void written.push(...operations), [first, second, { ...first }])
    expect(written).toEqual([first, second])
    expect(outcomes).toHaveLength(3)
  })

  it('closes a slab after all that the batch says of it', async () => {
    const close: LedgerOperation = { type: 'close', slab: 'slab' }
    const [charge] = records(1) as [LedgerOperation]
    const written: LedgerOperation[] = []
    await commit(async operations => void written.push(...operations), [close, charge, close])
    expect(written).toEqual([charge, close])
  })

  it.each([0, 3, 7])('fails the one that cannot be written, at place %i, and writes all others', async bad => {
    const batch = records(8)
    const written = new Set<LedgerOperation>()
    const outcomes = await commit(async operations => {
      if (operations.includes(batch[bad] as LedgerOperation)) throw sqlState('22003')
      for (const operation of operations) written.add(operation)
    }, batch)
    expect(outcomes.map(({ type }) => type)).toEqual(batch.map((_, at) => (at === bad ? 'failed' : 'done')))
    expect(written.size).toBe(7)
  })

  it('fails what cannot even be said to a database, and takes that for no sign of its being away', async () => {
    for (const error of [new TypeError('no BigInt in JSON'), new RangeError('Invalid string length')]) {
      const outcomes = await commit(async () => {
        throw error
      }, records(1))
      expect(outcomes).toEqual([{ type: 'failed', error }])
    }
  })

  it('is written again after a conflict with others', async () => {
    const failures = [sqlState('40001'), sqlState('40P01')]
    const outcomes = await commit(async () => {
      const failure = failures.shift()
      if (failure !== undefined) throw failure
    }, records(2))
    expect(outcomes).toEqual([{ type: 'done' }, { type: 'done' }])
  })

  it('is given up after many conflicts', async () => {
    let tries = 0
    const outcomes = await commit(async () => {
      tries += 1
      throw sqlState('40001')
    }, records(1))
    expect(outcomes).toMatchObject([{ type: 'slow' }])
    expect(tries).toBe(21)
  })

  it('is tried once more after a connection broke, and then found away', async () => {
    let tries = 0
    const outcomes = await commit(async () => {
      tries += 1
      throw new Error('Connection terminated unexpectedly')
    }, records(3))
    expect(outcomes.map(({ type }) => type)).toEqual(['away', 'away', 'away'])
    expect(tries).toBe(2)
  })

  it('is not tried again where the first try took long', async () => {
    const clock = new VirtualClock()
    let tries = 0
    const outcomes = await commit(
      async () => {
        tries += 1
        await clock.advance(5000)
        throw new Error('Query read timeout')
      },
      records(1),
      clock,
    )
    expect(outcomes).toMatchObject([{ type: 'away' }])
    expect(tries).toBe(1)
  })

  it('asks no more of a database that went away between its halves', async () => {
    const batch = records(4)
    let tries = 0
    const outcomes = await commit(async operations => {
      tries += 1
      if (operations.length === 4) throw sqlState('23514')
      throw sqlState('57P01')
    }, batch)
    expect(outcomes.map(({ type }) => type)).toEqual(['away', 'away', 'away', 'away'])
    expect(tries).toBe(3)
  })
})
