import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { journalLine } from './journal/journal-lines.ts'
import { connect } from './ledger-place.ts'
import { attemptEntry, newDirectory, open } from './ledgers.fixture.ts'
import { deleteOldEntries } from './reports/retention.ts'
import { rollUp } from './reports/roll-up.ts'

const hour = 3_600_000
const dayOf = Date.UTC(2026, 7, 1)

function recorded(at: number) {
  const charge = { budget: 'team', window: 0, amount: 7n, slabs: [] }
  return { attempt: attemptEntry({ at, cost: 7n }), charges: [charge] }
}

it('never counts again what a journal brings back after its entry was deleted, and keeps it aside', async () => {
  const dataDirectory = newDirectory()
  const [deleted, kept, missed] = [recorded(dayOf), recorded(dayOf + 9 * hour), recorded(dayOf + 10 * hour)]
  const before = await open({ dataDirectory })
  await before.commit(deleted)
  await before.commit(kept)
  await before.dispose()
  const connections = connect({ dataDirectory })
  await rollUp(connections)
  expect(await deleteOldEntries(connections, { before: dayOf + 5 * hour })).toBe(1)
  await connections.dispose()
  // all three were journaled, as nobody had heard whether they were written
  for (const record of [deleted, kept, missed]) {
    appendFileSync(join(dataDirectory, 'ledger.journal'), journalLine({ type: 'record', record }))
  }
  const errors: string[] = []
  const after = await open({ dataDirectory, onError: error => errors.push(error.message) })
  expect((await after.usage()).total).toMatchObject({ attempts: { total: 3 }, cost: { total: 21n } })
  expect((await after.budgets([{ budget: 'team', window: 0 }]))[0]?.settled).toBe(21n)
  expect(errors).toEqual([expect.stringContaining(`record ${deleted.attempt.id}`)])
  expect(errors[0]).toContain('may have been recorded before')
  const lines = readFileSync(join(dataDirectory, 'ledger.refused'), 'utf8')
  expect(lines).toBe(journalLine({ type: 'record', record: deleted }))
})

it('refuses to delete entries that a journal may well bring back', async () => {
  const opening = open({ dataDirectory: newDirectory(), retainMs: 3_600_000 })
  await expect(opening).rejects.toMatchObject({ kind: 'invalid-request', param: 'retainMs' })
})
