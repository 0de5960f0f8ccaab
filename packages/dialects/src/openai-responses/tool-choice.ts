import type { JsonObject, ToolChoice } from '@switchyard/core/contract'
import { fault, kindOf } from '../field-checks.ts'
import { isObject } from '../json.ts'
import type { RequestTool } from './tools.ts'

const cure = 'it must be "none", "auto", "required" or an object such as { "type": "function", "name": ... }.'

/** What a wire value says, or `undefined` where only this dialect can say it. */
export function decodeToolChoice(value: unknown): ToolChoice | undefined {
  if (value === 'auto' || value === 'none' || value === 'required') return { type: value }
  if (!isObject(value)) return undefined
  if (value.type === 'function' && typeof value.name === 'string') return { type: 'tool', name: value.name }
  const { type, mode, tools } = value
  if (type !== 'allowed_tools' || (mode !== 'auto' && mode !== 'required') || !Array.isArray(tools)) return undefined
  const names = tools.map(tool => (isObject(tool) && tool.type === 'function' ? tool.name : undefined))
  return names.every(name => typeof name === 'string')
    ? { type: 'allowed', names, required: mode === 'required' }
    : undefined
}

export function encodeToolChoice(choice: ToolChoice): string | JsonObject {
  switch (choice.type) {
    case 'tool':
      return { type: 'function', name: choice.name }
    case 'allowed':
      return {
        type: 'allowed_tools',
        mode: choice.required ? 'required' : 'auto',
        tools: choice.names.map(name => ({ type: 'function', name })),
      }
    default:
      return choice.type
  }
}

/** @throws {SwitchyardError} where a choice is malformed or names a tool that the request does not declare. */
export function checkToolChoice(value: unknown, tools: readonly RequestTool[]): void {
  const path = 'tool_choice'
  const choice = decodeToolChoice(value)
  if (choice === undefined) {
    if (!isObject(value)) throw fault(path, `is ${typeof value === 'string' ? `"${value}"` : kindOf(value)}; ${cure}`)
    if (typeof value.type !== 'string') throw fault(`${path}.type`, `is missing; ${cure}`)
    if (value.type === 'function') throw fault(`${path}.name`, 'must name a function of tools.')
    return
  }
  const known = new Set(tools.flatMap(tool => ('type' in tool ? [] : [tool.name])))
  const named = choice.type === 'tool' ? [choice.name] : choice.type === 'allowed' ? choice.names : []
  for (const name of named) {
    if (!known.has(name)) throw fault(path, `names the tool "${name}", which is not among the tools of the request.`)
  }
  if (choice.type === 'required' && tools.length === 0)
    throw fault(path, 'is "required", and the request has no tools; send tools with it.')
}
