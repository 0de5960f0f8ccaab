import { SwitchyardError } from '../contract/errors.ts'
import type { Forgetting } from './fading.ts'
import { RequestWaits } from './request-waits.ts'
import { Tally } from './tally.ts'
import type { TargetSnapshot } from './target-performance.ts'

/** All that was seen of targets, as plain JSON. */
export interface PerformanceSnapshot {
  readonly version: 1
  /** When it was made, in milliseconds since 1970. */
  readonly at: number
  readonly targets: readonly TargetSnapshot[]
}

/** @throws {SwitchyardError} `invalid-request` where the value is no snapshot that `restore` can take. */
export function checkSnapshot(value: PerformanceSnapshot, forgetting: Forgetting): void {
  const tally = new Tally(forgetting).snapshot(0)
  const waits = new RequestWaits().snapshot(0)
  const isTarget = (one: TargetSnapshot): boolean =>
    typeof one?.target === 'string' &&
    isLike(one.all, tally) &&
    eachIsLike(one.tasks, tally) &&
    eachIsLike(one.waits, waits)
  if (value?.version === 1 && isLike(value.at, 0) && Array.isArray(value.targets) && value.targets.every(isTarget))
    return
  throw new SwitchyardError('invalid-request', 'This is no snapshot of performance records that can be restored.')
}

function eachIsLike(values: unknown, model: object): boolean {
  return typeof values === 'object' && values !== null && Object.values(values).every(value => isLike(value, model))
}

/** Numbers from 0, lists of them, and objects that hold such. */
function isLike(value: unknown, model: unknown): boolean {
  if (typeof model !== 'object' || model === null) return typeof value === 'number' && value >= 0 && value < 1e18
  if (Array.isArray(model)) return Array.isArray(value) && value.every(one => isLike(one, 0))
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(model).every(([name, part]) => isLike((value as Record<string, unknown>)[name], part))
}
