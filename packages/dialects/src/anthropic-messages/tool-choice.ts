import type { JsonObject, MessageRequest, ModelFacts, ToolChoice } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { extraOf } from '../extra.ts'
import { fault, objectAt, optionalBoolean, textAt } from '../field-checks.ts'
import { isObject, type JsonDraft, sameJson } from '../json.ts'
import { originalOf } from '../original-arrays.ts'
import { dialect } from './names.ts'
import { declaredName, encodeTools, type RequestTool } from './tools.ts'

/** What a choice of the wire says in two fields of a request. */
export type ChosenTools = Pick<MessageRequest, 'toolChoice' | 'parallelToolCalls'>

const kinds: Readonly<Record<string, 'auto' | 'none' | 'required'>> = { auto: 'auto', none: 'none', any: 'required' }

/** @throws {SwitchyardError} where it is malformed, or chooses among no tools. */
export function checkToolChoice(value: unknown, tools: readonly unknown[]): void {
  const choice = objectAt(value, 'tool_choice')
  const type = textAt(choice.type, 'tool_choice.type')
  if (kinds[type] === undefined && type !== 'tool')
    throw fault('tool_choice.type', `is "${type}"; it must be "auto", "any", "tool" or "none".`)
  optionalBoolean(choice.disable_parallel_tool_use, 'tool_choice.disable_parallel_tool_use')
  if (tools.length === 0) throw fault('tool_choice', 'needs tools to choose from; send tools with it.')
  if (type !== 'tool') return
  const name = textAt(choice.name, 'tool_choice.name')
  if (!tools.some(tool => declaredName(tool) === name))
    throw fault('tool_choice.name', `names the tool "${name}", which is not among the tools of the request.`)
}

/** What a checked choice says. */
export function decodeToolChoice(value: unknown): ChosenTools {
  if (!isObject(value)) return {}
  const alone = value.disable_parallel_tool_use
  const type = kinds[String(value.type)]
  return {
    toolChoice: type === undefined ? { type: 'tool', name: String(value.name) } : { type },
    ...(typeof alone === 'boolean' && { parallelToolCalls: !alone }),
  }
}

export function encodeToolChoice({ toolChoice, parallelToolCalls }: ChosenTools): JsonObject | undefined {
  if (toolChoice === undefined && parallelToolCalls === undefined) return undefined
  const choice = encodeChoice(toolChoice)
  if (parallelToolCalls === undefined || choice.type === 'none') return choice
  return { ...choice, disable_parallel_tool_use: !parallelToolCalls }
}

function encodeChoice(choice: ToolChoice | undefined): JsonObject {
  switch (choice?.type) {
    case undefined:
    case 'auto':
      return { type: 'auto' }
    case 'none':
      return { type: 'none' }
    case 'tool':
      return { type: 'tool', name: choice.name }
    case 'required':
      return { type: 'any' }
    case 'allowed':
      return { type: choice.required ? 'any' : 'auto' }
  }
}

/** Whether a choice of the wire makes the model call a tool. */
export function isForced(choice: unknown): boolean {
  return isObject(choice) && (choice.type === 'any' || choice.type === 'tool')
}

/** Puts the tools and their choice into the body: of the tools, those that may be chosen. */
export function addTools(
  given: MessageRequest,
  facts: ModelFacts | undefined,
  body: JsonDraft,
  dropped: Dropped,
): void {
  const { tools } = given
  const request = withoutRefused(given, facts, dropped)
  const kept = extraOf(given, dialect).tool_choice
  if (tools !== undefined) {
    const offered = offeredTools(tools, request.toolChoice)
    const original = offered.length === tools.length ? originalOf(tools, dialect) : undefined
    const places = offered.map(tool => tools.indexOf(tool))
    const wire = original ?? encodeTools(offered, places, dropped)
    if (wire.length > 0) body.tools = wire
  }
  const still = isObject(kept) && sameJson(decodeToolChoice(kept), chosen(request))
  const choice = still ? kept : encodeToolChoice(request)
  if (body.tools === undefined) {
    const { type } = request.toolChoice ?? { type: 'auto' }
    if (type !== 'auto' && type !== 'none') dropped.add('toolChoice', 'there is no tool to choose from')
  } else if (isForced(choice) && facts?.forcedToolChoice === false) {
    dropped.add('toolChoice', 'the model may be asked to call a tool, and never be made to')
    const free = encodeToolChoice({ ...request, toolChoice: { type: 'auto' } })
    if (request.parallelToolCalls !== undefined) body.tool_choice = free
  } else if (choice !== undefined) body.tool_choice = choice
  if (kept === null && body.tool_choice === undefined) body.tool_choice = null
}

function withoutRefused(
  request: MessageRequest,
  facts: ModelFacts | undefined,
  dropped: Dropped,
): ChosenTools & Pick<MessageRequest, 'tools'> {
  const { tools, ...asked } = { tools: request.tools, ...chosen(request) }
  const taken: { -readonly [Key in keyof ChosenTools]: ChosenTools[Key] } = asked
  for (const setting of ['toolChoice', 'parallelToolCalls'] as const) {
    if (taken[setting] === undefined || facts?.capabilities?.[setting] !== false) continue
    delete taken[setting]
    dropped.add(setting, 'the model does not take it')
  }
  return { ...taken, ...(tools && { tools }) }
}

function chosen({ toolChoice, parallelToolCalls }: ChosenTools): ChosenTools {
  return { ...(toolChoice && { toolChoice }), ...(parallelToolCalls !== undefined && { parallelToolCalls }) }
}

// the wire has no word for "one of these"
function offeredTools(tools: readonly RequestTool[], choice: ToolChoice | undefined): readonly RequestTool[] {
  if (choice?.type !== 'allowed') return tools
  return tools.filter(tool => 'name' in tool && choice.names.includes(tool.name))
}
