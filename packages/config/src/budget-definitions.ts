import type { BudgetDefinition } from '@switchyard/core'
import type { Config } from './schema.ts'

/** The budgets of a configuration, in the engine's words. */
export function budgetDefinitions(config: Config): readonly BudgetDefinition[] {
  return Object.entries(config.budgets ?? {}).map(
    ([name, { limit, window, timeZone, kind, alertAt, onLow, maxWait }]) => ({
      name,
      limit,
      window,
      ...(timeZone !== undefined && { timeZone }),
      ...(kind !== undefined && { kind }),
      ...(alertAt !== undefined && { alertAt }),
      ...(onLow !== undefined && { onLow }),
      ...(maxWait !== undefined && { maxWaitMs: maxWait }),
    }),
  )
}
