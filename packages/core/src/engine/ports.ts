import type { Clock, Random } from '../clock/clock.ts'
import type { EventHub } from '../events/event-hub.ts'

/** What the engine takes from outside. */
export interface EnginePorts {
  readonly clock: Clock
  readonly random: Random
  readonly events: EventHub
}
