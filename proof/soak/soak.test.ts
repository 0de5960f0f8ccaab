import { createTestDatabase, startPrivateRedis } from '@switchyard/test-services'
import { expect, test } from 'vitest'
import { judgeSoak, soakResults } from './judge-soak.ts'
import { runSoak } from './run-soak.ts'

test.skipIf(process.platform !== 'linux')(
  'a gateway that has seen every kind of fault holds on to nothing',
  async context => {
    await using database = await createTestDatabase()
    if (database === undefined) return context.skip('no PostgreSQL')
    await using redis = await startPrivateRedis()
    if (redis === undefined) return context.skip('no redis-server')
    const record = await runSoak({ seed: '1', warmUpMs: 8_000, soakMs: 12_000, database, redis })
    const verdicts = judgeSoak(record)
    console.log(soakResults(record, verdicts))
    expect(verdicts.filter(({ kept }) => !kept)).toEqual([])
  },
  300_000,
)
