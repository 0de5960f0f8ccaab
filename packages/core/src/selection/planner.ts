import type { Pricing } from '../accounting/pricing.ts'
import type { ErrorKind } from '../contract/error-table.ts'
import type { SwitchyardError } from '../contract/errors.ts'
import type { CallContext } from '../contract/provider.ts'
import { ableTargets } from '../engine/able-targets.ts'
import type { Call } from '../engine/call.ts'
import type { Operation } from '../engine/operation.ts'
import type { EnginePorts } from '../engine/ports.ts'
import type { Leg, Route } from '../engine/route.ts'
import type { Target } from '../engine/target.ts'
import { Affinity } from './affinity.ts'
import { Asked } from './asked.ts'
import { targetsSelected } from './selection-events.ts'
import type { Selection, SelectionPolicy, TargetSelector } from './selection-policy.ts'
import type { StickyOptions } from './sticky-options.ts'
import { unmetCondition } from './unmet-condition.ts'

type Request = Asked['request']

/** The lists of a chain. */
export interface TargetLists {
  readonly targets: Leg
  readonly onContextLength: Leg | undefined
  readonly onContentFilter: Leg | undefined
}

export interface PlannerOptions {
  readonly select?: SelectionPolicy | undefined
  readonly sticky?: boolean | StickyOptions | undefined
  readonly pricing?: Pick<Pricing, 'estimate'> | undefined
}

/** Where a request goes, and why; nothing has happened yet. */
export interface Decision extends Leg {
  /** Which list it is. */
  readonly list: Leg
  /** What the policy said of those that may be asked now. */
  readonly selection?: Selection | undefined
  /** Where it belongs. */
  readonly home?: Target | undefined
}

/** Decides for each request where it goes: the one place, for those that are sent and those that are explained. */
export class Planner {
  readonly lists: TargetLists
  readonly policy: string
  readonly #ports: EnginePorts
  readonly #selector: TargetSelector | undefined
  readonly #pricing: Pick<Pricing, 'estimate'> | undefined
  readonly #affinity: Affinity | undefined
  readonly #conditional: boolean

  constructor(lists: TargetLists, ports: EnginePorts, { select, sticky, pricing }: PlannerOptions) {
    this.lists = lists
    this.policy = select?.name ?? 'priority'
    this.#ports = ports
    this.#pricing = pricing
    this.#selector = select?.selector({ ...ports, ...(pricing && { pricing }) })
    if (sticky !== false && lists.targets.targets.length > 1) this.#affinity = new Affinity(ports.clock, sticky)
    this.#conditional = [lists.targets, lists.onContextLength, lists.onContentFilter].some(list =>
      list?.targets.some(target => target.when !== undefined),
    )
  }

  /** Where a request that is sent goes. */
  route(call: Call, request: Request, operation: Operation<unknown>): Route {
    const asked = this.asked(request, call.context, operation)
    const decision = this.decide(asked, operation)
    const { targets, home, selection } = decision
    if (home === undefined) selection?.taken?.()
    const [first] = targets
    // who only counts tokens warms no cache
    if (first !== undefined && operation.name === 'message') this.answered(request, call.context, first)
    targetsSelected(this.#ports, call, this.policy, decision)
    const { onContextLength, onContentFilter } = this.lists
    if (onContextLength === undefined && onContentFilter === undefined) return decision
    return { ...decision, after: this.#after(decision.list, asked, operation) }
  }

  /** An answer came from a target, and named a tool call. */
  answered(request: Request, context: CallContext, target: Target, toolCall?: string): void {
    this.#affinity?.bind(request, context, target, toolCall)
  }

  asked(request: Request, context: CallContext, operation: Operation<unknown>): Asked {
    return new Asked(request, context, operation, this.#ports.clock, this.#pricing)
  }

  /** Changes nothing. */
  decide(asked: Asked, operation: Operation<unknown>): Decision {
    const { lists } = this
    const able = this.able(lists.targets, asked, operation)
    if (able.targets.length === 0 && able.passedOver.some(({ reason }) => reason.code === 'context-length')) {
      const instead = lists.onContextLength && this.able(lists.onContextLength, asked, operation)
      if (instead !== undefined && instead.targets.length > 0) {
        const passedOver = [...able.passedOver, ...instead.passedOver]
        return { targets: instead.targets, passedOver, list: lists.onContextLength as Leg }
      }
    }
    return this.#ranked(able, asked, operation)
  }

  able(list: Leg, asked: Asked, operation: Operation<unknown>): Leg {
    return ableTargets(list, operation, this.#conditional ? target => unmetCondition(target, asked) : undefined)
  }

  #ranked({ targets, passedOver }: Leg, asked: Asked, operation: Operation<unknown>): Decision {
    const list = this.lists.targets
    if (targets.length < 2 || operation.name === 'count-tokens') return { targets, passedOver, list }
    const now = this.#ports.clock.monotonic()
    let order = targets
    let selection: Selection | undefined
    if (this.#selector !== undefined) {
      const well = targets.filter(target => target.retryAfterMs(now) === 0)
      selection = this.#selector.select(well.length > 0 ? well : targets, asked)
      order = selection.order as readonly Target[]
      if (order.length < targets.length) order = [...order, ...targets.filter(target => !well.includes(target))]
    }
    const home = this.#affinity?.targetOf(asked.request, asked.context)
    if (home === undefined || !targets.includes(home) || home.retryAfterMs(now) > 0) {
      return { targets: order, passedOver, list, selection }
    }
    if (home !== order[0]) order = [home, ...order.filter(target => target !== home)]
    return { targets: order, passedOver, list, selection, home }
  }

  #after(list: Leg, asked: Asked, operation: Operation<unknown>): Route['after'] {
    const { onContextLength, onContentFilter } = this.lists
    // each list takes the place of others once
    const taken = new Set([list])
    const said = new Map<SwitchyardError, Leg | undefined>()
    const after = (error: SwitchyardError, left: readonly Target[]): Leg | undefined => {
      const filtered = says(error, 'content-filter')
      const instead = filtered ? onContentFilter : says(error, 'context-length') ? onContextLength : undefined
      if (instead === undefined) return undefined
      const seen = taken.has(instead)
      if (seen && !filtered) return undefined
      taken.add(instead)
      const leg = seen ? { targets: left, passedOver: [] } : this.able(instead, asked, operation)
      return leg.targets.length > 0 ? leg : undefined
    }
    return (error, left) => {
      if (!said.has(error)) said.set(error, after(error, left))
      return said.get(error)
    }
  }
}

// or one of a nested chain's attempts did
function says(error: SwitchyardError, kind: ErrorKind): boolean {
  return error.kind === kind || (error.kind === 'exhausted' && error.attempts.some(attempt => attempt.kind === kind))
}
