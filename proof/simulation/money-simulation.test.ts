import { expect, it } from 'vitest'
import { simulate } from './money/money-simulation.ts'
import { requiredPairs } from './money/required-coverage.ts'
import { liveSeeds } from './seed-run.ts'

const { SEED, SEEDS = '5000' } = process.env

if (SEED === undefined) {
  it('keeps money and limits, whatever processes, vendors, callers and the database do', async () => {
    const run = await liveSeeds(simulate, { first: 0, count: Number(SEEDS), replay: 'proof/simulation/money' })
    console.log(run.summary())
    expect(run.failure).toBeUndefined()
    expect(requiredPairs.filter(pair => !run.coverage.counts.has(pair))).toEqual([])
  }, 300_000)
} else {
  it(`lives seed ${SEED} again`, async () => {
    const { trace = [], problems } = await simulate(Number(SEED), true)
    console.log(trace.join('\n'))
    expect(problems).toEqual([])
  }, 60_000)
}
