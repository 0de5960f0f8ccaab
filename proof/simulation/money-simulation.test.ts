import { expect, it } from 'vitest'
import { simulateMoney } from './money/money-simulation.ts'
import { Coverage } from './world/coverage.ts'
import { forbidRealTime } from './world/forbidden-globals.ts'

const chosen = process.env.SEED === undefined ? undefined : Number(process.env.SEED)
const seeds = Number(process.env.SEEDS ?? 2_000)

it('keeps money whatever processes, vendors, callers and the database do', async () => {
  const coverage = new Coverage()
  const traces = new Set<number>()
  let callers = 0
  let acknowledged = 0
  const forbidden: string[] = []
  using _ = forbidRealTime(problem => forbidden.push(problem))
  const first = chosen ?? 0
  for (let seed = first; seed < (chosen === undefined ? seeds : first + 1); seed++) {
    const verdict = await simulateMoney(seed, chosen !== undefined)
    if (verdict.trace !== undefined) console.log(verdict.trace.join('\n'))
    expect(verdict.problems, `SEED=${seed} npx vitest run proof/simulation`).toEqual([])
    traces.add(verdict.fingerprint)
    coverage.merge(verdict.coverage)
    callers += verdict.callers
    acknowledged += verdict.acknowledged
  }
  expect(forbidden).toEqual([])
  console.log(traces.size, callers, acknowledged, coverage.entries.map(entry => entry.join(': ')).join('\n'))
}, 120_000)
