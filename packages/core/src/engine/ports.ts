import type { Clock, Random } from '../clock/clock.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { PerformanceView } from '../performance/performance-view.ts'

/** What the engine takes from outside. */
export interface EnginePorts {
  readonly clock: Clock
  readonly random: Random
  readonly events: EventHub
  readonly performance?: PerformanceView
}
