import type { Target } from '../engine/target.ts'
import type { Decision } from './planner.ts'
import type { SelectionReason } from './selection-policy.ts'

/** Why a target stands where a decision puts it. */
export function rankReasons(
  { list, selection, home }: Decision,
  target: Target,
  now: number,
): readonly SelectionReason[] {
  const reasons: SelectionReason[] = []
  if (target === home) reasons.push({ code: 'sticky', message: 'what belongs to this request was answered there' })
  if (selection === undefined) {
    const place = list.targets.indexOf(target) + 1
    reasons.push({ code: 'priority', message: `it is number ${place} of the list`, data: { place } })
  } else if (selection.order.includes(target)) reasons.push(...selection.reasons(target))
  const retryAfterMs = target.retryAfterMs(now)
  if (retryAfterMs > 0) {
    const wait = Number.isFinite(retryAfterMs)
      ? `for another ${Math.ceil(retryAfterMs / 100) / 10} s`
      : 'until it is released'
    reasons.push({ code: 'circuit', message: `it is not asked ${wait}` })
  }
  return reasons
}
