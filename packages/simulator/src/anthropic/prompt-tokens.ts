import { isObject, type Json } from '../json-value.ts'
import { countTokens } from '../token-count.ts'
import { promptBlocks } from './cache-rules.ts'

const perRequest = 7
const perMessage = 4
const perTool = 16
const perImage = 1_600
const perDocument = 1_500

/**
 * Tokens of a prompt: its texts, 7 for the template and 4 for each message, tools by their JSON and 16 each, 1,600 an
 * image, 1,500 a document that is no text.
 */
export function promptTokens(body: Json): number {
  const messages = Array.isArray(body.messages) ? body.messages.length : 0
  const blocks = promptBlocks(body).reduce((sum, { value }) => sum + blockTokens(value), 0)
  const format = isObject(body.output_config) && isObject(body.output_config.format) ? body.output_config.format : {}
  const schema = format.schema === undefined ? 0 : countTokens(JSON.stringify(format.schema))
  return perRequest + perMessage * messages + blocks + schema
}

/** Tokens of one block of a prompt, or of one tool. */
export function blockTokens(value: unknown): number {
  if (!isObject(value)) return 0
  const { type } = value
  if (type === 'text') return countTokens(String(value.text))
  if (type === 'thinking') return countTokens(String(value.thinking))
  if (type === 'image') return perImage
  if (type === 'document') return documentTokens(value)
  if (type === 'tool_result') return contentTokens(value.content)
  if (type === 'tool_use') return countTokens(String(value.name)) + countTokens(JSON.stringify(value.input))
  const { cache_control: _, ...rest } = value
  return perTool + countTokens(JSON.stringify(rest))
}

function contentTokens(content: unknown): number {
  if (typeof content === 'string') return countTokens(content)
  return Array.isArray(content) ? content.reduce((sum: number, block) => sum + blockTokens(block), 0) : 0
}

function documentTokens({ source }: Json): number {
  return isObject(source) && source.type === 'text' ? countTokens(String(source.data)) : perDocument
}
