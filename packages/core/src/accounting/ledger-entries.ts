import type { AttemptInfo, AttemptOutcome } from '../engine/admission.ts'
import type { RequestEnd } from '../engine/request-recorder.ts'
import type { AttemptEntry, RequestEntry } from './ledger-store.ts'
import type { SettledCost } from './settled-cost.ts'

/** What the ledger keeps of an attempt. `at` is when it began, in milliseconds since 1970. */
export function attemptEntry(
  info: AttemptInfo,
  at: number,
  firstTokenMs: number | undefined,
  outcome: Exclude<AttemptOutcome, { readonly type: 'withdrawn' }>,
  settled: SettledCost,
): AttemptEntry {
  const { id, callId, requestId, chain, chains, operation, provider, model, target, attempt, context } = info
  const error = outcome.type === 'completed' ? undefined : outcome.error
  const completed = outcome.type === 'completed' ? outcome : undefined
  return {
    id,
    callId,
    requestId,
    at,
    chain,
    chains,
    operation,
    ...(context.principal !== undefined && { principal: context.principal }),
    tags: context.tags ?? [],
    outcome: outcome.type,
    ...(error && { errorKind: error.kind }),
    ...(error?.status !== undefined && { status: error.status }),
    ...(completed?.reason !== undefined && { finishReason: completed.reason }),
    latencyMs: outcome.durationMs,
    ...(firstTokenMs !== undefined && { firstTokenMs }),
    provider,
    model,
    target,
    attempt,
    ...(completed?.usage && { usage: completed.usage }),
    ...settled,
  }
}

/** What the ledger keeps of a request. `last` is the attempt that ended it, where one did. */
export function requestEntry(
  end: RequestEnd,
  now: number,
  last: AttemptEntry | undefined,
  prompt: string | undefined,
): RequestEntry {
  const { callId, requestId, chain, operation, request, context, target, attempts, outcome, durationMs } = end
  const at = now - durationMs
  return {
    id: callId,
    requestId,
    at,
    chain,
    operation,
    ...(context.principal !== undefined && { principal: context.principal }),
    tags: context.tags ?? [],
    outcome: outcome.type,
    ...('error' in outcome && { errorKind: outcome.error.kind }),
    ...('reason' in outcome && outcome.reason !== undefined && { finishReason: outcome.reason }),
    latencyMs: durationMs,
    ...(last?.firstTokenMs !== undefined && { firstTokenMs: durationMs - last.latencyMs + last.firstTokenMs }),
    model: request.model ?? chain,
    ...(target !== undefined && { target }),
    attempts,
    ...(prompt !== undefined && { prompt }),
  }
}
