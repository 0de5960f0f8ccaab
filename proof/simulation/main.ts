import { importSimulation } from './defects/bundle.ts'
import { requiredPairs } from './money/required-coverage.ts'
import { liveSeeds } from './seed-run.ts'

// node proof/simulation/main.ts [how many seeds] [from which on]
const [count = 1_000_000, first = 0] = process.argv.slice(2).map(Number)
const { simulateMoney } = await importSimulation()
const began = process.cpuUsage()
const run = await liveSeeds(simulateMoney, { first, count, onProgress: done => console.error(`${done} seeds`) })
console.log(run.summary())
console.log(`${(process.cpuUsage(began).user / 1_000 / run.seeds).toFixed(2)} ms of processor time a seed`)
const { counts } = run.coverage
for (const pair of requiredPairs)
  if ((counts.get(pair) ?? 0) < 10) console.log(`${counts.get(pair) ?? 0} times: ${pair}`)
if (run.failure !== undefined) {
  console.log(run.failure)
  process.exitCode = 1
}
