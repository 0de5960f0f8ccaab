import { hasBegun } from './calendar-date.ts'
import type { ModelData, ModelStatus } from './model.ts'

/**
 * The status at a moment in milliseconds since 1970. From its day on a model is retired, unless sources dispute it;
 * nothing is known of days before the catalogue's, so an earlier moment never makes a retired model young again.
 */
export function statusAt({ status, retirement }: ModelData, at: number): ModelStatus {
  if (retirement?.date === undefined || retirement.disputed) return status
  return hasBegun(retirement.date, at) ? 'retired' : status
}
