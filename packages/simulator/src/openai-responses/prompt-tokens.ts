import { isObject, isSet, type Json } from '../json-value.ts'
import { countTokens } from '../token-count.ts'

const perItem = 3
const perReply = 3
const perImage = { low: 85, high: 765 }
const perFile = 256

/** Tokens of a prompt: its texts, 3 for each item and for the reply, tools and schemas by their JSON, media by kind. */
export function promptTokens(body: Json, items: readonly unknown[]): number {
  let total = perReply
  if (typeof body.instructions === 'string') total += perItem + countTokens(body.instructions)
  for (const item of items) if (isObject(item)) total += perItem + itemTokens(item)
  for (const field of ['tools', 'text']) if (isSet(body[field])) total += countTokens(JSON.stringify(body[field]))
  return total
}

function itemTokens(item: Json): number {
  if (item.type === 'function_call') return countTokens(`${item.name}${item.arguments}`)
  if (item.type === 'function_call_output') return contentTokens(item.output)
  if (item.type === 'reasoning') return countTokens(JSON.stringify(item.summary))
  return item.role === undefined ? countTokens(JSON.stringify(item)) : contentTokens(item.content)
}

function contentTokens(content: unknown): number {
  if (typeof content === 'string') return countTokens(content)
  let total = 0
  for (const part of Array.isArray(content) ? content : []) {
    if (part.type === 'input_image') total += part.detail === 'low' ? perImage.low : perImage.high
    else if (part.type === 'input_file') total += perFile
    else total += countTokens(String(part.text ?? part.refusal ?? ''))
  }
  return total
}
