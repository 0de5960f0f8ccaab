import type { JsonObject, JsonValue, ModelFacts, ReasoningEffort } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { isObject } from '../json.ts'
import { effortRefusal } from '../refused-settings.ts'

type Level = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH'
const notTaken = 'the model does not take it'
type Asked = 'minimal' | 'low' | 'medium' | 'high'

const nearest: Readonly<Record<ReasoningEffort, Asked>> = {
  none: 'minimal',
  minimal: 'minimal',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
}
const levels: Readonly<Record<Asked, Level>> = { minimal: 'MINIMAL', low: 'LOW', medium: 'MEDIUM', high: 'HIGH' }
// in tokens; no model that counts them takes more than the last for sure
const budgets: Readonly<Record<Asked, number>> = { minimal: 512, low: 1024, medium: 8192, high: 24_576 }

/**
 * The `thinkingConfig` to send: the one that was kept of a request, or that its caller wrote, unless an effort says other
 * or the model does not take it in this form.
 */
export function thinkingFields(
  effort: ReasoningEffort | undefined,
  kept: JsonValue | undefined,
  facts: ModelFacts | undefined,
  dropped: Dropped,
): JsonObject | undefined {
  if (!isObject(kept)) return effort && encodeThinking(effort, facts, dropped)
  if (facts?.capabilities?.reasoning === false) return void dropped.add('reasoningEffort', notTaken)
  const said = decodeThinking(kept)
  const wanted = effort ?? said
  if (wanted === said && isTaken(kept, facts)) return kept
  const { thinkingLevel: _, thinkingBudget: budget, ...others } = kept
  const made = wanted && encodeThinking(wanted, facts, dropped)
  if (made && wanted === said && typeof budget === 'number' && budget > 0)
    dropped.add('reasoningEffort', `the model counts no tokens of thinking; "${wanted}" is asked for instead`)
  const fields = { ...made, ...others }
  return Object.keys(fields).length > 0 ? fields : undefined
}

function isTaken(config: JsonObject, facts: ModelFacts | undefined): boolean {
  if (facts?.thinking === 'effort') return config.thinkingBudget === undefined
  return facts?.thinking !== 'budget' || config.thinkingLevel === undefined
}

/** The `thinkingConfig` of an effort: a level, or a number of tokens where the model wants one. */
function encodeThinking(
  effort: ReasoningEffort,
  facts: ModelFacts | undefined,
  dropped: Dropped,
): JsonObject | undefined {
  const drop = (message: string): undefined => void dropped.add('reasoningEffort', message)
  if (facts?.capabilities?.reasoning === false) return drop(notTaken)
  const budget = facts?.thinking === 'budget'
  const takes = (wanted: ReasoningEffort): boolean => effortRefusal(wanted, facts) === undefined
  if (effort === 'none' && budget && takes('none')) return { thinkingBudget: 0 }
  const asked = effort === 'none' && !takes('minimal') ? 'low' : nearest[effort]
  const refusal = effortRefusal(asked, facts)
  if (refusal !== undefined) return drop(refusal)
  const why = effort === 'none' ? 'thinking cannot be turned off in this model' : 'the model knows no more'
  if (asked !== effort) drop(`${why}; "${asked}" is asked for instead`)
  const thoughts = { includeThoughts: true }
  return budget ? { ...thoughts, thinkingBudget: budgets[asked] } : { ...thoughts, thinkingLevel: levels[asked] }
}

const effortOfLevel: Readonly<Record<string, ReasoningEffort>> = {
  MINIMAL: 'minimal',
  LOW: 'low',
  MEDIUM: 'medium',
  HIGH: 'high',
}

/** The effort nearest to what a `thinkingConfig` asks for; `undefined` where it leaves that to the model. */
export function decodeThinking({ thinkingLevel, thinkingBudget }: JsonObject): ReasoningEffort | undefined {
  if (typeof thinkingLevel === 'string') return effortOfLevel[thinkingLevel]
  if (typeof thinkingBudget !== 'number' || thinkingBudget < 0) return undefined
  if (thinkingBudget === 0) return 'none'
  return (['minimal', 'low', 'medium'] as const).find(effort => thinkingBudget <= budgets[effort]) ?? 'high'
}
