import type { FinishReason, MessageChunk } from '../contract/chunk.ts'
import type { ResponsePart } from '../contract/response.ts'

/** Whether an answer that ended by itself calls a tool with arguments that do not parse. */
export function callsBroken(reason: FinishReason, parts: readonly (MessageChunk | ResponsePart)[]): boolean {
  if (reason !== 'tool-calls' && reason !== 'stop') return false
  return parts.some(part => 'invalid' in part && part.invalid !== undefined)
}
