import type { Target } from '../engine/target.ts'
import { formatMoney, parseMoney } from '../money/money.ts'
import type { Asked } from './asked.ts'
import type { SelectionReason } from './selection-policy.ts'

/** What a request lacks that its target is kept for; `undefined` where it meets all. */
export function unmetCondition(target: Target, asked: Asked): SelectionReason | undefined {
  const { when } = target
  if (when === undefined) return undefined
  const { capabilities, minInputTokens = 0, maxInputTokens, tasks, metadata = {}, maxCost } = when
  if (capabilities !== undefined && !capabilities.some(name => asked.needs(name))) {
    return unmet(`requests that need ${capabilities.join(' or ')}`)
  }
  if (tasks !== undefined && !tasks.includes(asked.task ?? '')) {
    return unmet(`${tasks.join(', ')}, and the task is ${asked.task ?? 'not named'}`)
  }
  const said = ('metadata' in asked.request && asked.request.metadata) || {}
  for (const [name, value] of Object.entries(metadata)) {
    if (said[name] !== value) return unmet(`requests whose metadata say ${name}: ${value}`)
  }
  if (minInputTokens > 0 || maxInputTokens !== undefined) {
    const inputTokens = asked.inputTokens(target)
    const about = `tokens, and this prompt has about ${inputTokens}`
    if (inputTokens < minInputTokens) return unmet(`prompts from ${minInputTokens} ${about}`, { inputTokens })
    if (inputTokens > (maxInputTokens ?? inputTokens))
      return unmet(`prompts up to ${maxInputTokens} ${about}`, { inputTokens })
  }
  if (maxCost === undefined) return undefined
  const expected = asked.estimate(target)?.expected
  if (expected === undefined) return unmet(`what costs ${maxCost} at most, and the price of this is unknown`)
  if (expected <= (parseMoney(maxCost) as bigint)) return undefined
  const cost = formatMoney(expected)
  return unmet(`what costs ${maxCost} at most, and this is about ${cost}`, { cost })
}

function unmet(whatFor: string, data?: SelectionReason['data']): SelectionReason {
  return { code: 'condition', message: `it is kept for ${whatFor}`, ...(data && { data }) }
}
