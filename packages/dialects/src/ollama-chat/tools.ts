import type { JsonObject, MessageRequest, ModelFacts, ToolChoice } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { fault, listAt, objectAt, optionalText, textAt } from '../field-checks.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { originalOf } from '../original-arrays.ts'
import { dialect } from './names.ts'

type RequestTool = NonNullable<MessageRequest['tools']>[number]

const toolFields = new Set(['type', 'function'])
const functionFields = new Set(['name', 'description', 'parameters'])

// templates go through the properties, and fail where there are none to go through
const noParameters: JsonObject = { type: 'object', properties: {} }

export function decodeTools(value: unknown): RequestTool[] {
  return listAt(value, 'tools').map((entry, at) => {
    const path = `tools[${at}]`
    const tool = objectAt(entry, path)
    const type = optionalText(tool.type, `${path}.type`) ?? ''
    const declared = objectAt(tool.function, `${path}.function`)
    const name = textAt(declared.name, `${path}.function.name`)
    if (name === '') throw fault(`${path}.function.name`, 'is empty; name the function.')
    const description = optionalText(declared.description, `${path}.function.description`)
    const parameters =
      declared.parameters == null ? undefined : objectAt(declared.parameters, `${path}.function.parameters`)
    const rest: JsonDraft = unknownFields(tool, toolFields)
    if (type !== 'function') rest.type = tool.type
    const inner = unknownFields(declared, functionFields)
    delete inner.parameters
    for (const _ in inner) rest.function = inner
    return {
      name,
      ...(description !== undefined && { description }),
      ...(parameters && { parameters }),
      ...keepExtra(dialect, rest),
    }
  })
}

/** The tools to send: the wire has no word for a choice, and can only be offered fewer of them. */
export function encodeTools(
  { tools = [], toolChoice, parallelToolCalls }: MessageRequest,
  facts: ModelFacts | undefined,
  dropped: Dropped,
): readonly unknown[] {
  const offered = chosen(tools, toolChoice, dropped)
  if (offered.length === 0) return []
  if (facts?.capabilities?.tools === false) {
    dropped.add('tools', 'the model does not take tools')
    return []
  }
  if (parallelToolCalls === false)
    dropped.add('parallelToolCalls', 'Ollama cannot keep a model from several calls at once')
  const original = offered === tools ? originalOf(tools, dialect) : undefined
  if (original !== undefined) return original
  return offered.flatMap(tool => encodeTool(tool, `tools[${tools.indexOf(tool)}]`, dropped))
}

function chosen(
  tools: readonly RequestTool[],
  choice: ToolChoice | undefined,
  dropped: Dropped,
): readonly RequestTool[] {
  if (choice === undefined || choice.type === 'auto') return tools
  if (choice.type === 'none') return []
  const isFree = choice.type === 'allowed' && !choice.required
  if (tools.length === 0) dropped.add('toolChoice', 'there is no tool to choose from')
  else if (!isFree) dropped.add('toolChoice', 'Ollama cannot make a model call a tool')
  const names = 'names' in choice ? choice.names : 'name' in choice ? [choice.name] : undefined
  return names === undefined ? tools : tools.filter(tool => 'name' in tool && names.includes(tool.name))
}

function encodeTool(tool: RequestTool, path: string, dropped: Dropped): JsonObject[] {
  if ('type' in tool) {
    if (tool.origin === dialect) return [tool.value]
    dropped.add(path, `only ${tool.origin} knows this tool`)
    return []
  }
  if (tool.strict) dropped.add(`${path}.strict`, 'Ollama cannot hold arguments to their schema')
  const { function: inner, ...extra } = extraOf(tool, dialect)
  return [
    {
      type: 'function',
      ...extra,
      function: {
        ...(isObject(inner) && inner),
        name: tool.name,
        ...(tool.description !== undefined && { description: tool.description }),
        parameters: tool.parameters ?? noParameters,
      },
    },
  ]
}
