import type {
  AssistantPart,
  JsonObject,
  JsonValue,
  MediaSource,
  Message,
  MessageRequest,
  Tool,
  ToolChoice,
  ToolResultPart,
  UserPart,
} from '@switchyard/core/contract'
import { isObject, isSet, type Json } from '../json-value.ts'

const origin = 'anthropic-messages'

/**
 * What a request that passed the rules asks for: as much as the model's voice and a `reply` function need.
 * Written by hand, and not with our dialect: what is tested by the simulator is not what the simulator is made of.
 */
export function readRequest(body: Json): MessageRequest {
  const system = blocksOf(body.system).map(block => String(block.text))
  const messages = [
    ...(system.length === 0 ? [] : [{ role: 'system', content: system.join('\n') } as const]),
    ...(body.messages as readonly Json[]).flatMap(readMessage),
  ]
  const choice = isObject(body.tool_choice) ? body.tool_choice : undefined
  const format = isObject(body.output_config) ? body.output_config.format : undefined
  const schema = isObject(format) ? (format.schema as JsonObject) : undefined
  return {
    model: String(body.model),
    messages,
    stream: body.stream === true,
    maxOutputTokens: body.max_tokens as number,
    tools: readTools(body.tools),
    ...(choice && { toolChoice: readChoice(choice), parallelToolCalls: choice.disable_parallel_tool_use !== true }),
    ...(isSet(body.stop_sequences) && { stop: body.stop_sequences as readonly string[] }),
    ...(schema && { responseFormat: { type: 'json-schema', name: 'answer', schema } as const }),
  }
}

function readMessage({ role, content }: Json): readonly Message[] {
  const blocks = blocksOf(content)
  if (role === 'assistant') return [{ role, content: blocks.map(readAssistantPart) }]
  if (role === 'system') return [{ role, content: blocks.map(block => String(block.text)).join('') }]
  const results = blocks.filter(block => block.type === 'tool_result').map(readResult)
  const said = blocks.filter(block => block.type !== 'tool_result').map(readUserPart)
  return [
    ...(results.length === 0 ? [] : [{ role: 'tool', content: results } as const]),
    ...(said.length === 0 ? [] : [{ role: 'user', content: said } as const]),
  ]
}

function blocksOf(content: unknown): readonly Json[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return Array.isArray(content) ? content : []
}

function readAssistantPart(block: Json): AssistantPart {
  if (block.type === 'text') return { type: 'text', text: String(block.text) }
  if (block.type === 'thinking') return { type: 'reasoning', text: String(block.thinking), origin }
  if (block.type !== 'tool_use') return opaque(block)
  return { type: 'tool-call', id: String(block.id), name: String(block.name), input: block.input as JsonObject }
}

function readUserPart(block: Json): UserPart {
  if (block.type === 'text') return { type: 'text', text: String(block.text) }
  const source = isObject(block.source) ? readSource(block.source) : undefined
  if (source === undefined || (block.type !== 'image' && block.type !== 'document')) return opaque(block)
  return { type: block.type, source }
}

function readSource(source: Json): MediaSource | undefined {
  if (source.type === 'url') return { type: 'url', url: String(source.url) }
  if (source.type !== 'base64') return undefined
  return { type: 'base64', mediaType: String(source.media_type), data: String(source.data) }
}

function readResult({ tool_use_id, content, is_error }: Json): ToolResultPart {
  const parts = blocksOf(content).map(readUserPart)
  return { type: 'tool-result', callId: String(tool_use_id), content: parts, isError: is_error === true }
}

function opaque(value: Json) {
  return { type: 'opaque', origin, value: value as JsonValue } as const
}

function readTools(tools: unknown): readonly Tool[] {
  const own = (tool: Json) => isObject(tool.input_schema)
  return (Array.isArray(tools) ? tools.filter(own) : []).map(({ name, description, input_schema }) => ({
    name,
    parameters: input_schema,
    ...(isSet(description) && { description }),
  }))
}

function readChoice({ type, name }: Json): ToolChoice {
  if (type === 'tool') return { type, name: String(name) }
  return { type: type === 'any' ? 'required' : type === 'none' ? 'none' : 'auto' }
}
