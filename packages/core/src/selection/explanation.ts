import type { PriceEstimate } from '../accounting/pricing.ts'
import type { CallContext } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { Operation } from '../engine/operation.ts'
import type { EnginePorts } from '../engine/ports.ts'
import type { Leg } from '../engine/route.ts'
import type { Target } from '../engine/target.ts'
import type { Hedger } from '../hedging/hedge-policy.ts'
import { formatMoney } from '../money/money.ts'
import type { Asked } from './asked.ts'
import type { ChainPlan, PlannedCost, PlannedTarget } from './chain-plan.ts'
import type { Decision, Planner } from './planner.ts'
import { rankReasons } from './rank-reasons.ts'

/** A chain that can be asked what it would do. */
interface Explaining {
  explain(request: MessageRequest, context?: CallContext): ChainPlan
}

/** What is decided about one request, in words and numbers. */
export class Explanation {
  readonly #planner: Planner
  readonly #ports: EnginePorts
  readonly #operation: Operation<unknown>
  readonly #context: CallContext
  readonly #hedger: Hedger | undefined
  readonly #asked: Asked

  constructor(
    planner: Planner,
    ports: EnginePorts,
    operation: Operation<unknown>,
    context: CallContext,
    request: MessageRequest,
    hedger: Hedger | undefined,
  ) {
    this.#planner = planner
    this.#ports = ports
    this.#operation = operation
    this.#context = context
    this.#hedger = hedger
    this.#asked = planner.asked(request, context, operation)
  }

  lists(): Pick<ChainPlan, 'targets' | 'onContextLength' | 'onContentFilter'> {
    const { onContextLength, onContentFilter } = this.#planner.lists
    const decision = this.#planner.decide(this.#asked, this.#operation)
    return {
      targets: this.#targets(decision),
      ...(onContextLength && { onContextLength: this.#list(onContextLength) }),
      ...(onContentFilter && { onContentFilter: this.#list(onContentFilter) }),
    }
  }

  #list(list: Leg): readonly PlannedTarget[] {
    return this.#targets({ ...this.#planner.able(list, this.#asked, this.#operation), list })
  }

  #targets(decision: Decision): readonly PlannedTarget[] {
    const now = this.#ports.clock.monotonic()
    const { targets, passedOver } = decision
    const planned = targets.map((target, at) => {
      const reasons = rankReasons(decision, target, now)
      return this.#target(
        { target: target.key, rank: at + 1, reasons, weight: target.weight },
        target,
        now,
        at + 1 < targets.length,
      )
    })
    for (const { target, reason } of passedOver) {
      planned.push(this.#target({ target: target.key, reasons: [reason], weight: target.weight }, target, now, false))
    }
    return planned
  }

  #target(planned: Mutable<PlannedTarget>, target: Target, now: number, isFollowed: boolean): PlannedTarget {
    const { key, breaker, provider, models } = target
    if (breaker !== undefined) {
      const retryAfterMs = target.retryAfterMs(now)
      const { state } = breaker
      planned.circuit = retryAfterMs > 0 && Number.isFinite(retryAfterMs) ? { state, retryAfterMs } : { state }
    }
    const seen = this.#ports.performance
    if (seen !== undefined) {
      const { task } = this.#asked
      const [model = key] = models
      planned.inFlight = models.reduce((sum, each) => sum + seen.inFlight(each), 0)
      const p50 = seen.firstTokenMs(model, 0.5, task)
      const p95 = p50 === undefined ? undefined : seen.firstTokenMs(model, 0.95, task)
      if (p50 !== undefined && p95 !== undefined) planned.firstTokenMs = { p50, p95 }
      const successRate = seen.successRate(model, task)
      if (successRate !== undefined) planned.successRate = successRate
    }
    const hedgeAfterMs = isFollowed ? this.#hedger?.waitMs(target, this.#asked.task) : undefined
    if (hedgeAfterMs !== undefined) planned.hedgeAfterMs = hedgeAfterMs
    const estimate = this.#asked.estimate(target)
    if (estimate !== undefined) planned.cost = cost(estimate)
    if (breaker === undefined) {
      const nested = this.#operation.requestFor(target) as MessageRequest
      planned.plan = (provider as unknown as Explaining).explain(nested, this.#context)
    }
    return planned
  }
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

function cost({ expected, bound, unbounded }: PriceEstimate): PlannedCost {
  return {
    ...(expected !== undefined && { expected: formatMoney(expected) }),
    ...(bound === undefined ? { unbounded } : { bound: formatMoney(bound) }),
  }
}
