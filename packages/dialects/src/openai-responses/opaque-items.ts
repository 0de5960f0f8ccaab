import type { JsonObject, JsonValue } from '@switchyard/core/contract'
import { isObject } from '../json.ts'

/** An item of a tool that is not a function, whole; `undefined` for what is none, an event of a stream say. */
export function wholeItem(value: JsonValue): JsonObject | undefined {
  const pieces = Array.isArray(value) ? value : [value]
  const item = pieces.findLast(piece => isObject(piece) && typeof piece.type === 'string' && !isEvent(piece.type))
  return isObject(item) ? item : undefined
}

export function isEvent(type: string): boolean {
  return type.startsWith('response.')
}

const clientCalls = new Set([
  'custom_tool_call',
  'computer_call',
  'local_shell_call',
  'shell_call',
  'apply_patch_call',
  'mcp_approval_request',
])

/** Whether the client has to do something before the answer can go on. */
export function wantsClient(item: JsonObject): boolean {
  return clientCalls.has(String(item.type))
}

const clientItems = new Set(['mcp_approval_response', 'additional_tools', 'compaction_trigger', 'configuration_update'])

/** Whether an item of the input is the client's saying; others are the model's. */
export function isClientItem(type: string): boolean {
  return type.endsWith('_output') || clientItems.has(type)
}
