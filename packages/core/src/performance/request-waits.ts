import { defaultTimeouts } from '../engine/timeouts.ts'
import { LearnedWait, type WaitBounds } from './learned-wait.ts'
import type { LearnedLimits } from './performance-view.ts'
import type { SketchSnapshot } from './quantile-sketch.ts'

// short enough to matter, long enough for a burst of requests; text may pause longer than it takes to begin
const firstTokenBounds: WaitBounds = { usual: defaultTimeouts.firstTokenMs, least: 5_000, most: 60_000 }
const idleBounds: WaitBounds = { usual: defaultTimeouts.idleMs, least: 10_000, most: 60_000 }

export interface WaitsSnapshot {
  readonly firstToken: SketchSnapshot
  readonly idle: SketchSnapshot
}

/** The silences of one target at one class of requests. */
export class RequestWaits {
  readonly firstToken = new LearnedWait()
  /** The longest silence within an answer. */
  readonly idle = new LearnedWait()
  /** Milliseconds since 1970. */
  lastSeenAt = 0

  limits(now: number): LearnedLimits | undefined {
    const firstTokenMs = this.firstToken.limit(now, firstTokenBounds)
    const idleMs = this.idle.limit(now, idleBounds)
    if (firstTokenMs === undefined && idleMs === undefined) return undefined
    return { ...(firstTokenMs !== undefined && { firstTokenMs }), ...(idleMs !== undefined && { idleMs }) }
  }

  snapshot(now: number): WaitsSnapshot {
    return { firstToken: this.firstToken.snapshot(now), idle: this.idle.snapshot(now) }
  }

  restore(snapshot: WaitsSnapshot, agedMs: number, now: number): void {
    this.firstToken.restore(snapshot.firstToken, agedMs, now)
    this.idle.restore(snapshot.idle, agedMs, now)
  }
}
