import { isObject, type Json } from '../json-value.ts'
import { countTokens } from '../token-count.ts'

const perMessage = 4
const perReply = 3
const perImage = 768

/** What of a conversation reaches the model. */
export interface PromptWindow {
  readonly tokens: number
  /** Messages that were left out, and not a word said of it. */
  readonly leftOut: number
}

/** Tokens of a prompt: its texts, 4 for each message and 3 for the reply as templates have, 768 an image, its tools. */
export function promptTokens(messages: readonly Json[], tools: unknown): number {
  const declared = Array.isArray(tools) && tools.length > 0 ? countTokens(JSON.stringify(tools)) : 0
  return messages.reduce((sum, message) => sum + messageTokens(message), perReply + declared)
}

function messageTokens({ content, thinking, tool_calls, images }: Json): number {
  const called = Array.isArray(tool_calls) ? countTokens(JSON.stringify(tool_calls)) : 0
  const seen = Array.isArray(images) ? images.length * perImage : 0
  return perMessage + countTokens(String(content ?? '')) + countTokens(String(thinking ?? '')) + called + seen
}

/**
 * As the server does where it is not told otherwise: leaves out the oldest messages until the rest fits, system messages
 * and the last one excepted; what is still too long is cut.
 */
export function promptWindow(messages: readonly Json[], tools: unknown, context: number): PromptWindow {
  for (let first = 0; first < messages.length; first++) {
    const system = messages.slice(0, first).filter(isSystem)
    const tokens = promptTokens([...system, ...messages.slice(first)], tools)
    const isLast = first === messages.length - 1
    if (tokens <= context || isLast) return { tokens: Math.min(tokens, context), leftOut: first - system.length }
  }
  return { tokens: promptTokens([], tools), leftOut: 0 }
}

function isSystem(message: Json): boolean {
  return isObject(message) && String(message.role).toLowerCase() === 'system'
}
