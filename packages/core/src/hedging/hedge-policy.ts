import type { Call } from '../engine/call.ts'
import type { Dispatch } from '../engine/dispatch.ts'
import type { Operation } from '../engine/operation.ts'
import type { EnginePorts } from '../engine/ports.ts'
import type { Target } from '../engine/target.ts'
import type { TargetOrder } from '../engine/target-order.ts'
import type { PerformanceView } from '../performance/performance-view.ts'
import type { HedgeOptions } from './hedge-options.ts'
import type { HedgedRequest } from './hedged-request.ts'

/** Asks a second target beside one that is slow to begin; `hedging` of `@switchyard/core/routing` makes one. */
export interface HedgePolicy {
  /** For explanations. */
  readonly options: HedgeOptions
  /**
   * Called once by each chain that is given it, by its name.
   *
   * @throws {SwitchyardError} `invalid-request` where it waits for what nobody measures.
   */
  hedger(chain: string, seen: PerformanceView | undefined): Hedger
}

/** When an attempt is slow enough for another beside it, and who then looks after both. */
export interface Hedger {
  /** The most extra attempts for one request. */
  readonly attempts: number
  /** A first block that is not visible, such as reasoning, is a sign of life that is waited for too. */
  readonly endsAtFirstBlock: boolean
  /** Milliseconds to wait for a target; `undefined` where nobody knows. */
  waitMs(target: Target, task: string | undefined): number | undefined
  /** Looks after one request. */
  request<Value>(
    ports: EnginePorts,
    call: Call,
    operation: Operation<Value>,
    dispatch: Dispatch,
    order: TargetOrder,
  ): HedgedRequest<Value>
}
