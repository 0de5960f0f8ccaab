import type { JsonObject, JsonValue, ModelFacts, ReasoningEffort } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { fault, objectAt, optionalNumber, optionalText, textAt } from '../field-checks.ts'
import { isObject, sameJson } from '../json.ts'
import { effortRefusal } from '../refused-settings.ts'

const leastBudget = 1024
// tokens, for models that take no word
const budgets: Readonly<Record<Exclude<ReasoningEffort, 'none'>, number>> = {
  minimal: leastBudget,
  low: 2048,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: Number.POSITIVE_INFINITY,
}
// an answer needs room beside its thoughts
const largestShare = 0.8

const efforts: ReadonlySet<unknown> = new Set(['low', 'medium', 'high', 'xhigh', 'max'])
const kinds = ['adaptive', 'enabled', 'disabled', 'between_tools']

/** @throws {SwitchyardError} where `thinking` is malformed, or its budget is no part of the cap. */
export function checkThinking(value: unknown, cap: number | undefined): void {
  if (value === undefined || value === null) return
  const thinking = objectAt(value, 'thinking')
  const type = textAt(thinking.type, 'thinking.type')
  if (!kinds.includes(type)) throw fault('thinking.type', `is "${type}"; it must be ${kinds.join(', ')}.`)
  const display = optionalText(thinking.display, 'thinking.display')
  if (display !== undefined && display !== 'summarized' && display !== 'omitted')
    throw fault('thinking.display', `is "${display}"; it must be "summarized" or "omitted".`)
  if (type !== 'enabled') return
  const budget = optionalNumber(thinking.budget_tokens, 'thinking.budget_tokens', { from: leastBudget, whole: true })
  if (budget === undefined) throw fault('thinking.budget_tokens', 'is missing; say how many tokens may be thought.')
  if (cap !== undefined && budget >= cap)
    throw fault('thinking.budget_tokens', `is ${budget}; it must be less than max_tokens, which is ${cap}.`)
}

/** @throws {SwitchyardError} for a word that the server does not know. */
export function checkEffort(value: unknown): void {
  if (value === undefined || value === null || efforts.has(value)) return
  throw fault('output_config.effort', 'must be "low", "medium", "high", "xhigh" or "max".')
}

/** What checked fields ask for; `undefined` where they leave it to the server. */
export function decodeEffort(thinking: unknown, effort: unknown): ReasoningEffort | undefined {
  const { type, budget_tokens: budget } = isObject(thinking) ? thinking : ({} as JsonObject)
  if (type === 'disabled') return 'none'
  if (efforts.has(effort)) return effort as ReasoningEffort
  // what the server takes where nothing is said
  if (type === 'adaptive') return 'high'
  if (type !== 'enabled') return undefined
  return (Object.keys(budgets) as (keyof typeof budgets)[]).find(word => Number(budget) <= budgets[word])
}

/** The two fields that the wire has for thinking. */
export interface ThinkingFields {
  readonly thinking?: JsonValue
  readonly effort?: JsonValue
}

export interface ThinkingCall {
  readonly facts: ModelFacts | undefined
  readonly cap: number
  /** Why this request can have no thinking that is asked for; absent where it can. */
  readonly obstacle?: string
  /** Why it cannot have a budget. */
  readonly budgetObstacle?: string
}

const shown: JsonObject = { type: 'adaptive', display: 'summarized' }

/**
 * How thinking is asked of a model. What is said in this dialect, by a client or by a caller in `extra`, is sent as it is
 * unless an effort says other or the model does not take it in this form.
 */
export function encodeThinking(
  asked: ReasoningEffort | undefined,
  said: ThinkingFields,
  call: ThinkingCall,
  dropped: Dropped,
): ThinkingFields {
  const saidEffort = decodeEffort(said.thinking, said.effort)
  const effort = asked ?? saidEffort
  if (effort === saidEffort && fits(said, call)) return said
  if (effort === undefined) return {}
  const { facts } = call
  const drop = (message: string): ThinkingFields => {
    dropped.add('reasoningEffort', message)
    return {}
  }
  if (effort === 'none') {
    if (facts?.thinking === 'always') return drop('the model always thinks')
    return facts?.capabilities?.reasoning === false ? {} : { thinking: { type: 'disabled' } }
  }
  if (facts?.capabilities?.reasoning === false) return drop('the model does not think')
  if (facts?.thinking === 'budget') {
    const obstacle = call.obstacle ?? call.budgetObstacle
    return obstacle === undefined ? budgetFor(effort, call.cap, drop) : drop(obstacle)
  }
  const told = word(effort, facts, dropped)
  if (call.obstacle === undefined) return { thinking: shown, ...(told && { effort: told }) }
  if (facts?.thinking === 'always') return told === undefined ? {} : { effort: told }
  return { ...drop(call.obstacle), thinking: { type: 'disabled' } }
}

function fits({ thinking, effort }: ThinkingFields, { facts, cap, obstacle, budgetObstacle }: ThinkingCall): boolean {
  const way = facts?.thinking
  const type = isObject(thinking) ? thinking.type : undefined
  const thinks = type !== undefined && type !== 'disabled'
  if ((thinks || effort != null) && facts?.capabilities?.reasoning === false) return false
  if (thinks && obstacle !== undefined) return false
  if (effort != null && (way === 'budget' || effortRefusal(effort, facts) !== undefined)) return false
  if (type === 'disabled') return way !== 'always'
  if (type === 'enabled') {
    const isLess = isObject(thinking) && Number(thinking.budget_tokens) < cap
    return (way === 'budget' || way === undefined) && isLess && budgetObstacle === undefined
  }
  return !thinks || way !== 'budget'
}

function word(effort: ReasoningEffort, facts: ModelFacts | undefined, dropped: Dropped): string | undefined {
  if (effort === 'minimal') {
    dropped.add('reasoningEffort', 'Anthropic has no word for "minimal"; "low" is asked for instead')
    return 'low'
  }
  const refused = effortRefusal(effort, facts)
  if (refused === undefined) return effort
  dropped.add('reasoningEffort', refused)
  return undefined
}

function budgetFor(
  effort: keyof typeof budgets,
  cap: number,
  drop: (message: string) => ThinkingFields,
): ThinkingFields {
  const budget = Math.max(leastBudget, Math.min(budgets[effort], Math.floor(cap * largestShare)))
  if (budget >= cap) return drop(`thinking takes ${leastBudget} tokens at least, and maxOutputTokens leaves no room`)
  // models that take a budget show their thoughts unasked
  return { thinking: { type: 'enabled', budget_tokens: budget } }
}

/** Whether the server is asked to think. */
export function thinks(thinking: unknown): boolean {
  return isObject(thinking) && thinking.type !== 'disabled'
}

/** Whether these fields are what this dialect says of an effort by itself. */
export function isUsual(thinking: unknown, effort: unknown): boolean {
  if (effort === undefined) return thinking === undefined || sameJson(thinking, { type: 'disabled' })
  return efforts.has(effort) && sameJson(thinking, shown)
}
