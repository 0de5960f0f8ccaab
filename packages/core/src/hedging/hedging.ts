import { SwitchyardError } from '../contract/errors.ts'
import type { PerformanceView } from '../performance/performance-view.ts'
import type { HedgeOptions } from './hedge-options.ts'
import type { HedgePolicy, Hedger } from './hedge-policy.ts'
import { HedgedRequest } from './hedged-request.ts'

const defaultPercentile = 95

/**
 * Asks the next target as well where one is slow to begin; without options, after its own 95th percentile.
 *
 * @throws {SwitchyardError} `invalid-request`, naming the option.
 */
export function hedging(options: HedgeOptions = {}): HedgePolicy {
  const { afterMs, percentile = defaultPercentile, attempts = 1 } = options
  const check = (holds: boolean, name: keyof HedgeOptions, wanted: string): void => {
    if (holds) return
    const message = `The ${name} of a hedge must be ${wanted}, not ${options[name]}.`
    throw new SwitchyardError('invalid-request', message, { param: `hedge.${name}` })
  }
  check(Number.isInteger(attempts) && attempts >= 1, 'attempts', 'a whole number of at least 1')
  check(afterMs === undefined || afterMs >= 0, 'afterMs', 'milliseconds from 0')
  check(percentile >= 50 && percentile <= 99.9, 'percentile', 'from 50 to 99.9')
  return {
    options,
    hedger(chain, seen) {
      const hedger: Hedger = {
        attempts,
        endsAtFirstBlock: afterMs === undefined,
        waitMs: afterMs === undefined ? percentileWait(chain, seen, percentile) : () => afterMs,
        request: (...parts) => new HedgedRequest(hedger, ...parts),
      }
      return hedger
    },
  }
}

function percentileWait(chain: string, seen: PerformanceView | undefined, percentile: number): Hedger['waitMs'] {
  if (seen === undefined) {
    const message = `The hedge of the chain "${chain}" waits for a percentile that nobody measures: give the chain its \`performance\`, or set \`afterMs\`.`
    throw new SwitchyardError('invalid-request', message, { param: 'hedge.percentile' })
  }
  // of those that never answer there is nothing to wait for
  return ({ key, models }, task) => {
    // a nested chain is about as fast as the target that it prefers
    const [model = key] = models
    return seen.firstTokenMs(model, percentile / 100, task, 'answered')
  }
}
