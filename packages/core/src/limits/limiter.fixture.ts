import type { AttemptInfo, AttemptOutcome } from '../engine/admission.ts'
import { EventHub } from '../events/event-hub.ts'
import type { LimitRefusedEvent } from '../events/event-map.ts'
import type { Holding } from '../scope/scope.ts'
import { plainUsage } from '../testing/answers.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import type { LimitDefinition } from './limit-definition.ts'
import type { LimitStore } from './limit-store.ts'
import type { TokenEstimate } from './limited-attempt.ts'
import { createLimiter, type Limiter } from './limiter.ts'
import { createMemoryLimits, type MemoryLimits } from './memory-limits.ts'

export interface LimiterScene {
  readonly clock: VirtualClock
  readonly store: MemoryLimits
  readonly limiter: Limiter
  readonly refused: readonly LimitRefusedEvent[]
}

type LimitFields = Partial<LimitDefinition>

interface LimiterSceneOptions {
  readonly holdings?: readonly Holding[]
  /** In place of the memory's answers. */
  readonly through?: (store: MemoryLimits) => LimitStore
}

/** A limiter over limits in memory, in virtual time; limits without a holding hold for all. */
export function limiterScene(limits: readonly LimitFields[], options: LimiterSceneOptions = {}): LimiterScene {
  const clock = new VirtualClock({ monotonic: 600_000 })
  const store = createMemoryLimits({ clock })
  const events = new EventHub()
  const refused: LimitRefusedEvent[] = []
  events.on('limit-refused', event => refused.push(event))
  const definitions = limits.map((limit, at) => ({ name: `limit${at}`, ...limit }))
  const limiter = createLimiter({
    store: options.through?.(store) ?? store,
    limits: definitions,
    holdings: options.holdings ?? definitions.map(({ name }) => ({ scope: { type: 'all' }, name })),
    estimate: info => (info as EstimatedInfo).tokens ?? { expected: 0, most: 0 },
    events,
    clock,
  })
  return { clock, store, limiter, refused }
}

interface EstimatedInfo extends AttemptInfo {
  readonly tokens?: TokenEstimate
}

/** An attempt that is estimated at these tokens. */
export function attempt(tokens: number | TokenEstimate = 0, more: Partial<AttemptInfo> = {}): AttemptInfo {
  const provider = more.provider ?? 'openai'
  const model = more.model ?? 'gpt'
  const info: EstimatedInfo = {
    id: 'call.1',
    callId: 'call',
    requestId: 'request',
    chain: 'chain',
    chains: ['chain'],
    nested: false,
    target: `${provider}/${model}`,
    provider,
    model,
    attempt: 1,
    operation: 'message',
    request: { messages: [] },
    context: {},
    ...more,
    tokens: typeof tokens === 'number' ? { expected: tokens, most: tokens } : tokens,
  }
  return info
}

export function completed(tokens: number): AttemptOutcome {
  return { type: 'completed', usage: plainUsage(tokens, 0), durationMs: 1 }
}
