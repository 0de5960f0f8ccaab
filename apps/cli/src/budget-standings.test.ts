import { parseConfig } from '@switchyard/config'
import type { LedgerReader } from '@switchyard/ledger'
import { expect, test } from 'vitest'
import { budgetStandings } from './budget-standings.ts'

test('a budget is used by what is spent, and what is held for running requests is told beside it', async () => {
  const text = `
server: { budget: team }
providers: { lab: { type: openai-compatible, baseURL: "http://127.0.0.1:1/v1", apiKey: none } }
budgets: { team: { limit: 10 USD, window: total } }`
  const usd = 1_000_000_000_000n
  const state = { budget: 'team', window: 0, settled: usd, reserved: 4n * usd, charged: 2n * usd }
  const reader = { budgets: () => Promise.resolve([state]) } as Partial<LedgerReader> as LedgerReader
  const [team] = await budgetStandings(reader, parseConfig(text, { environment: {} }), 0)
  expect(team).toMatchObject({ settled: usd, held: 6n * usd, left: 3n * usd, usedShare: 0.3 })
})
