import type { SelectionReason } from '../selection/selection-policy.ts'
import { providerError } from './attempt.ts'
import type { Operation } from './operation.ts'
import type { Leg, PassedOver } from './route.ts'
import type { Target } from './target.ts'

/** Parts a list into those that can be asked and those that cannot; `barred` says of whom else that holds, and why. */
export function ableTargets(
  list: Leg,
  operation: Operation<unknown>,
  barred?: (target: Target) => SelectionReason | undefined,
): Leg {
  const passedOver: PassedOver[] = []
  for (const target of list.targets) {
    const passed = passedBy(target, operation, barred)
    if (passed !== undefined) passedOver.push(passed)
  }
  if (passedOver.length === 0) return list
  const unable = new Set(passedOver.map(({ target }) => target))
  return { targets: list.targets.filter(target => !unable.has(target)), passedOver }
}

function passedBy(
  target: Target,
  operation: Operation<unknown>,
  barred: ((target: Target) => SelectionReason | undefined) | undefined,
): PassedOver | undefined {
  try {
    const reason = operation.unsupported(target) ?? barred?.(target)
    return reason && { target, reason }
  } catch (cause) {
    const error = providerError(cause, target)
    return { target, reason: { code: 'unsupported', message: error.message }, error }
  }
}
