import type { ToolChoice } from '@switchyard/core/contract'
import { fault, kindOf } from '../field-checks.ts'
import { isObject } from '../json.ts'
import type { RequestTool } from './tools.ts'

/** @throws {SwitchyardError} where a choice is malformed or names a tool that the request does not declare. */
export function checkToolChoice(
  value: unknown,
  choice: ToolChoice | undefined,
  tools: readonly RequestTool[] | undefined,
  path: string,
): void {
  if (typeof value === 'string' ? choice === undefined : !isObject(value))
    throw fault(path, `is ${typeof value === 'string' ? `"${value}"` : kindOf(value)}; ${cure(path)}`)
  if (isObject(value) && choice === undefined && path === 'tool_choice') {
    if (typeof value.type !== 'string') throw fault(`${path}.type`, `is missing; ${cure(path)}`)
    if (value.type === 'function') throw fault(`${path}.function.name`, 'must name a function of tools.')
  } else if (choice === undefined) throw fault(path, cure(path))
  if (choice === undefined) return
  const known = new Set((tools ?? []).flatMap(tool => ('type' in tool ? [] : [tool.name])))
  const named = choice.type === 'tool' ? [choice.name] : choice.type === 'allowed' ? choice.names : []
  for (const name of named) {
    if (!known.has(name)) throw fault(path, `names the tool "${name}", which is not among the tools of the request.`)
  }
  if (choice.type === 'required' && (tools ?? []).length === 0)
    throw fault(path, 'is "required", and the request has no tools; send tools with it.')
}

function cure(path: string): string {
  return path === 'function_call'
    ? 'it must be "none", "auto" or { "name": ... }.'
    : 'it must be "none", "auto", "required" or an object such as { "type": "function", "function": { "name": ... } }.'
}
