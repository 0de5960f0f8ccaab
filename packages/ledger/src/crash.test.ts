import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { tether } from '@switchyard/test-services'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { flakyWay } from './database/flaky-way.fixture.ts'
import type { LedgerPlace } from './ledger-place.ts'
import { type DatabaseName, look, newPlace, open, until } from './ledgers.fixture.ts'

const committing = fileURLToPath(new URL('./committing-process.fixture.ts', import.meta.url))

/** Lets a process commit until it is killed in the middle; answers the ids that it was told are recorded. */
async function commitsUntilKilled(
  place: LedgerPlace,
  meanwhile: (told: (count: number) => Promise<void>) => Promise<void>,
): Promise<readonly string[]> {
  const child = spawn(process.execPath, [committing, JSON.stringify(place)], { stdio: ['ignore', 'pipe', 'inherit'] })
  tether(child)
  let said = ''
  child.stdout.on('data', data => {
    said += data
  })
  await once(child.stdout, 'data')
  // however slow the machine is
  await meanwhile(count => until(() => said.split('\n').length > count + 1))
  child.kill('SIGKILL')
  await once(child, 'close')
  // the last line may have been cut
  return said.split('\n').slice(1, -1)
}

async function expectAllRecordedOnce(place: LedgerPlace, confirmed: readonly string[]): Promise<void> {
  const ledger = await open(place)
  const [standing] = await ledger.budgets([{ budget: 'team', window: 0 }])
  await ledger.dispose()
  const rows = await look(place, sql<{ id: string }>`select id from ledger_attempts`)
  const recorded = new Set(rows.map(({ id }) => id))
  expect(confirmed.filter(id => !recorded.has(id))).toEqual([])
  expect(standing?.settled).toBe(2n * BigInt(recorded.size))
  const held = await look(
    place,
    sql<{ remaining: bigint | null }>`select cast(sum(remaining) as bigint) as remaining from budget_slabs`,
  )
  expect((standing?.reserved ?? 0n) + (standing?.charged ?? 0n)).toBe(held[0]?.remaining ?? 0n)
}

describe.each<DatabaseName>(['SQLite', 'PostgreSQL'])('a process that is killed while it commits to %s', database => {
  it('leaves all that it confirmed, once, and each charge with its entry', { timeout: 120_000 }, async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    const confirmed: string[] = []
    for (let round = 0; round < 3; round += 1) {
      confirmed.push(...(await commitsUntilKilled(place, told => told(5 + Math.random() * 100))))
      await expectAllRecordedOnce(place, confirmed)
    }
    expect(confirmed.length).toBeGreaterThan(10)
  })
})

describe('a process that is killed while its database comes and goes', () => {
  it('leaves what it confirmed in the database or in the journal, whatever it was doing', {
    timeout: 120_000,
  }, async context => {
    const place = await newPlace('PostgreSQL')
    if (place?.url === undefined) return context.skip('no PostgreSQL')
    const way = await flakyWay(place.url)
    const confirmed: string[] = []
    for (let round = 0; round < 3; round += 1) {
      const ids = await commitsUntilKilled({ ...place, url: way.url }, async told => {
        await told(5)
        for (const stop of [way.cut, way.deafen, way.cut]) {
          stop()
          await sleep(Math.random() * 200)
          way.mend()
          // killed anywhere between the return of the database and the end of the replay
          await sleep(Math.random() * 150)
        }
      })
      confirmed.push(...ids)
      await expectAllRecordedOnce(place, confirmed)
    }
    expect(confirmed.length).toBeGreaterThan(10)
  })
})
