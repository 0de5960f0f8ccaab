import { isObject, type Json } from '../json-value.ts'
import { countTokens } from '../token-count.ts'

const perMessage = 3
const perReply = 3
const perImage = { low: 85, high: 765 }
const perOtherMedium = 256

/**
 * Tokens of a prompt: its texts, 3 for each message and 3 for the reply as OpenAI's template has, tools and schemas
 * by their JSON, 85 or 765 an image by its detail, 256 another medium.
 */
export function promptTokens(body: Json): number {
  let total = perReply
  for (const message of Array.isArray(body.messages) ? body.messages : []) {
    if (!isObject(message)) continue
    total += perMessage + contentTokens(message.content)
    if (typeof message.name === 'string') total += 1 + countTokens(message.name)
    if (Array.isArray(message.tool_calls)) total += countTokens(JSON.stringify(message.tool_calls))
  }
  for (const field of ['tools', 'functions', 'response_format']) {
    if (body[field] !== undefined && body[field] !== null) total += countTokens(JSON.stringify(body[field]))
  }
  return total
}

function contentTokens(content: unknown): number {
  if (typeof content === 'string') return countTokens(content)
  if (!Array.isArray(content)) return 0
  let total = 0
  for (const part of content) {
    if (!isObject(part)) continue
    if (part.type === 'text') total += countTokens(String(part.text))
    else if (part.type === 'refusal') total += countTokens(String(part.refusal))
    else if (isObject(part.image_url)) total += part.image_url.detail === 'low' ? perImage.low : perImage.high
    else total += perOtherMedium
  }
  return total
}
