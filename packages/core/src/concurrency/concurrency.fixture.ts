import type { AttemptInfo } from '../engine/admission.ts'
import { EventHub } from '../events/event-hub.ts'
import type { LimitRefusedEvent } from '../events/event-map.ts'
import { Asked } from '../limits/asked.fixture.ts'
import { attempt } from '../limits/limiter.fixture.ts'
import type { Holding } from '../scope/scope.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { type Concurrency, createConcurrency } from './concurrency.ts'
import type { ConcurrencyDefinition } from './concurrency-definition.ts'

export interface ConcurrencyScene {
  readonly clock: VirtualClock
  readonly concurrency: Concurrency
  readonly refused: readonly LimitRefusedEvent[]
  ask(more?: Partial<AttemptInfo>): Asked
}

export type LimitFields = ConcurrencyDefinition extends infer Definition
  ? Definition extends ConcurrencyDefinition
    ? Omit<Definition, 'name'>
    : never
  : never

/** Limits in virtual time; without holdings all of them hold for all. */
export function concurrencyScene(fields: readonly LimitFields[], holdings?: readonly Holding[]): ConcurrencyScene {
  const clock = new VirtualClock()
  const events = new EventHub()
  const refused: LimitRefusedEvent[] = []
  events.on('limit-refused', event => refused.push(event))
  const limits = fields.map((limit, at) => ({ ...limit, name: `limit${at}` }))
  const all = limits.map(({ name }) => ({ scope: { type: 'all' as const }, name }))
  const concurrency = createConcurrency({ limits, holdings: holdings ?? all, clock, events })
  const ask = (more?: Partial<AttemptInfo>) => new Asked({ limiter: concurrency.step, clock }, attempt(0, more))
  return { clock, concurrency, refused, ask }
}
