import { thinkingTokens } from '../accepted-request.ts'
import { isObject, isSet, type Json } from '../json-value.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import { InvalidRequest, integerAt, objectAt, onlyFields, wordAt } from './refusal.ts'

const fields: Readonly<Record<string, readonly string[]>> = {
  adaptive: ['type', 'display'],
  enabled: ['type', 'budget_tokens', 'display'],
  disabled: ['type'],
  between_tools: ['type'],
}

/** @throws {InvalidRequest} when thinking is asked for in a way that the model does not take. */
export function checkThinking(body: Json, model: SimulatedModel): void {
  if (!isSet(body.thinking)) return
  const thinking = objectAt(body.thinking, 'thinking')
  const type = wordAt(thinking.type, Object.keys(fields), 'thinking.type')
  onlyFields(thinking, fields[type] as readonly string[], `thinking.${type}`)
  if (isSet(thinking.display)) wordAt(thinking.display, ['summarized', 'omitted'], `thinking.${type}.display`)
  const way = model.thinking ?? (model.reasoning === true ? 'always' : undefined)
  if (type === 'disabled' && way === 'always') throw unsupported('disabled')
  if (type === 'disabled') return
  if (model.reasoning === undefined || model.reasoning === false) {
    throw new InvalidRequest(
      '',
      `${type === 'enabled' ? 'extended' : 'adaptive'} thinking is not supported on this model`,
    )
  }
  if (way === 'budget' && type !== 'enabled') throw unsupported(type)
  if (type !== 'enabled') return
  const cure = ' Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
  if (way === 'effort' || way === 'always') throw unsupported('enabled', cure)
  const budget = integerAt(thinking.budget_tokens, 1_024, 'thinking.enabled.budget_tokens')
  if (typeof body.max_tokens === 'number' && budget >= body.max_tokens) {
    throw new InvalidRequest('', '`max_tokens` must be greater than `thinking.budget_tokens`.')
  }
}

function unsupported(type: string, cure = ''): InvalidRequest {
  return new InvalidRequest('', `"thinking.type.${type}" is not supported for this model.${cure}`)
}

/** How much is thought about a request, and whether it is shown. */
export function thinkingOf(body: Json, model: SimulatedModel): { readonly tokens: number; readonly omitted: boolean } {
  const always = model.thinking === 'always' || (model.thinking === undefined && model.reasoning === true)
  const asked = isObject(body.thinking) ? body.thinking : { type: always ? 'adaptive' : 'disabled' }
  const omitted = isSet(asked.display) ? asked.display === 'omitted' : always
  const thinks = asked.type === 'between_tools' ? endsWithResults(body.messages) : asked.type !== 'disabled'
  if (!thinks) return { tokens: 0, omitted }
  const config = isObject(body.output_config) ? body.output_config : {}
  return { tokens: thinkingTokens(typeof config.effort === 'string' ? config.effort : 'medium'), omitted }
}

function endsWithResults(messages: unknown): boolean {
  const last = Array.isArray(messages) ? messages.at(-1)?.content : undefined
  return Array.isArray(last) && last.some(block => block.type === 'tool_result')
}
