import type { JsonValue, ModelFacts, ReasoningEffort } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { fault, kindOf } from '../field-checks.ts'
import { effortRefusal } from '../refused-settings.ts'

const levels: ReadonlySet<unknown> = new Set(['low', 'medium', 'high', 'max'])

const thinksNot = 'the model does not think'

// for efforts that the wire has no word for
const nearest: Partial<Record<ReasoningEffort, string>> = { minimal: 'low', xhigh: 'high' }

/** `think` as an effort: plain `true` means as much as `medium`. */
export function decodeThink(value: unknown): ReasoningEffort | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'boolean') return value ? 'medium' : 'none'
  if (levels.has(value)) return value as ReasoningEffort
  const said = typeof value === 'string' ? `"${value}"` : kindOf(value)
  throw fault('think', `is ${said}; it must be true, false, "low", "medium", "high" or "max".`)
}

/**
 * `think` for a model: without an effort what the caller says in `extra`. A model that is known to take no levels is
 * told to think or not to; `undefined` leaves it to the server.
 */
export function encodeThink(
  effort: ReasoningEffort | undefined,
  kept: JsonValue | undefined,
  facts: ModelFacts | undefined,
  dropped: Dropped,
): JsonValue | undefined {
  const drop = (message: string): void => dropped.add('reasoningEffort', message)
  if (effort === undefined) {
    const asks = kept !== undefined && kept !== null && kept !== false
    return asks && facts?.capabilities?.reasoning === false ? (drop(thinksNot) as undefined) : kept
  }
  if (effort === 'none') {
    if (facts?.thinking === 'always') return drop('the model always thinks') as undefined
    return facts?.capabilities?.reasoning === false && kept === undefined ? undefined : false
  }
  if (facts?.capabilities?.reasoning === false) return drop(thinksNot) as undefined
  if (kept === true && effort === 'medium') return true
  const taken = facts?.reasoningEfforts
  if (taken !== undefined && !taken.some(word => levels.has(word))) {
    drop(`the model thinks or does not, and takes no "${effort}"; it is asked to think`)
    return true
  }
  const refused = effortRefusal(effort, facts)
  if (refused !== undefined) return drop(refused) as undefined
  const level = nearest[effort]
  if (level === undefined) return effort
  drop(`Ollama has no word for "${effort}"; "${level}" is asked for instead`)
  return level
}
