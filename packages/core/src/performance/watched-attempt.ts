import { errorRule } from '../contract/error-table.ts'
import type { SwitchyardError } from '../contract/errors.ts'
import type { MessageRequest } from '../contract/request.ts'
import { outputTokens, type Usage } from '../contract/usage.ts'
import type { AdmissionPermit, AttemptInfo, AttemptOutcome, AttemptPace } from '../engine/admission.ts'
import type { RequestWaits } from './request-waits.ts'
import type { Tally } from './tally.ts'
import type { TargetPerformance } from './target-performance.ts'

// a consumer who paused for longer has measured himself
const keptPace = 0.1

/** What one usage cost, in pico-USD, where that is known. */
export type CostOfUsage = (usage: Usage, target: string) => number | undefined

/** One attempt as it is seen from outside. */
export class WatchedAttempt implements AdmissionPermit {
  readonly #seen: TargetPerformance
  readonly #info: AttemptInfo
  readonly #cost: CostOfUsage | undefined
  readonly #wall: () => number
  #startedAt: number
  #firstTokenAt: number | undefined
  #waits: RequestWaits | undefined
  #settled = false

  constructor(
    seen: TargetPerformance,
    info: AttemptInfo,
    now: number,
    wall: () => number,
    cost: CostOfUsage | undefined,
  ) {
    this.#seen = seen
    this.#info = info
    this.#startedAt = now
    this.#wall = wall
    this.#cost = cost
    seen.inFlight++
  }

  sent(waitedMs: number): void {
    this.#startedAt += waitedMs
  }

  firstToken(now: number): void {
    if (this.#firstTokenAt !== undefined) return
    this.#firstTokenAt = now
    const ms = now - this.#startedAt
    this.#each(tally => tally.firstToken.add(ms, now))
    this.#known()?.firstToken.ended(ms, now)
  }

  settle(outcome: AttemptOutcome, now: number): void {
    if (this.#settled) return
    this.#settled = true
    this.#seen.inFlight--
    if (outcome.type === 'withdrawn') return
    const at = this.#wall()
    if (outcome.type === 'completed') this.#completed(outcome.usage, outcome.pace, now, at)
    else this.#unfinished(outcome.type === 'failed', outcome.error, outcome.pace, now, at)
  }

  #completed(usage: Usage | undefined, pace: AttemptPace | undefined, now: number, at: number): void {
    // what is answered in one piece
    if (this.#firstTokenAt === undefined) this.firstToken(now)
    const ms = now - this.#startedAt
    const inPace = (pace?.pausedMs ?? 0) <= ms * keptPace
    const rate = usage && this.#tokensPerSecond(usage, now)
    const cost = usage && this.#cost?.(usage, this.#info.target)
    this.#each(tally => {
      tally.succeeded++
      tally.lastSeenAt = at
      tally.successes.add(1, now)
      if (inPace) tally.latency.add(ms, now)
      if (inPace && rate !== undefined) tally.throughput.add(rate, now)
      if (cost !== undefined) tally.cost.add(cost, now)
    })
    if (pace !== undefined) this.#known()?.idle.ended(pace.longestSilenceMs, now)
  }

  #unfinished(failed: boolean, error: SwitchyardError, pace: AttemptPace | undefined, now: number, at: number): void {
    // a refusal is quick, and says nothing of how long an answer takes
    const gaveUp = this.#firstTokenAt === undefined && (!failed || error.kind === 'timeout')
    const ms = now - this.#startedAt
    const blamed = failed && blames(error)
    this.#each(tally => {
      tally.lastSeenAt = at
      if (blamed) {
        tally.failed++
        tally.successes.add(0, now)
      } else tally.cancelled++
      if (gaveUp) tally.firstToken.addAtLeast(ms, now)
    })
    if (gaveUp) this.#known()?.firstToken.left(ms, now, error.phase === 'first-token')
    else if (pace !== undefined && this.#firstTokenAt !== undefined)
      this.#known()?.idle.left(pace.longestSilenceMs, now, error.phase === 'idle')
  }

  // thinking may have begun long before its first token was shown
  #tokensPerSecond(usage: Usage, now: number): number | undefined {
    const since = usage.output.reasoning > 0 ? this.#startedAt : (this.#firstTokenAt as number)
    const tokens = outputTokens(usage) - 1
    return now > since && tokens > 0 ? (tokens * 1_000) / (now - since) : undefined
  }

  #each(tell: (tally: Tally) => void): void {
    tell(this.#seen.all)
    const { task } = this.#info.context
    if (task !== undefined) tell(this.#seen.task(task))
  }

  #known(): RequestWaits | undefined {
    if (this.#info.operation !== 'message') return undefined
    this.#waits ??= this.#seen.waits(this.#info.request as MessageRequest, this.#wall())
    return this.#waits
  }
}

// no breaker opens for a missing model or right, and still the target does not answer
function blames(error: SwitchyardError): boolean {
  return errorRule(error).health !== 'none' || error.kind === 'not-found' || error.kind === 'permission'
}
