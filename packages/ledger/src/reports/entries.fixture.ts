import type { AttemptEntry, ErrorKind, RequestEntry } from '@switchyard/core'
import fc from 'fast-check'

let lastId = 0

export function attempt(entry: Partial<AttemptEntry> = {}): AttemptEntry {
  const id = `attempt-${++lastId}`
  const target = entry.target ?? 'openai/gpt'
  const slash = target.indexOf('/')
  return {
    id,
    requestId: 'request',
    callId: 'call',
    at: 0,
    chain: 'fast',
    chains: ['fast'],
    operation: 'message',
    tags: [],
    outcome: 'completed',
    latencyMs: 100,
    provider: target.slice(0, slash),
    model: target.slice(slash + 1),
    target,
    attempt: 1,
    cost: 1_000_000_000n,
    costIs: 'bill',
    ...entry,
  }
}

export function request(entry: Partial<RequestEntry> = {}): RequestEntry {
  return {
    id: `call-${++lastId}`,
    requestId: 'request',
    at: 0,
    chain: 'fast',
    operation: 'message',
    tags: [],
    outcome: 'completed',
    latencyMs: 120,
    attempts: 1,
    ...entry,
  }
}

const errorKinds: readonly ErrorKind[] = ['timeout', 'overloaded', 'rate-limit']
const chainPaths = [['fast'], ['slow'], ['fast', 'inner'], ['slow', 'inner']]

const quarterMs = 900_000
const busyMoments = ['2025-10-26T01:00Z', '2025-10-31T23:00Z', '2025-12-31T18:30Z', '2026-01-01T00:00Z'].map(Date.parse)

/** Few hours, so that entries and questions meet in them: where clocks change, and where months and years end. */
export const busyMoment: fc.Arbitrary<number> = fc
  .tuple(
    fc.constantFrom(...busyMoments),
    fc.oneof(
      fc.integer({ min: -8, max: 8 }).map(quarters => quarters * quarterMs),
      fc.integer({ min: -8 * quarterMs, max: 8 * quarterMs }),
    ),
    fc.constantFrom(0, 0, -1, 1),
  )
  .map(([moment, by, rest]) => moment + by + rest)

/** Entries of any kind. */
export function anyEntry(): fc.Arbitrary<AttemptEntry | RequestEntry> {
  const common = {
    at: busyMoment,
    principal: fc.constantFrom(undefined, 'web', 'cron', 'it"s'),
    tags: fc.subarray(['night', 'batch', 'a,b'], { minLength: 0 }),
    operation: fc.constantFrom('message' as const, 'embed' as const),
    latencyMs: fc.double({ min: 0, max: 100_000, noNaN: true }),
    firstTokenMs: fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined }),
    end: fc.constantFrom('completed' as const, 'failed' as const, 'cancelled' as const),
    error: fc.constantFrom(...errorKinds),
    target: fc.constantFrom('openai/gpt', 'openai/gpt-mini', 'anthropic/claude', 'groq/openai/oss'),
  }
  const anyAttempt = fc
    .record({
      ...common,
      chains: fc.constantFrom(...chainPaths),
      cost: fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 13n }), fc.bigInt({ min: 2n ** 62n, max: 2n ** 63n - 1n })),
      costIs: fc.constantFrom('bill' as const, 'bound' as const, 'nothing' as const, 'unknown' as const),
      tokens: fc.option(fc.tuple(fc.nat(9_999), fc.nat(9_999), fc.nat(9_999), fc.nat(9_999)), { nil: undefined }),
      lifetime: fc.constantFrom('5m', '1h'),
    })
    .map(({ end, error, tokens, lifetime, principal, firstTokenMs, ...rest }) =>
      attempt({
        ...rest,
        ...(principal !== undefined && { principal }),
        ...(firstTokenMs !== undefined && { firstTokenMs }),
        chain: rest.chains.at(-1) as string,
        outcome: end,
        ...(end !== 'completed' && { errorKind: error }),
        ...(rest.costIs !== 'bill' && { estimate: rest.cost / 3n }),
        ...(tokens && {
          usage: {
            input: { uncached: tokens[0], cacheRead: tokens[1], cacheWrite: { [lifetime]: tokens[2] } },
            output: { text: tokens[3], reasoning: 7 },
          },
        }),
      }),
    )
  const anyRequest = fc
    .record({ ...common, chain: fc.constantFrom('fast', 'slow') })
    .map(({ end, error, principal, firstTokenMs, target, ...rest }) =>
      request({
        ...rest,
        ...(principal !== undefined && { principal }),
        ...(firstTokenMs !== undefined && { firstTokenMs }),
        outcome: end,
        ...(end === 'completed' ? { target } : { errorKind: error }),
      }),
    )
  return fc.oneof(anyAttempt, anyRequest)
}

export function isAttempt(entry: AttemptEntry | RequestEntry): entry is AttemptEntry {
  return 'callId' in entry
}
