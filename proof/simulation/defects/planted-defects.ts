import type { Replacement, SimulationName } from './bundle.ts'
import { engineDefects } from './engine-defects.ts'
import { moneyDefects } from './money-defects.ts'

/** A mistake that could be made, made on purpose. */
export interface PlantedDefect extends Replacement {
  readonly simulation: SimulationName
  readonly name: string
  /** What follows from it. */
  readonly says: string
}

/** Each is found within so many seeds. */
export const mostSeeds: Readonly<Record<SimulationName, number>> = { money: 2_000, engine: 10_000 }

export const plantedDefects: readonly PlantedDefect[] = [
  ...moneyDefects.map(defect => ({ simulation: 'money' as const, ...defect })),
  ...engineDefects.map(defect => ({ simulation: 'engine' as const, ...defect })),
]
