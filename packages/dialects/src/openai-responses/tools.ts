import type { JsonObject, MessageRequest, Tool } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { listAt, objectAt, optionalBoolean, optionalText, textAt } from '../field-checks.ts'
import { checkedName } from '../openai/checked-name.ts'
import { bindUnknown, type RequestReading } from '../openai/request-reading.ts'
import { dialect } from './names.ts'

export type RequestTool = NonNullable<MessageRequest['tools']>[number]

const functionFields = new Set(['type', 'name', 'description', 'parameters', 'strict'])

export function decodeTools(value: unknown, reading: RequestReading): RequestTool[] {
  return listAt(value, 'tools').map((entry, at) => {
    const path = `tools[${at}]`
    const tool = objectAt(entry, path)
    const type = textAt(tool.type, `${path}.type`)
    if (type === 'function') return decodeFunction(tool, path, reading)
    reading.bound.push(path)
    return { type: 'opaque', origin: dialect, value: tool }
  })
}

function decodeFunction(tool: JsonObject, path: string, reading: RequestReading): Tool {
  const name = checkedName(tool.name, `${path}.name`)
  const description = optionalText(tool.description, `${path}.description`)
  const strict = optionalBoolean(tool.strict, `${path}.strict`)
  const parameters = tool.parameters == null ? undefined : objectAt(tool.parameters, `${path}.parameters`)
  const rest = unknownFields(tool, functionFields)
  bindUnknown(reading, rest, functionFields, path)
  // the server's own defaults are others than ours
  for (const field of ['strict', 'parameters']) if (!(field in tool)) rest[field] = undefined
  if (rest.parameters === null) delete rest.parameters
  return {
    name,
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    // what is not strict here is what says nothing elsewhere
    ...(strict === true && { strict }),
    ...keepExtra(dialect, rest),
  }
}

export function encodeTools(tools: readonly RequestTool[], dropped: Dropped): JsonObject[] {
  const wire: JsonObject[] = []
  tools.forEach((tool, at) => {
    if (!('type' in tool)) wire.push(encodeFunction(tool))
    else if (tool.origin === dialect) wire.push(tool.value)
    else dropped.add(`tools[${at}]`, `only ${tool.origin} knows this tool`)
  })
  return wire
}

function encodeFunction(tool: Tool): JsonObject {
  return {
    parameters: null,
    strict: false,
    ...extraOf(tool, dialect),
    type: 'function',
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    ...(tool.parameters && { parameters: tool.parameters }),
    ...(tool.strict !== undefined && { strict: tool.strict }),
  }
}
