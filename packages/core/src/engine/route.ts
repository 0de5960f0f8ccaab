import type { SwitchyardError } from '../contract/errors.ts'
import type { Target } from './target.ts'

/** Where one request may go. */
export interface Route {
  /** In this order. */
  readonly targets: readonly Target[]
  /** What takes the place of the targets that are left, after such a failure; `undefined`: nothing does. */
  readonly after?: (error: SwitchyardError) => readonly Target[] | undefined
}
