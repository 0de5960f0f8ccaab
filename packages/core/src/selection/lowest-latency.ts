import { SwitchyardError } from '../contract/errors.ts'
import type { PerformanceView } from '../performance/performance-view.ts'
import type {
  SelectableTarget,
  Selection,
  SelectionPolicy,
  SelectionReason,
  SelectionRequest,
  TargetSelector,
} from './selection-policy.ts'

export interface LowestLatencyOptions {
  /** Which of its first-token times a target is judged by, from 0 to 1. Default 0.5. */
  readonly quantile?: number
  /** The most of all requests that find out about targets of which too little was seen lately, from 0 to 1. Default 0.05. */
  readonly explore?: number
}

/** Asks first whoever was lately the fastest to begin; who fails is slower by as much as it fails. */
export function lowestLatency({ quantile = 0.5, explore = 0.05 }: LowestLatencyOptions = {}): SelectionPolicy {
  const name = 'latency'
  for (const [option, value] of Object.entries({ quantile, explore })) {
    if (value >= 0 && value <= 1) continue
    throw invalid(`The ${option} of lowestLatency must be a number from 0 to 1, not ${value}.`, option)
  }
  return {
    name,
    selector({ performance: view }) {
      if (view === undefined)
        throw invalid('lowestLatency needs what was seen of targets: give the chain `performance`.', 'performance')
      return new LatencySelector(view, quantile, explore)
    },
  }
}

interface Seen {
  readonly target: SelectableTarget
  /** Absent where too little was seen. */
  readonly firstTokenMs: number | undefined
  readonly successRate: number
  /** What the order is by. */
  readonly score: number
}

/** Sums of shares are not exact. */
const rounding = 1e-9

class LatencySelector implements TargetSelector {
  readonly #performance: PerformanceView
  readonly #quantile: number
  readonly #explore: number
  /** Explorations that requests have earned and nobody has used, at most one. */
  #earned = 0
  /** How often each was explored. */
  readonly #explored = new Map<SelectableTarget, number>()

  constructor(view: PerformanceView, quantile: number, explore: number) {
    this.#performance = view
    this.#quantile = quantile
    this.#explore = explore
  }

  select(targets: readonly SelectableTarget[], { task }: SelectionRequest): Selection {
    const seen = targets.map(target => this.#seen(target, task)).sort((one, other) => one.score - other.score || 0)
    const earned = Math.min(1, this.#earned + this.#explore)
    const explored = earned >= 1 - rounding ? this.#leastExplored(seen) : undefined
    const order = seen.map(({ target }) => target)
    return {
      order: explored === undefined ? order : [explored, ...order.filter(target => target !== explored)],
      reasons: target => [this.#reason(seen.find(one => one.target === target) as Seen, target === explored)],
      taken: () => {
        this.#earned = explored === undefined ? earned : 0
        if (explored !== undefined) this.#explored.set(explored, (this.#explored.get(explored) ?? 0) + 1)
      },
    }
  }

  #seen(target: SelectableTarget, task: string | undefined): Seen {
    // a nested chain is about as fast as the target that it prefers
    const [model = target.key] = target.models
    const firstTokenMs = this.#performance.firstTokenMs(model, this.#quantile, task)
    const successRate = this.#performance.successRate(model, task) ?? 1
    return { target, firstTokenMs, successRate, score: score(firstTokenMs, successRate) }
  }

  /** Of those that come after the first and of which too little is known. */
  #leastExplored([, ...others]: readonly Seen[]): SelectableTarget | undefined {
    let least: SelectableTarget | undefined
    const times = (target: SelectableTarget): number => this.#explored.get(target) ?? 0
    for (const { target, firstTokenMs } of others) {
      if (firstTokenMs === undefined && (least === undefined || times(target) < times(least))) least = target
    }
    return least
  }

  #reason({ firstTokenMs, successRate }: Seen, isExplored: boolean): SelectionReason {
    if (firstTokenMs === undefined) {
      const message = 'too little was seen of it lately'
      if (!isExplored) return { code: 'latency', message }
      const explore = this.#explore
      return { code: 'exploration', message: `${message}, and this request finds out`, data: { explore } }
    }
    const quantile = this.#quantile
    const percentile = `p${quantile * 100}`
    const succeeds = `${Math.round(successRate * 100)} % of its attempts succeed`
    return {
      code: 'latency',
      message: `its first token takes ${Math.round(firstTokenMs)} ms (${percentile}), and ${succeeds}`,
      data: { firstTokenMs, quantile, successRate },
    }
  }
}

// the known, then the unknown, and at last those that fail more often than not, however fast
function score(firstTokenMs: number | undefined, successRate: number): number {
  if (successRate < 0.5) return unknown * (2 - successRate)
  return firstTokenMs === undefined ? unknown : firstTokenMs / successRate
}

const unknown = 1e12

function invalid(message: string, param: string): SwitchyardError {
  return new SwitchyardError('invalid-request', message, { param })
}
