import { isObject, type Json } from '../json-value.ts'
import { countTokens } from '../token-count.ts'

const perTurn = 2
const perMedium = 258

/**
 * Tokens of a prompt: its texts, 2 for each turn, 258 for each medium as Gemini counts an image, calls, results, tools
 * and schemas by their JSON.
 */
export function promptTokens(body: Json): number {
  let total = isObject(body.systemInstruction) ? turnTokens(body.systemInstruction) : 0
  for (const content of Array.isArray(body.contents) ? body.contents : []) total += turnTokens(content as Json)
  if (body.tools !== undefined) total += countTokens(JSON.stringify(body.tools))
  const config = isObject(body.generationConfig) ? body.generationConfig : {}
  const schema = config.responseJsonSchema ?? config.responseSchema
  return schema === undefined ? total : total + countTokens(JSON.stringify(schema))
}

function turnTokens({ parts }: Json): number {
  return (parts as readonly Json[]).reduce((sum, part) => sum + partTokens(part), perTurn)
}

function partTokens(part: Json): number {
  if (typeof part.text === 'string') return countTokens(part.text)
  if (part.inlineData !== undefined || part.fileData !== undefined) return perMedium
  const { thoughtSignature: _, ...rest } = part
  return countTokens(JSON.stringify(rest))
}
