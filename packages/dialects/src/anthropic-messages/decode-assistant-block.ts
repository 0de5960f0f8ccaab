import type { AssistantPart, JsonObject, ReasoningPart, ToolCallPart } from '@switchyard/core/contract'
import { keepExtra, unknownFields } from '../extra.ts'
import { fault, objectAt, textAt } from '../field-checks.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { bindUnknown } from '../openai/request-reading.ts'
import { blockFields, decodeRest, decodeTextBlock, opaqueBlock } from './decode-content.ts'
import type { ConversationReading } from './decode-messages.ts'
import { dialect } from './names.ts'

const thinkingFields = new Set(['type', 'thinking', 'signature'])
const callFields = new Set([...blockFields, 'id', 'name', 'input'])

/** A block of a message of the assistant. */
export function decodeAssistantBlock(value: unknown, path: string, reading: ConversationReading): AssistantPart {
  const block = objectAt(value, path)
  const type = textAt(block.type, `${path}.type`)
  switch (type) {
    case 'text':
      return decodeTextBlock(block, path, reading)
    case 'thinking':
      return decodeThinking(block, path, reading)
    case 'redacted_thinking':
      textAt(block.data, `${path}.data`)
      // other models can do without what nobody can read
      return { type: 'opaque', origin: dialect, value: block }
    case 'tool_use':
      return decodeCall(block, path, reading)
    case 'image':
    case 'tool_result':
      throw fault(`${path}.type`, `may not be "${type}" in a message of the assistant; send it as the user.`)
    default:
      return opaqueBlock(block, path, reading)
  }
}

function decodeThinking(block: JsonObject, path: string, reading: ConversationReading): ReasoningPart {
  const text = textAt(block.thinking, `${path}.thinking`)
  const signature = textAt(block.signature, `${path}.signature`)
  const rest = unknownFields(block, thinkingFields)
  bindUnknown(reading, rest, thinkingFields, path)
  return {
    type: 'reasoning',
    text,
    // a gateway before us has none for what others thought
    ...(signature !== '' && { signature }),
    origin: dialect,
    ...keepExtra(dialect, rest),
  }
}

function decodeCall(block: JsonObject, path: string, reading: ConversationReading): ToolCallPart {
  const wireId = textAt(block.id, `${path}.id`)
  const id = reading.ids.call(wireId, `${path}.id`)
  const name = textAt(block.name, `${path}.name`)
  const { cache, extra = {} } = decodeRest(
    block,
    callFields,
    path,
    reading,
    isDirect(block.caller) ? 'caller' : undefined,
  )
  const rest: JsonDraft = { ...extra[dialect] }
  if (id !== wireId) rest.id = wireId
  return {
    type: 'tool-call',
    id,
    name,
    input: objectAt(block.input, `${path}.input`),
    ...(cache && { cache }),
    ...keepExtra(dialect, rest),
  }
}

/** Whether the model itself made a call, and no program of its server. */
export function isDirect(caller: unknown): boolean {
  return isObject(caller) && caller.type === 'direct'
}
