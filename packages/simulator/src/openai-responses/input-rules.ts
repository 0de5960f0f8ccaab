import type { Json } from '../json-value.ts'
import { isObject, isSet } from '../json-value.ts'
import { InvalidRequest, invalidType, invalidValue, listAt, objectAt, onlyFields, stringAt } from '../openai/refusal.ts'
import { neededReasoning } from './item-ids.ts'
import { isOwnReasoning } from './sealed-reasoning.ts'

const contentFields: Readonly<Record<string, readonly string[]>> = {
  input_text: ['type', 'text', 'prompt_cache_breakpoint'],
  input_image: ['type', 'image_url', 'file_id', 'detail', 'prompt_cache_breakpoint'],
  input_file: ['type', 'file_id', 'file_data', 'file_url', 'filename', 'detail', 'prompt_cache_breakpoint'],
  output_text: ['type', 'text', 'annotations', 'logprobs'],
  refusal: ['type', 'refusal'],
}
const partsOf: Readonly<Record<string, readonly string[]>> = {
  user: ['input_text', 'input_image', 'input_file'],
  system: ['input_text', 'input_image', 'input_file'],
  developer: ['input_text', 'input_image', 'input_file'],
  assistant: ['output_text', 'refusal'],
}
const outputParts = ['input_text', 'input_image', 'input_file']

/**
 * The first `kept` items are known to the server already.
 * @throws {InvalidRequest} when an item is malformed, or calls, outputs and reasoning do not match.
 */
export function checkInput(items: readonly unknown[], stateless: boolean, kept: number): void {
  for (const [index, item] of items.slice(kept).entries()) {
    checkItem(objectAt(item, `input[${index}]`), `input[${index}]`, stateless)
  }
  checkCalls(items as readonly Json[])
  checkReasoningOrder(items as readonly Json[])
}

type ItemRule = (item: Json, path: string, stateless: boolean) => void

const itemRules: Readonly<Record<string, ItemRule>> = {
  message: checkMessage,
  function_call: checkCall,
  function_call_output: checkOutput,
  reasoning: checkReasoning,
  item_reference: (item, path, stateless) => {
    throw notFound(stringAt(item.id, `${path}.id`), stateless)
  },
  web_search_call: () => {},
  custom_tool_call: () => {},
  custom_tool_call_output: () => {},
}

function checkItem(item: Json, path: string, stateless: boolean): void {
  const type = item.type === undefined && item.role !== undefined ? 'message' : stringAt(item.type, `${path}.type`)
  const rule = Object.hasOwn(itemRules, type) ? itemRules[type] : undefined
  if (rule === undefined) {
    const supported = Object.keys(itemRules).map(name => `'${name}'`)
    throw invalidValue(`${path}.type`, `Invalid value: '${type}'. Supported values are: ${supported.join(', ')}.`)
  }
  rule(item, path, stateless)
}

function checkMessage(item: Json, path: string): void {
  const role = stringAt(item.role, `${path}.role`)
  const allowed = Object.hasOwn(partsOf, role) ? partsOf[role] : undefined
  if (allowed === undefined) {
    const message = `Invalid value: '${role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.`
    throw invalidValue(`${path}.role`, message)
  }
  onlyFields(item, ['type', 'role', 'content', 'id', 'status', 'phase'], path)
  checkId(item.id, 'msg', path)
  if (typeof item.content === 'string') return
  if (!Array.isArray(item.content)) {
    throw invalidType(`${path}.content`, 'one of an array of objects or string', item.content)
  }
  for (const [index, part] of item.content.entries()) checkPart(part, allowed, `${path}.content[${index}]`)
}

function checkPart(value: unknown, allowed: readonly string[], path: string): void {
  const part = objectAt(value, path)
  const type = stringAt(part.type, `${path}.type`)
  if (!allowed.includes(type)) {
    const supported = allowed.map(name => `'${name}'`).join(', ')
    throw invalidValue(`${path}.type`, `Invalid value: '${type}'. Supported values are: ${supported}.`)
  }
  onlyFields(part, contentFields[type] as readonly string[], path)
  if (type === 'refusal') stringAt(part.refusal, `${path}.refusal`)
  else if (type === 'input_image') checkImage(part, path)
  else if (type === 'input_file') checkFile(part, path)
  else stringAt(part.text, `${path}.text`)
}

function checkImage(part: Json, path: string): void {
  if (typeof part.file_id === 'string' && !isSet(part.image_url)) return
  const url = stringAt(part.image_url, `${path}.image_url`)
  if (!/^(https?:\/\/|data:image\/(png|jpe?g|gif|webp);base64,[A-Za-z0-9+/])/.test(url)) {
    const message = `Invalid '${path}.image_url'. Expected a valid URL, but got a value with an invalid format.`
    throw new InvalidRequest(400, message, `${path}.image_url`, 'invalid_value')
  }
  const { detail } = part
  if (isSet(detail) && !['auto', 'low', 'high', 'original'].includes(detail as string)) {
    const message = `Invalid value: '${detail}'. Supported values are: 'low', 'high', 'auto', and 'original'.`
    throw invalidValue(`${path}.detail`, message)
  }
}

