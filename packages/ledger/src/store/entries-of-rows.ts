import type { AttemptEntry, RequestEntry, Usage } from '@switchyard/core'
import type { AttemptRow, RequestRow } from '../schema.ts'

export function attemptEntry(row: AttemptRow): AttemptEntry {
  const usage = usageOf(row)
  return {
    ...entryOf(row),
    callId: row.call_id,
    chains: JSON.parse(row.chains),
    provider: row.provider,
    model: row.model,
    target: row.target,
    attempt: Number(row.attempt),
    ...(row.status !== null && { status: Number(row.status) }),
    ...(usage && { usage }),
    cost: row.cost,
    costIs: row.cost_is as AttemptEntry['costIs'],
    ...(row.estimate !== null && { estimate: row.estimate }),
  }
}

export function requestEntry(row: RequestRow): RequestEntry {
  return {
    ...entryOf(row),
    ...(row.model !== null && { model: row.model }),
    ...(row.target !== null && { target: row.target }),
    attempts: Number(row.attempts),
    ...(row.prompt !== null && { prompt: row.prompt }),
  }
}

function entryOf(row: AttemptRow | RequestRow) {
  return {
    id: row.id,
    requestId: row.request_id,
    at: Number(row.at),
    chain: row.chain,
    operation: row.operation as RequestEntry['operation'],
    ...(row.principal !== null && { principal: row.principal }),
    tags: JSON.parse(row.tags) as readonly string[],
    outcome: row.outcome as RequestEntry['outcome'],
    ...(row.error_kind !== null && { errorKind: row.error_kind as NonNullable<RequestEntry['errorKind']> }),
    ...(row.finish_reason !== null && { finishReason: row.finish_reason as NonNullable<RequestEntry['finishReason']> }),
    latencyMs: row.latency_ms,
    ...(row.first_token_ms !== null && { firstTokenMs: row.first_token_ms }),
  }
}

function usageOf(row: AttemptRow): Usage | undefined {
  if (row.input_uncached === null) return undefined
  return {
    input: {
      uncached: Number(row.input_uncached),
      cacheRead: Number(row.input_cache_read),
      cacheWrite: row.cache_write_lifetimes === null ? {} : JSON.parse(row.cache_write_lifetimes),
    },
    output: { text: Number(row.output_text), reasoning: Number(row.output_reasoning) },
    ...(row.units !== null && { units: JSON.parse(row.units) }),
    ...(row.usage_raw !== null && { raw: JSON.parse(row.usage_raw) }),
  }
}
