import type { ToolCallInput } from '@switchyard/core/contract'
import { isObject } from './json.ts'

/** The arguments of a call as its input, or why they are not one. No text at all means no arguments. */
export function parseToolArguments(text: string): ToolCallInput {
  if (text.trim() === '') return { input: {} }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { invalid: { text, reason: 'the arguments are not JSON' } }
  }
  if (!isObject(value)) return { invalid: { text, reason: 'the arguments are not a JSON object' } }
  return { input: value }
}

/** As `parseToolArguments`, for a call that a limit may have cut. */
export function parseCutToolArguments(text: string): ToolCallInput {
  // a JSON object that parses is whole: nothing can follow its last brace
  const parsed = text.trim() === '' ? undefined : parseToolArguments(text)
  return parsed?.input !== undefined ? parsed : { invalid: { text, reason: 'the output limit cut the arguments' } }
}

/** The arguments as the wire's text. */
export function toolArgumentsText(call: ToolCallInput): string {
  return call.invalid === undefined ? JSON.stringify(call.input) : call.invalid.text
}
