// node proof/fleet/main.ts [--seed S] [--rounds N]: the fleet once for each seed from S on; ends at a broken promise.
import { parseArgs } from 'node:util'
import { createTestDatabase, startPrivateRedis } from '@switchyard/test-services'
import { judge } from './judge.ts'
import { results } from './results.ts'
import { runFleet } from './run-fleet.ts'

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, rounds: { type: 'string', default: '1' } },
})

for (let round = 0; round < Number(values.rounds); round++) {
  await using database = await createTestDatabase()
  await using redis = await startPrivateRedis()
  if (database === undefined || redis === undefined) process.exit(1)
  const seed = String(Number(values.seed) + round)
  const record = await runFleet({ seed, database, redis, say: what => console.error(`  ${what}`) })
  const verdicts = judge(record)
  console.log(results(record, verdicts))
  if (verdicts.some(({ kept }) => !kept)) {
    process.exitCode = 1
    break
  }
}
