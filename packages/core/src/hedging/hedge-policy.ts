import { SwitchyardError } from '../contract/errors.ts'
import type { PerformanceView } from '../performance/performance-view.ts'
import type { HedgeOptions } from './hedge-options.ts'

/** When an attempt is slow enough for another beside it. */
export interface HedgePolicy {
  /** The most extra attempts for one request. */
  readonly attempts: number
  /** A first block that is not visible, such as reasoning, is a sign of life that is waited for too. */
  readonly endsAtFirstBlock: boolean
  /** Milliseconds to wait for `provider/model`; `undefined` where nobody knows. */
  waitMs(target: string, task: string | undefined): number | undefined
}

const defaultPercentile = 95

/** @throws {SwitchyardError} `invalid-request`, naming the place. */
export function hedgePolicy(
  chain: string,
  options: HedgeOptions | undefined,
  seen: PerformanceView | undefined,
): HedgePolicy | undefined {
  if (options === undefined) return undefined
  const { afterMs, percentile = defaultPercentile, attempts = 1 } = options
  const check = (holds: boolean, name: keyof HedgeOptions, wanted: string): void => {
    if (holds) return
    const message = `The ${name} of the hedge of the chain "${chain}" must be ${wanted}, not ${options[name]}.`
    throw new SwitchyardError('invalid-request', message, { param: `hedge.${name}` })
  }
  check(Number.isInteger(attempts) && attempts >= 1, 'attempts', 'a whole number of at least 1')
  check(afterMs === undefined || afterMs >= 0, 'afterMs', 'milliseconds from 0')
  check(percentile >= 50 && percentile <= 99.9, 'percentile', 'from 50 to 99.9')
  if (afterMs !== undefined) return { attempts, endsAtFirstBlock: false, waitMs: () => afterMs }
  if (seen === undefined) {
    const message = `The hedge of the chain "${chain}" waits for a percentile that nobody measures: give the chain its \`performance\`, or set \`afterMs\`.`
    throw new SwitchyardError('invalid-request', message, { param: 'hedge.percentile' })
  }
  // of those that never answer there is nothing to wait for
  const waitMs: HedgePolicy['waitMs'] = (target, task) => seen.firstTokenMs(target, percentile / 100, task, 'answered')
  return { attempts, endsAtFirstBlock: true, waitMs }
}
