import type { ModelCapabilities } from '../contract/capabilities.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { PerformanceView } from '../performance/performance-view.ts'
import type { Target } from './target.ts'

/** How long each phase of a call may take, in milliseconds. */
export interface Timeouts {
  /** Until the socket is ready. Default 5,000. */
  readonly connectMs: number
  /** From there to the response's headers. Default: within `firstTokenMs`. */
  readonly headersMs?: number
  /** From the attempt's start to its first block, reasoning included. Default 15,000, or what is learned of the target. */
  readonly firstTokenMs: number
  /** Between two reads of a stream. Default 15,000, or what is learned of the target. */
  readonly idleMs: number
  /**
   * Characters in a second, over twice `idleMs`: what comes more slowly ends as long as nothing of it is shown, which is
   * to the end of a whole answer. Pings excuse it. Default 1; 0 for any.
   */
  readonly minThroughput: number
  /** For the whole request, all attempts together; a paused consumer does not use it up. Default 120,000. */
  readonly totalMs: number
  /** How long a consumer may leave a stream unread before it is cancelled. Default 300,000. */
  readonly consumerIdleMs: number
}

export const defaultTimeouts: Timeouts = {
  connectMs: 5_000,
  firstTokenMs: 15_000,
  idleMs: 15_000,
  minThroughput: 1,
  totalMs: 120_000,
  consumerIdleMs: 300_000,
}

// a thinking model says nothing for as long as it thinks
const silenceByEffort: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 0,
  low: 30_000,
  medium: 60_000,
  high: 120_000,
  xhigh: 300_000,
  max: 300_000,
}

/**
 * The wait for a first token: `configured`, lengthened for a model that thinks in silence, by the
 * model's own facts or, where they say nothing, by the effort asked for.
 */
export function firstTokenLimit(configured: number, request: MessageRequest, capabilities: ModelCapabilities): number {
  if (capabilities.reasoning === false) return configured
  const effort = request.reasoningEffort ?? (capabilities.reasoning === true ? 'medium' : 'none')
  const silence = silenceByEffort[effort] ?? 0
  if (silence === 0) return configured
  return Math.max(configured, capabilities.silentReasoningMs ?? silence)
}

/** How long one attempt may be silent. What nobody has set, the target's own history may. */
export function silenceLimits(
  { key, timeouts, firstTokenIsFixed, learns }: Target,
  request: MessageRequest,
  capabilities: ModelCapabilities,
  seen: PerformanceView | undefined,
): Pick<Timeouts, 'firstTokenMs' | 'idleMs'> {
  const learned = learns.firstTokenMs || learns.idleMs ? seen?.learnedLimits(key, request) : undefined
  const firstTokenMs = (learns.firstTokenMs ? learned?.firstTokenMs : undefined) ?? timeouts.firstTokenMs
  return {
    firstTokenMs: firstTokenIsFixed ? firstTokenMs : firstTokenLimit(firstTokenMs, request, capabilities),
    idleMs: (learns.idleMs ? learned?.idleMs : undefined) ?? timeouts.idleMs,
  }
}
