import { isSwitchyardError, SwitchyardError } from '../contract/errors.ts'
import type { Attempt } from './attempt.ts'
import { targetSkipped } from './attempt-events.ts'
import { attemptRecord, attemptRecords } from './attempt-record.ts'
import type { Call } from './call.ts'
import type { EnginePorts } from './ports.ts'
import type { Leg } from './route.ts'
import type { Target } from './target.ts'

// what a call has tried, kept for its answer and its errors

export function recordFailure({ call, target }: Attempt, error: SwitchyardError, durationMs: number): void {
  call.failed.push(...attemptRecords(target, error, durationMs))
}

/** Nothing was sent to it. */
export function recordSkip(ports: EnginePorts, call: Call, target: Target, error: SwitchyardError): void {
  call.failed.push(attemptRecord(target, error, { sent: false }))
  targetSkipped(ports, call, target, error)
}

export function recordPassedOver(ports: EnginePorts, call: Call, { passedOver }: Leg): void {
  for (const { target, reason, error } of passedOver) {
    const kind = reason.code === 'context-length' ? reason.code : 'unsupported'
    const refused = error ?? new SwitchyardError(kind, `${target.key} was passed over: ${reason.message}.`)
    recordSkip(ports, call, target, refused)
  }
}

/** What ends a call, with all that it has tried. */
export async function withTried(call: Call, error: unknown): Promise<unknown> {
  const { failed } = call
  if (!isSwitchyardError(error) || failed.length === 0) return error
  await call.settling
  const recorded = new Set(failed)
  const attempts = [...failed, ...error.attempts.filter(attempt => !recorded.has(attempt))]
  return error.with({ attempts, ...(call.billed.length > 0 && { billed: call.billed }) })
}
