import type { BudgetStanding, Holding, ScopedAttempt } from '@switchyard/core'
import { expect, test } from 'vitest'
import { BudgetsLeft } from './budgets-left.ts'

const usd = 10n ** 12n
const holdings: readonly Holding[] = [
  { scope: { type: 'all' }, name: 'all' },
  { scope: { type: 'key', name: 'web' }, name: 'web' },
]
const standing = (name: string, settled: bigint, renewsAt?: number): BudgetStanding => ({
  name,
  kind: 'hard',
  limit: 10n * usd,
  settled,
  reserved: 0n,
  charged: 0n,
  left: 10n * usd - settled,
  usedShare: 0,
  startsAt: 0,
  ...(renewsAt !== undefined && { renewsAt }),
})
const attempt = (principal?: string): ScopedAttempt => ({
  chains: ['c'],
  provider: 'p',
  target: 'p/m',
  context: principal === undefined ? {} : { principal },
})

function left(read: () => readonly BudgetStanding[] | Error) {
  let now = 0
  let asked = 0
  const budgets = async (): Promise<readonly BudgetStanding[]> => {
    asked++
    const answer = read()
    if (answer instanceof Error) throw answer
    return answer
  }
  const all = new BudgetsLeft({ budgets }, holdings, () => now)
  return {
    all,
    asked: () => asked,
    at(moment: number) {
      now = moment
    },
  }
}

test('the tightest of the budgets that hold is told, less what was spent since', async () => {
  const { all, asked } = left(() => [standing('all', 1n * usd), standing('web', 4n * usd)])
  expect(await all.tightest(attempt())).toBe(9n * usd)
  expect(await all.tightest(attempt('web'))).toBe(6n * usd)
  all.spent(attempt('web'), usd)
  expect(await all.tightest(attempt('web'))).toBe(5n * usd)
  expect(await all.tightest(attempt())).toBe(8n * usd)
  all.spent(attempt(), 100n * usd)
  expect(await all.tightest(attempt())).toBe(0n)
  expect(asked()).toBe(1)
})

test('the ledger is asked again after a second, and nobody waits for it', async () => {
  let settled = 1n * usd
  const { all, asked, at } = left(() => [standing('all', settled)])
  expect(await all.tightest(attempt())).toBe(9n * usd)
  settled = 3n * usd
  at(999)
  expect(await all.tightest(attempt())).toBe(9n * usd)
  at(1_000)
  expect(await all.tightest(attempt())).toBe(9n * usd)
  expect(await all.tightest(attempt())).toBe(7n * usd)
  expect(asked()).toBe(2)
})

test('a window that is over says nothing, nor does a ledger that is away', async () => {
  const { all, at } = left(() => [standing('all', 0n, 500)])
  expect(await all.tightest(attempt())).toBe(10n * usd)
  at(500)
  expect(await all.tightest(attempt())).toBeUndefined()
  const away = left(() => new Error('away'))
  expect(await away.all.tightest(attempt())).toBeUndefined()
})
