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
    attempt: count(entry.attempt),
    status: count(entry.status),
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
    attempts: count(entry.attempts),
    prompt: storableOrNull(entry.prompt),
  }
}

function entryRow(entry: AttemptEntry | RequestEntry) {
  return {
    id: storable(entry.id),
    request_id: keptRequestId(entry.requestId),
    at: count(entry.at),
    chain: storable(entry.chain),
    operation: entry.operation,
    principal: storableOrNull(entry.principal),
    tags: json(entry.tags.map(storable)),
    outcome: entry.outcome,
    error_kind: entry.errorKind ?? null,
    finish_reason: entry.finishReason ?? null,
    latency_ms: Number.isFinite(entry.latencyMs) ? entry.latencyMs : 0,
    first_token_ms: Number.isFinite(entry.firstTokenMs) ? entry.firstTokenMs : null,
  }
}

function usageColumns(usage: Usage | undefined) {
  const lifetimes = usage && Object.values(usage.input.cacheWrite)
  return {
    input_uncached: count(usage?.input.uncached),
    input_cache_read: count(usage?.input.cacheRead),
    input_cache_write: count(lifetimes?.reduce((sum, tokens) => sum + tokens, 0)),
    cache_write_lifetimes: lifetimes?.length ? json(usage?.input.cacheWrite) : null,
    output_text: count(usage?.output.text),
    output_reasoning: count(usage?.output.reasoning),
    units: usage?.units ? json(usage.units) : null,
    usage_raw: rawUsage(usage?.raw),
  }
}

// providers count in whole numbers, or say nonsense, which must not keep a record from being kept
function count(value: number): number
function count(value: number | undefined): number | null
function count(value: number | undefined): number | null {
  if (value === undefined) return null
  return Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, Math.round(value) || 0))
}

/** Text that both databases take: PostgreSQL knows neither NUL nor halves of a character. */
export function storable(text: string): string {
  return text.replace(/\p{Surrogate}|\0/gu, '\ufffd')
}

function storableOrNull(text: string | undefined): string | null {
  return text === undefined ? null : storable(text)
}

// whatever a provider's own code put there must not keep a record from being kept
function rawUsage(raw: unknown): string | null {
  try {
    return json(raw) ?? null
  } catch {
    return null
  }
}

function json(value: unknown): string {
  return JSON.stringify(value)
}
