import type { FinishChunk } from '../contract/chunk.ts'
import type { SwitchyardError } from '../contract/errors.ts'
import type { Usage } from '../contract/usage.ts'
import type { Attempt } from './attempt.ts'
import type { Call } from './call.ts'
import type { EnginePorts } from './ports.ts'
import type { Target } from './target.ts'

// each asks first whether anybody listens: a payload nobody hears is never built

export function attemptStarted(ports: EnginePorts, attempt: Attempt): void {
  if (ports.events.has('attempt-started')) ports.events.emit('attempt-started', about(ports, attempt))
}

export function tokenSeen(ports: EnginePorts, attempt: Attempt, durationMs: number): void {
  if (ports.events.has('first-token')) ports.events.emit('first-token', { ...about(ports, attempt), durationMs })
}

export function attemptFailed(ports: EnginePorts, attempt: Attempt, error: SwitchyardError, durationMs: number): void {
  if (!ports.events.has('attempt-failed')) return
  ports.events.emit('attempt-failed', { ...about(ports, attempt), ...failure(error), durationMs })
}

export function answerFinished(
  ports: EnginePorts,
  attempt: Attempt,
  finish: Pick<FinishChunk, 'reason' | 'usage'>,
  answerUsage: Usage | undefined,
  durationMs: number,
  streamed: boolean,
): void {
  const { reason, usage } = finish
  const { call, target } = attempt
  if (streamed && ports.events.has('stream-completed')) {
    ports.events.emit('stream-completed', { ...about(ports, attempt), reason, durationMs, ...(usage && { usage }) })
  }
  if (!ports.events.has('response-generated')) return
  ports.events.emit('response-generated', {
    at: ports.clock.wall(),
    requestId: call.requestId,
    chain: call.chain,
    target: target.key,
    attempts: call.attempts,
    reason,
    durationMs: ports.clock.monotonic() - call.startedAt,
    ...(answerUsage && { usage: answerUsage }),
  })
}

export function streamFailed(ports: EnginePorts, attempt: Attempt, error: SwitchyardError, durationMs: number): void {
  if (!ports.events.has('stream-failed')) return
  ports.events.emit('stream-failed', { ...about(ports, attempt), ...failure(error), durationMs })
}

export function streamContinued(
  ports: EnginePorts,
  attempt: Attempt,
  from: Target,
  how: 'prefill' | 'regenerate',
  error: SwitchyardError,
  characters: number,
): void {
  if (!ports.events.has('stream-continued')) return
  const reason = error.kind
  ports.events.emit('stream-continued', { ...about(ports, attempt), from: from.key, how, reason, characters })
}

export function retryScheduled(ports: EnginePorts, attempt: Attempt, delayMs: number, error: SwitchyardError): void {
  if (!ports.events.has('retry-scheduled')) return
  ports.events.emit('retry-scheduled', { ...about(ports, attempt), delayMs, reason: error.kind })
}

export function fallbackChosen(
  ports: EnginePorts,
  call: Call,
  from: Target,
  to: Target | undefined,
  error: SwitchyardError,
): void {
  if (to === undefined || !ports.events.has('fallback-chosen')) return
  const { requestId, chain } = call
  const at = ports.clock.wall()
  ports.events.emit('fallback-chosen', { at, requestId, chain, from: from.key, to: to.key, reason: error.kind })
}

export function targetSkipped(ports: EnginePorts, call: Call, target: Target, error: SwitchyardError): void {
  if (!ports.events.has('target-skipped')) return
  const { requestId, chain } = call
  const at = ports.clock.wall()
  ports.events.emit('target-skipped', {
    at,
    requestId,
    chain,
    target: target.key,
    reason: error.kind,
    message: error.message,
  })
}

export function hedgeStarted(ports: EnginePorts, attempt: Attempt, from: Target, afterMs: number): void {
  if (!ports.events.has('hedge-started')) return
  ports.events.emit('hedge-started', { ...about(ports, attempt), from: from.key, afterMs })
}

export function hedgeWon(ports: EnginePorts, winner: Attempt, all: readonly { readonly attempt: Attempt }[]): void {
  if (!ports.events.has('hedge-won')) return
  const over = all.filter(({ attempt }) => attempt !== winner).map(({ attempt }) => attempt.target.key)
  ports.events.emit('hedge-won', { ...about(ports, winner), over })
}

function failure({ kind, message, status, code, phase, retryAfterMs, requestId }: SwitchyardError) {
  return {
    kind,
    message,
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
    ...(phase !== undefined && { phase }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(requestId !== undefined && { providerRequestId: requestId }),
  }
}

function about(ports: EnginePorts, attempt: Attempt) {
  const { call, target } = attempt
  return {
    at: ports.clock.wall(),
    requestId: call.requestId,
    chain: call.chain,
    target: target.key,
    attempt: attempt.ordinal,
  }
}
