import { SwitchyardError } from '../contract/errors.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { AdmissionPermit, AttemptInfo, AttemptOutcome } from '../engine/admission.ts'
import { plainUsage } from '../testing/answers.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { createPerformance, type Performance, type PerformanceOptions } from './performance.ts'

export const ask: MessageRequest = { messages: [{ role: 'user', content: 'Hello?' }] }

/** Performance records in virtual time, and attempts to fill them with. */
export class SeenScene {
  readonly clock = new VirtualClock()
  readonly performance: Performance

  constructor(options: Omit<PerformanceOptions, 'clock'> = {}) {
    this.performance = createPerformance({ ...options, clock: this.clock })
  }

  begin(more: Partial<AttemptInfo> = {}): AdmissionPermit {
    const info: AttemptInfo = {
      id: 'call.1',
      callId: 'call',
      requestId: 'request',
      chain: 'chain',
      chains: ['chain'],
      nested: false,
      target: 'a/m',
      provider: 'a',
      model: 'm',
      attempt: 1,
      operation: 'message',
      request: ask,
      context: {},
      ...more,
    }
    return this.performance.step.admit(info, this.clock.monotonic()) as AdmissionPermit
  }

  /** An answer that begins after so long and then goes on, with silences of at most that long. */
  async answers(firstTokenMs: number, more: Partial<AttemptInfo> = {}, { restMs = 1_000, silenceMs = 50 } = {}) {
    const permit = this.begin(more)
    await this.clock.advance(firstTokenMs)
    permit.firstToken?.(this.clock.monotonic())
    await this.clock.advance(restMs)
    const pace = { longestSilenceMs: silenceMs, pausedMs: 0 }
    const outcome = { type: 'completed', durationMs: firstTokenMs + restMs, usage: plainUsage(10, 101), pace } as const
    permit.settle(outcome, this.clock.monotonic())
  }

  /** No first token comes, and the wait is given up after so long. */
  async timesOut(afterMs: number, more: Partial<AttemptInfo> = {}) {
    const permit = this.begin(more)
    await this.clock.advance(afterMs)
    permit.settle(failed('timeout', { phase: 'first-token' }, afterMs), this.clock.monotonic())
  }

  /** Its caller leaves before anything came. */
  async isLeft(afterMs: number, more: Partial<AttemptInfo> = {}) {
    const permit = this.begin(more)
    await this.clock.advance(afterMs)
    const error = new SwitchyardError('aborted', 'The call was aborted by the caller.')
    permit.settle({ type: 'cancelled', error, bill: 'unknown', durationMs: afterMs }, this.clock.monotonic())
  }

  async refuses(kind: SwitchyardError['kind'], afterMs = 20) {
    const permit = this.begin()
    await this.clock.advance(afterMs)
    permit.settle(failed(kind, {}, afterMs), this.clock.monotonic())
  }
}

export function failed(
  kind: SwitchyardError['kind'],
  details: ConstructorParameters<typeof SwitchyardError>[2],
  durationMs: number,
): AttemptOutcome {
  return { type: 'failed', error: new SwitchyardError(kind, 'It failed.', details), bill: 'unknown', durationMs }
}

export async function times(count: number, what: () => Promise<void>): Promise<void> {
  for (let at = 0; at < count; at++) await what()
}
