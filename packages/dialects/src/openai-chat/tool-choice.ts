import type { JsonObject, ToolChoice } from '@switchyard/core/contract'
import { isObject } from '../json.ts'

/** What a wire value says, or `undefined` where only this dialect can say it. */
export function decodeToolChoice(value: unknown): ToolChoice | undefined {
  if (value === 'auto' || value === 'none' || value === 'required') return { type: value }
  if (!isObject(value)) return undefined
  if (value.type === 'function' && isObject(value.function) && typeof value.function.name === 'string')
    return { type: 'tool', name: value.function.name }
  if (value.type !== 'allowed_tools' || !isObject(value.allowed_tools)) return undefined
  const { mode, tools } = value.allowed_tools
  if ((mode !== 'auto' && mode !== 'required') || !Array.isArray(tools)) return undefined
  const names = tools.map(functionName)
  return names.every(name => name !== undefined) ? { type: 'allowed', names, required: mode === 'required' } : undefined
}

/** The legacy `function_call` of a request. */
export function decodeFunctionChoice(value: unknown): ToolChoice | undefined {
  if (value === 'auto' || value === 'none') return { type: value }
  return isObject(value) && typeof value.name === 'string' ? { type: 'tool', name: value.name } : undefined
}

export function encodeToolChoice(choice: ToolChoice): string | JsonObject {
  switch (choice.type) {
    case 'tool':
      return { type: 'function', function: { name: choice.name } }
    case 'allowed':
      return {
        type: 'allowed_tools',
        allowed_tools: {
          mode: choice.required ? 'required' : 'auto',
          tools: choice.names.map(name => ({ type: 'function', function: { name } })),
        },
      }
    default:
      return choice.type
  }
}

/** The choice as the legacy `function_call` says it, which has no word for "one of these" or "any". */
export function encodeFunctionChoice(choice: ToolChoice): string | JsonObject {
  if (choice.type === 'tool') return { name: choice.name }
  return choice.type === 'none' ? 'none' : 'auto'
}

function functionName(tool: unknown): string | undefined {
  if (!isObject(tool) || tool.type !== 'function' || !isObject(tool.function)) return undefined
  return typeof tool.function.name === 'string' ? tool.function.name : undefined
}
