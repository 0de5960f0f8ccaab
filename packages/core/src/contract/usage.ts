import type { JsonValue } from './message.ts'

/** Tokens in disjoint parts: their sum is the total, whatever way the provider counts. */
export interface Usage {
  readonly input: {
    /** Read at full price. */
    readonly uncached: number
    readonly cacheRead: number
    /** Written to the provider's cache, by lifetime (`"5m"`, `"1h"`, `"default"`). */
    readonly cacheWrite: Readonly<Record<string, number>>
  }
  readonly output: {
    /** Everything that is not reasoning: text, tool calls, sound. */
    readonly text: number
    readonly reasoning: number
  }
  /** Other things a provider bills for: searches, tool sessions. */
  readonly units?: Readonly<Record<string, number>>
  /** As the provider said it. */
  readonly raw?: JsonValue
}

/** All tokens of the prompt, cached ones included. */
export function inputTokens(usage: Usage): number {
  let total = usage.input.uncached + usage.input.cacheRead
  for (const lifetime in usage.input.cacheWrite) total += usage.input.cacheWrite[lifetime] ?? 0
  return total
}

/** All tokens of the answer, reasoning included. */
export function outputTokens(usage: Usage): number {
  return usage.output.text + usage.output.reasoning
}

/** What one attempt will appear as on the provider's bill; no `usage` where the provider never said. */
export interface BilledAttempt {
  /** `provider/model`. */
  readonly target: string
  readonly usage?: Usage
  /** What it is charged at, exactly, as `parseMoney` reads it: `"0.00042 USD"`. Absent where nobody keeps accounts. */
  readonly cost?: string
  /** The provider never said what it bills: `cost` is the most that it can be. */
  readonly isBound?: true
}
