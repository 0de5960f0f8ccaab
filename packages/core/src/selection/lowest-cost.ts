import type { Pricing } from '../accounting/pricing.ts'
import { SwitchyardError } from '../contract/errors.ts'
import { formatMoney, type Money } from '../money/money.ts'
import type {
  SelectableTarget,
  Selection,
  SelectionPolicy,
  SelectionReason,
  SelectionRequest,
} from './selection-policy.ts'

export interface LowestCostOptions {
  /** What calls cost. Default: the chain's own pricing. */
  readonly pricing?: Pick<Pricing, 'estimate'>
}

/** Asks first where this very request is expected to cost least; who has no known price comes last. */
export function lowestCost({ pricing }: LowestCostOptions = {}): SelectionPolicy {
  return {
    name: 'cost',
    selector(ports) {
      if (pricing === undefined && ports.pricing === undefined) {
        const message = 'lowestCost needs prices: give it, or the chain, `pricing`.'
        throw new SwitchyardError('invalid-request', message, { param: 'pricing' })
      }
      return { select: (targets, asked) => byCost(targets, asked, pricing) }
    },
  }
}

function byCost(
  targets: readonly SelectableTarget[],
  asked: SelectionRequest,
  pricing: LowestCostOptions['pricing'],
): Selection {
  const costs = new Map(targets.map(target => [target, expectedCost(target, asked, pricing)]))
  return {
    order: [...targets].sort((one, other) => compare(costs.get(one), costs.get(other))),
    reasons: target => [reason(costs.get(target))],
  }
}

function expectedCost(
  target: SelectableTarget,
  asked: SelectionRequest,
  pricing: LowestCostOptions['pricing'],
): Money | undefined {
  if (pricing === undefined) return asked.estimate(target)?.expected
  // a nested chain costs about as much as the target that it prefers
  const [model = target.key] = target.models
  try {
    return pricing.estimate(asked.requestFor(target), model, { at: asked.at }).expected
  } catch {
    return undefined
  }
}

function compare(one: Money | undefined, other: Money | undefined): number {
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined)
  return one < other ? -1 : Number(one > other)
}

function reason(expected: Money | undefined): SelectionReason {
  if (expected === undefined) return { code: 'cost', message: 'what it costs there is unknown' }
  const cost = formatMoney(expected)
  return { code: 'cost', message: `it costs about ${cost} there`, data: { cost } }
}
