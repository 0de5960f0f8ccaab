import type { AttemptEntry, RequestEntry, Usage } from '@switchyard/core'
import type { Insertable } from 'kysely'
import type { AttemptTable, RequestTable } from '../schema.ts'

const maxRequestId = 512

/** A request's id as it is kept and looked for: an index takes no text of any length. */
export function keptRequestId(requestId: string): string {
  return storable(requestId.slice(0, maxRequestId))
}

export function attemptRow(entry: AttemptEntry): Insertable<AttemptTable> {
  return {
    ...entryRow(entry),
    call_id: storable(entry.callId),
    chains: json(entry.chains),
    provider: storable(entry.provider),
    model: storable(entry.model),
    target: storable(entry.target),
    attempt: entry.attempt,
    status: entry.status ?? null,
    ...usageColumns(entry.usage),
    cost: entry.cost,
    cost_is: entry.costIs,
    estimate: entry.estimate ?? null,
  }
}

export function requestRow(entry: RequestEntry): Insertable<RequestTable> {
  return {
    ...entryRow(entry),
    model: storableOrNull(entry.model),
    target: storableOrNull(entry.target),
    attempts: entry.attempts,
    prompt: storableOrNull(entry.prompt),
  }
}

function entryRow(entry: AttemptEntry | RequestEntry) {
  return {
    id: storable(entry.id),
    request_id: keptRequestId(entry.requestId),
    at: Math.floor(entry.at),
    chain: storable(entry.chain),
    operation: entry.operation,
    principal: storableOrNull(entry.principal),
    tags: json(entry.tags),
    outcome: entry.outcome,
    error_kind: entry.errorKind ?? null,
    finish_reason: entry.finishReason ?? null,
    latency_ms: entry.latencyMs,
    first_token_ms: entry.firstTokenMs ?? null,
  }
}

function usageColumns(usage: Usage | undefined) {
  const lifetimes = usage && Object.values(usage.input.cacheWrite)
  return {
    input_uncached: usage?.input.uncached ?? null,
    input_cache_read: usage?.input.cacheRead ?? null,
    input_cache_write: lifetimes?.reduce((sum, tokens) => sum + tokens, 0) ?? null,
    cache_write_lifetimes: lifetimes?.length ? json(usage?.input.cacheWrite) : null,
    output_text: usage?.output.text ?? null,
    output_reasoning: usage?.output.reasoning ?? null,
    units: usage?.units ? json(usage.units) : null,
    usage_raw: usage?.raw === undefined ? null : json(usage.raw),
  }
}

/** Text that both databases take: PostgreSQL knows neither NUL nor halves of a character. */
export function storable(text: string): string {
  return text.replace(/\p{Surrogate}|\0/gu, '\ufffd')
}

function storableOrNull(text: string | undefined): string | null {
  return text === undefined ? null : storable(text)
}

function json(value: unknown): string {
  return JSON.stringify(value)
}
