import type { SwitchyardError } from '../contract/errors.ts'
import type { SelectionReason } from '../selection/selection-policy.ts'
import type { Target } from './target.ts'

/** Places where a request may go. */
export interface Leg {
  /** In this order; all of them can be asked. */
  readonly targets: readonly Target[]
  /** Are not asked, and why. */
  readonly passedOver: readonly PassedOver[]
}

export interface PassedOver {
  readonly target: Target
  readonly reason: SelectionReason
  /** What its provider threw; where absent, one is made of the reason. */
  readonly error?: SwitchyardError
}

/** Where one request may go. */
export interface Route extends Leg {
  /** What takes the place of the targets that are `left`, after such a failure; `undefined`: nothing does. */
  readonly after?: ((error: SwitchyardError, left: readonly Target[]) => Leg | undefined) | undefined
}
