import type { BreakerBoard, CircuitStanding } from '@switchyard/core'
import type { Concurrency, ConcurrencyStanding, Performance, PerformanceRecord } from '@switchyard/core/routing'

/** What is known of targets, and can be stopped. */
export interface TargetsInUse {
  readonly breakers: BreakerBoard
  readonly concurrency?: Concurrency | undefined
  readonly performance?: Performance | undefined
}

type Standing = Omit<CircuitStanding, 'circuit' | 'guards'>

interface TargetState {
  /** `provider/model`. */
  readonly target: string
  readonly circuits: Readonly<Partial<Record<CircuitStanding['guards'], Standing>>>
  /** Attempts that are on their way. */
  readonly inFlight: number
  /** The limits that hold for its attempts, whoever makes them. */
  readonly concurrency: readonly ConcurrencyStanding[]
  /** What was seen of it, then of each kind of work. */
  readonly performance: readonly PerformanceRecord[]
}

/** The body of `GET /admin/targets`: every target that the configuration names. */
export function targetStates({ breakers, concurrency, performance }: TargetsInUse): {
  readonly targets: readonly TargetState[]
} {
  const circuits = breakers.states()
  const named = new Map(circuits.map(({ circuit, guards: _, ...standing }) => [circuit, standing]))
  const records = performance?.records() ?? []
  const targets = circuits.flatMap(({ circuit: target, guards }) => {
    if (guards !== 'model') return []
    const [provider] = target.split('/', 1) as [string]
    const state: TargetState = {
      target,
      circuits: {
        model: named.get(target) as Standing,
        account: named.get(provider) as Standing,
        process: named.get(`${provider} (network)`) as Standing,
      },
      inFlight: performance?.inFlight(target) ?? 0,
      concurrency: concurrency?.standing(target) ?? [],
      performance: records.filter(record => record.target === target),
    }
    return [state]
  })
  return { targets }
}
