import { createTestDatabase, startPrivateRedis } from '@switchyard/test-services'
import { expect, test } from 'vitest'
import { judge } from './judge.ts'
import { results } from './results.ts'
import { runFleet } from './run-fleet.ts'

test('four gateways under kill -9, SIGSTOP and a Redis that forgets keep a budget, their limits and their books', async context => {
  await using database = await createTestDatabase()
  if (database === undefined) return context.skip('no PostgreSQL')
  await using redis = await startPrivateRedis()
  if (redis === undefined) return context.skip('no redis-server')
  const record = await runFleet({ seed: '1', database, redis })
  const verdicts = judge(record)
  console.log(results(record, verdicts))
  expect(verdicts.filter(({ kept }) => !kept)).toEqual([])
}, 600_000)
