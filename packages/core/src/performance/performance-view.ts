import type { MessageRequest } from '../contract/request.ts'
import type { AdmissionStep } from '../engine/admission.ts'

/** What was lately seen of targets, as selection, hedging and learned limits read it. Targets are `provider/model`. */
export interface PerformanceView {
  /** Attempts that are on their way. */
  inFlight(target: string): number
  /**
   * How long the first token takes at this quantile (0 to 1), in milliseconds; `undefined` where too little was seen.
   * A wait that was given up counts as long as it was, and longer: a dead target does not look fast. With `'answered'`,
   * where so many were given up that nobody knows, it is how long nearly all took that did answer; and it is rounded up.
   */
  firstTokenMs(target: string, quantile: number, task?: string, of?: WaitsOf): number | undefined
  /** The share of attempts that ended well, from 0 to 1; `undefined` where too little was seen. */
  successRate(target: string, task?: string): number | undefined
  /** Limits for a target that nobody has set any for; `undefined` where too little was seen. */
  learnedLimits(target: string, request: MessageRequest): LearnedLimits | undefined
  /** Sees the attempts: chains put it before each target by themselves. */
  readonly step?: AdmissionStep
}

/** Which waits for a first token are asked about. */
export type WaitsOf = 'all' | 'answered'

/** In milliseconds. */
export interface LearnedLimits {
  readonly firstTokenMs?: number
  readonly idleMs?: number
}
