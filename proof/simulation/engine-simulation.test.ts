import { expect, it } from 'vitest'
import { simulate } from './engine/engine-simulation.ts'
import { requiredPairs } from './engine/required-coverage.ts'
import { liveSeeds } from './seed-run.ts'

const { SEED, SEEDS = '20000' } = process.env

if (SEED === undefined) {
  it('keeps every promise of the engine, whatever vendors, callers and ports do', async () => {
    const run = await liveSeeds(simulate, { first: 0, count: Number(SEEDS), replay: 'proof/simulation/engine' })
    console.log(run.summary())
    expect(run.failure).toBeUndefined()
    expect(requiredPairs.filter(pair => !run.coverage.counts.has(pair))).toEqual([])
  }, 600_000)
} else {
  it(`lives seed ${SEED} again`, async () => {
    const { trace = [], problems } = await simulate(Number(SEED), true)
    console.log(trace.join('\n'))
    expect(problems).toEqual([])
  }, 60_000)
}
