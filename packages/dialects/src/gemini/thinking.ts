import type { JsonObject, ModelFacts, ReasoningEffort } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { effortRefusal } from '../refused-settings.ts'

type Level = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH'

const levels: Readonly<Record<ReasoningEffort, Level>> = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
}

// in tokens; no model that counts them takes more than the last for sure
const budgets: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 512,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 24_576,
  max: 24_576,
}

/** The `thinkingConfig` of an effort: a level, or a number of tokens where the model wants one. */
export function encodeThinking(
  effort: ReasoningEffort,
  facts: ModelFacts | undefined,
  dropped: Dropped,
): JsonObject | undefined {
  const drop = (message: string): undefined => void dropped.add('reasoningEffort', message)
  if (facts?.capabilities?.reasoning === false) return drop('the model does not take it')
  const refusal = effortRefusal(effort, facts)
  if (refusal !== undefined) return drop(refusal)
  const budget = facts?.thinking === 'budget'
  if (effort === 'none') {
    if (budget) return { thinkingBudget: 0 }
    drop('thinking cannot be turned off in this model; it is asked to think as little as it can')
  } else if (effort === 'xhigh' || effort === 'max')
    drop('the model knows no more than "high", which is asked for instead')
  const thoughts = { includeThoughts: true }
  return budget ? { ...thoughts, thinkingBudget: budgets[effort] } : { ...thoughts, thinkingLevel: levels[effort] }
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
  const near = (['none', 'minimal', 'low', 'medium'] as const).find(effort => thinkingBudget <= budgets[effort])
  return near ?? 'high'
}
