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
  /**
   * The most of all requests that find out how targets do which are not the first otherwise: those of which too little
   * was seen lately, those that failed, and those not asked first for a minute. From 0 to 1. Default 0.05.
   */
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

/** After so many milliseconds what was seen of a target may hold no longer. */
const staleMs = 60_000

/** Sums of shares are not exact. */
const rounding = 1e-9

class LatencySelector implements TargetSelector {
  readonly #performance: PerformanceView
  readonly #quantile: number
  readonly #explore: number
  /** Explorations that requests have earned and nobody has used, at most one. */
  #earned = 0
  /** When each was asked first for the last time, in milliseconds since 1970; the longest unasked first. */
  readonly #askedAt = new Map<SelectableTarget, number>()

  constructor(view: PerformanceView, quantile: number, explore: number) {
    this.#performance = view
    this.#quantile = quantile
    this.#explore = explore
  }

  select(targets: readonly SelectableTarget[], { task, at }: SelectionRequest): Selection {
    const seen = targets.map(target => this.#seen(target, task)).sort((one, other) => one.score - other.score || 0)
    const earned = Math.min(1, this.#earned + this.#explore)
    const explored = earned >= 1 - rounding ? this.#longestUnasked(seen, at) : undefined
    const order = seen.map(({ target }) => target)
    const first = explored ?? order[0]
    return {
      order: first === undefined ? [] : [first, ...order.filter(target => target !== first)],
      reasons: target => this.#reasons(seen.find(one => one.target === target) as Seen, target === explored),
      taken: () => {
        this.#earned = explored === undefined ? earned : 0
        if (first === undefined) return
        this.#askedAt.delete(first)
        this.#askedAt.set(first, at)
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

  /** Of those that come after the first and of which nobody knows how they do now. */
  #longestUnasked([, ...others]: readonly Seen[], at: number): SelectableTarget | undefined {
    const open = others.filter(({ target, firstTokenMs, successRate }) => {
      const askedAt = this.#askedAt.get(target) ?? Number.NEGATIVE_INFINITY
      // a wall clock that was put back says nothing of how long ago it was
      return firstTokenMs === undefined || successRate < failing || Math.abs(at - askedAt) >= staleMs
    })
    const never = open.find(({ target }) => !this.#askedAt.has(target))
    if (never !== undefined) return never.target
    for (const target of this.#askedAt.keys()) if (open.some(one => one.target === target)) return target
    return undefined
  }

  #reasons({ firstTokenMs, successRate }: Seen, isExplored: boolean): readonly SelectionReason[] {
    const explored: SelectionReason = {
      code: 'exploration',
      message: 'this request finds out how it does now',
      data: { explore: this.#explore },
    }
    return [...(isExplored ? [explored] : []), this.#reason(firstTokenMs, successRate)]
  }

  #reason(firstTokenMs: number | undefined, successRate: number): SelectionReason {
    if (firstTokenMs === undefined) return { code: 'latency', message: 'too little was seen of it lately' }
    const quantile = this.#quantile
    const percentile = `p${Math.round(quantile * 1_000) / 10}`
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
  if (successRate < failing) return unknown * (2 - successRate)
  return firstTokenMs === undefined ? unknown : firstTokenMs / successRate
}

const unknown = 1e12
const failing = 0.5

function invalid(message: string, param: string): SwitchyardError {
  return new SwitchyardError('invalid-request', message, { param })
}
