import { importSimulation } from './defects/bundle.ts'
import { liveSeeds } from './seed-run.ts'

// node proof/simulation/main.ts [how many seeds] [from which on]
const [count = 1_000_000, first = 0] = process.argv.slice(2).map(Number)
const { simulateMoney } = await importSimulation()
const began = process.cpuUsage()
const run = await liveSeeds(simulateMoney, { first, count, onProgress: done => console.error(`${done} seeds`) })
console.log(run.summary())
console.log(`${(process.cpuUsage(began).user / 1_000 / run.seeds).toFixed(2)} ms of processor time a seed`)
if (run.failure !== undefined) {
  console.log(run.failure)
  process.exitCode = 1
}
