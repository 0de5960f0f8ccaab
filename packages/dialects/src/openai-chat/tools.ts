import type { JsonObject, MessageRequest, Tool } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { listAt, objectAt, optionalBoolean, optionalText, textAt } from '../field-checks.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { checkedName } from '../openai/checked-name.ts'
import { bindUnknown, type RequestReading } from '../openai/request-reading.ts'
import { dialect } from './names.ts'

export type RequestTool = NonNullable<MessageRequest['tools']>[number]

const toolFields = new Set(['type', 'function'])
const functionFields = new Set(['name', 'description', 'parameters', 'strict'])

export function decodeTools(value: unknown, reading: RequestReading): RequestTool[] {
  return listAt(value, 'tools').map((entry, at) => {
    const path = `tools[${at}]`
    const tool = objectAt(entry, path)
    const type = textAt(tool.type, `${path}.type`)
    if (type !== 'function') {
      reading.bound.push(path)
      return { type: 'opaque', origin: dialect, value: tool }
    }
    const rest: JsonDraft = unknownFields(tool, toolFields)
    bindUnknown(reading, rest, toolFields, path)
    return decodeFunction(tool.function, `${path}.function`, rest, reading)
  })
}

/** The legacy `functions`. */
export function decodeFunctions(value: unknown, reading: RequestReading): Tool[] {
  return listAt(value, 'functions').map((entry, at) => decodeFunction(entry, `functions[${at}]`, undefined, reading))
}

function decodeFunction(value: unknown, path: string, rest: JsonDraft | undefined, reading: RequestReading): Tool {
  const declared = objectAt(value, path)
  const name = checkedName(declared.name, `${path}.name`)
  const description = optionalText(declared.description, `${path}.description`)
  const strict = optionalBoolean(declared.strict, `${path}.strict`)
  const parameters = declared.parameters == null ? undefined : objectAt(declared.parameters, `${path}.parameters`)
  const inner = unknownFields(declared, functionFields)
  bindUnknown(reading, inner, functionFields, path)
  const extra = rest ?? {}
  if (Object.keys(inner).length > 0) extra.function = inner
  return {
    name,
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...(strict !== undefined && { strict }),
    ...keepExtra(dialect, extra),
  }
}

export function encodeTools(tools: readonly RequestTool[], dropped: Dropped): JsonObject[] {
  const wire: JsonObject[] = []
  tools.forEach((tool, at) => {
    if (!('type' in tool)) {
      const { function: _, ...extra } = extraOf(tool, dialect)
      wire.push({ ...extra, type: 'function', function: encodeFunction(tool) })
    } else if (tool.origin === dialect) wire.push(tool.value)
    else dropped.add(`tools[${at}]`, `only ${tool.origin} knows this tool`)
  })
  return wire
}

/** The declaration alone, as the legacy `functions` list it. */
export function encodeFunction(tool: Tool): JsonObject {
  const kept = extraOf(tool, dialect).function
  return {
    ...(isObject(kept) && kept),
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    ...(tool.parameters && { parameters: tool.parameters }),
    ...(tool.strict !== undefined && { strict: tool.strict }),
  }
}
