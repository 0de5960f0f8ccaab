// node proof/soak/main.ts [--minutes N] [--seed S] [--callers C]: mixed faults against a real gateway for so long, and what it holds on to after.
import { parseArgs } from 'node:util'
import { createTestDatabase, startPrivateRedis } from '@switchyard/test-services'
import { judgeSoak, soakResults } from './judge-soak.ts'
import { runSoak } from './run-soak.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    callers: { type: 'string', default: '40' },
  },
})

await using database = await createTestDatabase()
await using redis = await startPrivateRedis()
const soakMs = Number(values.minutes) * 60_000
const record = await runSoak({
  seed: values.seed,
  soakMs,
  warmUpMs: Math.min(60_000, soakMs / 2),
  callers: Number(values.callers),
  database,
  redis,
  say: what => console.error(`  ${what}`),
})
const verdicts = judgeSoak(record)
console.log(soakResults(record, verdicts))
process.exitCode = verdicts.every(({ kept }) => kept) ? 0 : 1