function checkFile(part: Json, path: string): void {
  const sources = [part.file_id, part.file_data, part.file_url].filter(isSet)
  if (sources.length !== 1) {
    const message = `Invalid '${path}': exactly one of 'file_id', 'file_data' and 'file_url' must be provided.`
    throw invalidValue(path, message)
  }
  if (typeof part.file_data === 'string' && !/^data:[\w.+-]+\/[\w.+-]+;base64,[A-Za-z0-9+/]/.test(part.file_data)) {
    const message = `Invalid '${path}.file_data'. Expected a base64-encoded data URL with a MIME type.`
    throw new InvalidRequest(400, message, `${path}.file_data`, 'invalid_value')
  }
}

function checkCall(item: Json, path: string): void {
  onlyFields(item, ['type', 'id', 'call_id', 'name', 'arguments', 'status', 'namespace', 'caller', 'async'], path)
  checkId(item.id, 'fc', path)
  checkCallId(item.call_id, path)
  stringAt(item.name, `${path}.name`)
  stringAt(item.arguments, `${path}.arguments`)
}

function checkOutput(item: Json, path: string): void {
  onlyFields(item, ['type', 'id', 'call_id', 'output', 'status', 'name', 'namespace', 'caller'], path)
  checkCallId(item.call_id, path)
  if (typeof item.output === 'string') return
  const output = listAt(item.output, `${path}.output`)
  for (const [index, part] of output.entries()) checkPart(part, outputParts, `${path}.output[${index}]`)
}

function checkCallId(value: unknown, path: string): void {
  const id = stringAt(value, `${path}.call_id`)
  if (id.length > 0 && id.length <= 64) return
  const short = id.length === 0
  const expected = short ? 'minimum length 1' : 'maximum length 64'
  const message = `Invalid '${path}.call_id': ${short ? 'empty string' : 'string too long'}. Expected a string with ${expected}, but got a string with length ${id.length} instead.`
  const code = short ? 'empty_string' : 'string_above_max_length'
  throw new InvalidRequest(400, message, `${path}.call_id`, code)
}

function checkId(value: unknown, prefix: string, path: string): void {
  if (!isSet(value)) return
  const id = stringAt(value, `${path}.id`)
  if (id.startsWith(prefix)) return
  const message = `Invalid '${path}.id': '${id}'. Expected an ID that begins with '${prefix}'.`
  throw new InvalidRequest(400, message, `${path}.id`, 'invalid_value')
}

function checkReasoning(item: Json, path: string, stateless: boolean): void {
  onlyFields(item, ['type', 'id', 'summary', 'content', 'encrypted_content', 'status'], path)
  const id = stringAt(item.id, `${path}.id`)
  checkId(id, 'rs', path)
  for (const [index, entry] of listAt(item.summary, `${path}.summary`).entries()) {
    const place = `${path}.summary[${index}]`
    const part = objectAt(entry, place)
    onlyFields(part, ['type', 'text'], place)
    if (part.type !== 'summary_text') {
      throw invalidValue(`${place}.type`, `Invalid value: '${part.type}'. Supported values are: 'summary_text'.`)
    }
    stringAt(part.text, `${place}.text`)
  }
  if (!isSet(item.encrypted_content)) throw notFound(id, stateless)
  const sealed = stringAt(item.encrypted_content, `${path}.encrypted_content`)
  if (isOwnReasoning(id, sealed)) return
  const message = `The encrypted content for item ${id} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`
  throw new InvalidRequest(400, message, null, 'invalid_encrypted_content')
}

function notFound(id: string, stateless: boolean): InvalidRequest {
  const cure =
    ' Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.'
  return new InvalidRequest(404, `Item with id '${id}' not found.${stateless ? cure : ''}`, 'input')
}

function checkCalls(items: readonly Json[]): void {
  const open = new Set<unknown>()
  const all = new Set<unknown>()
  for (const item of items) {
    if (item.type === 'function_call') {
      if (all.has(item.call_id)) {
        const message = `Duplicate function call with call_id ${item.call_id}.`
        throw new InvalidRequest(400, message, 'input')
      }
      open.add(item.call_id)
      all.add(item.call_id)
    } else if (item.type === 'function_call_output') {
      if (!all.has(item.call_id)) {
        const message = `No tool call found for function call output with call_id ${item.call_id}.`
        throw new InvalidRequest(400, message, 'input')
      }
      if (!open.delete(item.call_id)) {
        const message = `Duplicate function call output for call_id ${item.call_id}.`
        throw new InvalidRequest(400, message, 'input')
      }
    }
  }
  for (const id of open) throw new InvalidRequest(400, `No tool output found for function call ${id}.`, 'input')
}

const made = ['message', 'function_call', 'web_search_call', 'custom_tool_call', 'reasoning']

function checkReasoningOrder(items: readonly Json[]): void {
  for (const [index, item] of items.entries()) {
    if (item.type === 'reasoning') {
      const next = items[index + 1]
      const type = isObject(next) ? (next.type ?? 'message') : undefined
      const byModel = made.includes(String(type)) && (type !== 'message' || next?.role === 'assistant')
      if (byModel) continue
      const message = `Item '${item.id}' of type 'reasoning' was provided without its required following item.`
      throw new InvalidRequest(400, message, 'input')
    }
    const needed = neededReasoning(item.id)
    if (needed === undefined || items[index - 1]?.id === needed) continue
    const type = item.type ?? 'message'
    const message = `Item '${item.id}' of type '${type}' was provided without its required 'reasoning' item: '${needed}'.`
    throw new InvalidRequest(400, message, 'input')
  }
}
