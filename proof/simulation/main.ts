import { importSimulation, type SimulationName } from './defects/bundle.ts'
import { requiredPairs as enginePairs } from './engine/required-coverage.ts'
import { requiredPairs as moneyPairs } from './money/required-coverage.ts'
import { liveSeeds } from './seed-run.ts'

// node proof/simulation/main.ts money|engine [how many seeds] [from which on]
const [name = '', ...numbers] = process.argv.slice(2)
const [count = 1_000_000, first = 0] = numbers.map(Number)
const required: Readonly<Record<string, readonly string[]>> = { money: moneyPairs, engine: enginePairs }
const pairs = required[name]
if (pairs === undefined) {
  console.error('Say which: node proof/simulation/main.ts money|engine [how many seeds] [from which on]')
  process.exit(2)
}
const simulate = await importSimulation(name as SimulationName)
const began = process.cpuUsage()
const replay = `proof/simulation/${name}`
const run = await liveSeeds(simulate, { first, count, replay, onProgress: done => console.error(`${done} seeds`) })
console.log(run.summary())
console.log(`${(process.cpuUsage(began).user / 1_000 / run.seeds).toFixed(2)} ms of processor time a seed`)
const { counts } = run.coverage
for (const pair of pairs) if ((counts.get(pair) ?? 0) < 10) console.log(`${counts.get(pair) ?? 0} times: ${pair}`)
if (run.failure !== undefined) {
  console.log(run.failure)
  process.exitCode = 1
}
