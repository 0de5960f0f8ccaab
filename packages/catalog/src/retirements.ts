import type { EventHub, TargetRetiringEvent } from '@switchyard/core'
import { dayMs, parseDate } from './calendar-date.ts'
import type { CatalogModel } from './model.ts'
import { statusAt } from './model-status.ts'

/** A target whose model is retired, near it, deprecated, or gone from its provider's list. */
export type TargetRetirement = Omit<TargetRetiringEvent, 'at'>

export interface RetirementOptions {
  /** Milliseconds since 1970; default: now. */
  readonly at?: number
  /** How near a retirement is `retiring` and no longer merely `deprecated`. Default 60 days. */
  readonly withinDays?: number
}

/** What there is to say of a target's model; `undefined` where there is nothing. */
export function retirementOf(
  target: string,
  model: CatalogModel,
  at: number,
  withinDays: number,
): TargetRetirement | undefined {
  const { retirement, goneSince } = model
  const status = statusAt(model, at)
  const date = retirement?.date
  const ms = date === undefined ? undefined : parseDate(date)
  const daysLeft = ms === undefined ? undefined : Math.ceil((ms - at) / dayMs) || 0
  const state =
    goneSince !== undefined
      ? 'gone'
      : status === 'retired'
        ? 'retired'
        : daysLeft !== undefined && daysLeft <= withinDays
          ? 'retiring'
          : status === 'deprecated'
            ? 'deprecated'
            : undefined
  if (state === undefined) return undefined
  const replacement = retirement?.replacement === undefined ? undefined : `${model.provider}/${retirement.replacement}`
  return {
    target,
    state,
    ...(date !== undefined && { date }),
    ...(daysLeft !== undefined && { daysLeft }),
    ...(replacement !== undefined && { replacement }),
    message: `${target} ${whatHappens(state, model, daysLeft)}${advice(model, replacement)}`,
  }
}

/** Tells each as a `target-retiring` event. `at` is the moment, in milliseconds since 1970. */
export function announceRetirements(
  events: Pick<EventHub, 'emit'>,
  retirements: readonly TargetRetirement[],
  at: number,
): void {
  for (const retirement of retirements) events.emit('target-retiring', { at, ...retirement })
}

function whatHappens(
  state: TargetRetirement['state'],
  { retirement, goneSince }: CatalogModel,
  daysLeft?: number,
): string {
  const date = retirement?.date
  if (state === 'gone') {
    return `has not been in its provider's list of models since ${new Date(goneSince as number).toISOString().slice(0, 10)}.`
  }
  if (retirement?.disputed && daysLeft !== undefined && daysLeft <= 0) {
    return `was to be retired on ${date}, and sources disagree on whether it still is served.`
  }
  if (state === 'retired')
    return retirement?.routed ? `was retired on ${date}.` : `was retired on ${date}: calls to it fail.`
  if (date === undefined) return 'is deprecated.'
  return `will be retired on ${date}, in ${daysLeft === 1 ? '1 day' : `${daysLeft} days`}.`
}

function advice({ retirement }: CatalogModel, replacement: string | undefined): string {
  if (replacement === undefined) return ''
  return retirement?.routed
    ? ` From then on its requests are answered by ${replacement}, at its price.`
    : ` Its provider names ${replacement} instead.`
}
