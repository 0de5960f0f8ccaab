import { dayMs, hasBegun, parseDate } from './calendar-date.ts'
import type { CatalogModel } from './model.ts'
import type { BatchTerms, PricePeriod } from './prices.ts'

/** What a model is billed at: its own prices, or those of the model that answers for it. */
export interface Billing {
  /** The id of the model whose prices they are. */
  readonly model: string
  readonly period: PricePeriod
  readonly batch: BatchTerms | 'none' | undefined
}

/** Finds a model of the same provider by its id. */
export type FindModel = (provider: string, id: string) => CatalogModel | undefined

/** At a moment in milliseconds since 1970. `undefined` where no price is known. */
export function billingAt(model: CatalogModel, at: number, find: FindModel): Billing | undefined {
  const { retirement } = model
  if (retirement?.routed && retirement.date !== undefined && hasBegun(retirement.date, at)) {
    const { replacement } = retirement
    const next = replacement === undefined ? undefined : find(model.provider, replacement)
    return next && billingAt(next, at, find)
  }
  const period = model.prices.findLast(({ from }) => from === undefined || hasBegun(from, at))
  return period && { model: model.id, period, batch: model.batch }
}

/**
 * All that a request sent at that moment may be billed at: providers give days without a time zone, and an answer
 * takes its time, so a change within a day counts. An entry is `undefined` where nothing is known.
 */
export function billingsAround(model: CatalogModel, at: number, find: FindModel): readonly (Billing | undefined)[] {
  const first = at - dayMs
  const last = at + dayMs
  const billings = [billingAt(model, first, find)]
  for (const moment of changes(model, find)) {
    if (moment > first && moment <= last) billings.push(billingAt(model, moment, find))
  }
  return billings
}

function changes(model: CatalogModel, find: FindModel): readonly number[] {
  const { retirement, prices, provider } = model
  const own: number[] = []
  for (const { from } of prices) if (from !== undefined) own.push(...momentOf(from))
  if (!retirement?.routed) return own
  const next = retirement.replacement === undefined ? undefined : find(provider, retirement.replacement)
  return [...own, ...momentOf(retirement.date), ...(next ? changes(next, find) : [])]
}

function momentOf(date: string | undefined): number[] {
  const ms = date === undefined ? undefined : parseDate(date)
  return ms === undefined ? [] : [ms]
}
