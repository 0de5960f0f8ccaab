import { SwitchyardError } from '../contract/errors.ts'
import type { SelectionPolicy } from './selection-policy.ts'

/** Asks first where the fewest attempts are on their way; of equals the one with more weight, then the one listed first. */
export function leastBusy(): SelectionPolicy {
  return {
    name: 'leastBusy',
    selector({ performance: seen }) {
      if (seen === undefined) {
        const message = 'leastBusy needs what was seen of targets: give the chain `performance`.'
        throw new SwitchyardError('invalid-request', message, { param: 'performance' })
      }
      return {
        select(targets) {
          const inFlight = new Map(
            targets.map(target => [target, target.models.reduce((sum, model) => sum + seen.inFlight(model), 0)]),
          )
          const busy = (target: (typeof targets)[number]): number => inFlight.get(target) ?? 0
          return {
            order: [...targets].sort((one, other) => busy(one) - busy(other) || other.weight - one.weight),
            reasons: target => [
              {
                code: 'in-flight',
                message: `${busy(target)} attempts are on their way to it`,
                data: { inFlight: busy(target) },
              },
            ],
          }
        },
      }
    },
  }
}
