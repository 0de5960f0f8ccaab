import { aboutLimitsEach } from '../money/money-plan.ts'
import { liveSeeds } from '../seed-run.ts'
import { importSimulation } from './bundle.ts'
import { mostSeeds, type PlantedDefect } from './planted-defects.ts'

export interface FoundDefect {
  readonly defect: PlantedDefect
  /** How many seeds were lived until an invariant broke; absent where none did. */
  readonly seeds: number | undefined
  /** What broke, without its numbers: `over the limit`. */
  readonly invariant: string
}

/** Lives seeds with the defect until an invariant breaks. */
export async function findDefect(defect: PlantedDefect): Promise<FoundDefect> {
  const simulate = await importSimulation(defect.simulation, defect)
  const step = defect.file.includes('/limits/') ? aboutLimitsEach : 1
  const { seeds, problems } = await liveSeeds(simulate, {
    first: 0,
    count: mostSeeds[defect.simulation],
    step,
    replay: '',
  })
  const [first] = problems
  return { defect, seeds: first === undefined ? undefined : seeds, invariant: invariantOf(first ?? '') }
}

// `over the limit: 12 settled, ...`
function invariantOf(problem: string): string {
  return problem.split(':')[0] ?? ''
}
