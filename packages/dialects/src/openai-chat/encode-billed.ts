import type { BilledAttempt, JsonObject } from '@switchyard/core/contract'
import { encodeUsage } from './usage.ts'

/** What an attempt used and is charged at, as far as either is known; `cost_is` says how well. */
export function encodeBilled({ target, usage, cost, isBound }: BilledAttempt): JsonObject {
  return {
    target,
    ...(usage && { usage: encodeUsage(usage) }),
    ...(cost !== undefined && { cost, cost_is: isBound ? 'bound' : 'bill' }),
  }
}
