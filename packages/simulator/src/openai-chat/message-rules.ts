import { isObject, type Json } from '../json-value.ts'
import { InvalidRequest, invalidType, invalidValue, listAt, objectAt, onlyFields, stringAt } from '../openai/refusal.ts'

const fields: Readonly<Record<string, readonly string[]>> = {
  system: ['role', 'content', 'name'],
  developer: ['role', 'content', 'name'],
  user: ['role', 'content', 'name'],
  assistant: ['role', 'content', 'name', 'refusal', 'tool_calls', 'function_call', 'audio', 'annotations'],
  tool: ['role', 'content', 'tool_call_id'],
  function: ['role', 'content', 'name'],
}

const parts: Readonly<Record<string, readonly string[]>> = {
  system: ['text'],
  developer: ['text'],
  tool: ['text'],
  function: ['text'],
  assistant: ['text', 'refusal'],
  user: ['text', 'image_url', 'input_audio', 'file'],
}

/** @throws {InvalidRequest} when a message is malformed, or calls and results do not match. */
export function checkMessages(value: unknown): void {
  const messages = listAt(value, 'messages')
  if (messages.length === 0) {
    const message =
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead."
    throw new InvalidRequest(400, message, 'messages', 'empty_array')
  }
  for (const [index, message] of messages.entries()) checkMessage(message, `messages[${index}]`)
  checkToolResults(messages as readonly Json[])
}

function checkMessage(value: unknown, path: string): void {
  const message = objectAt(value, path)
  const role = stringAt(message.role, `${path}.role`)
  const known = Object.hasOwn(fields, role) ? fields[role] : undefined
  if (known === undefined) {
    const supported = Object.keys(fields).map(name => `'${name}'`)
    throw invalidValue(`${path}.role`, `Invalid value: '${role}'. Supported values are: ${supported.join(', ')}.`)
  }
  onlyFields(message, known, path)
  if (message.name !== undefined && !/^[^\s<|\\/>]+$/.test(stringAt(message.name, `${path}.name`))) {
    throw new InvalidRequest(
      400,
      `Invalid '${path}.name': string does not match pattern.`,
      `${path}.name`,
      'invalid_value',
    )
  }
  if (role === 'assistant') {
    if (message.tool_calls !== undefined) checkToolCalls(message.tool_calls, `${path}.tool_calls`)
    const empty = message.content === undefined || message.content === null
    const other = message.tool_calls ?? message.function_call ?? message.refusal ?? message.audio
    if (empty && other !== undefined && other !== null) return
  }
  if (role === 'tool') stringAt(message.tool_call_id, `${path}.tool_call_id`)
  checkContent(message.content, parts[role] as readonly string[], `${path}.content`)
}

function checkContent(value: unknown, allowed: readonly string[], path: string): void {
  if (typeof value === 'string') return
  if (!Array.isArray(value)) throw invalidType(path, 'one of a string or array of objects', value)
  if (value.length === 0) {
    throw new InvalidRequest(
      400,
      `Invalid '${path}': empty array. Expected an array with minimum length 1.`,
      path,
      'empty_array',
    )
  }
  for (const [index, item] of value.entries()) checkPart(item, allowed, `${path}[${index}]`)
}

function checkPart(value: unknown, allowed: readonly string[], path: string): void {
  const part = objectAt(value, path)
  const type = stringAt(part.type, `${path}.type`)
  if (!allowed.includes(type)) {
    const supported = allowed.map(name => `'${name}'`).join(', ')
    throw invalidValue(`${path}.type`, `Invalid value: '${type}'. Supported values are: ${supported}.`)
  }
  onlyFields(part, ['type', type], path)
  if (type === 'text' || type === 'refusal') stringAt(part[type], `${path}.${type}`)
  else checkMedia(type, objectAt(part[type], `${path}.${type}`), `${path}.${type}`)
}

function checkMedia(type: string, media: Json, path: string): void {
  if (type === 'image_url') {
    onlyFields(media, ['url', 'detail'], path)
    const url = stringAt(media.url, `${path}.url`)
    if (!/^(https?:\/\/|data:image\/(png|jpe?g|gif|webp);base64,[A-Za-z0-9+/])/.test(url)) {
      throw new InvalidRequest(400, `Invalid image URL: '${url.slice(0, 40)}'.`, `${path}.url`, 'invalid_image_url')
    }
    const detail = media.detail
    if (detail !== undefined && !['auto', 'low', 'high', 'original'].includes(detail as string)) {
      throw invalidValue(
        `${path}.detail`,
        `Invalid value: '${detail}'. Supported values are: 'low', 'high', 'auto' and 'original'.`,
      )
    }
  }
  if (type === 'input_audio') {
    onlyFields(media, ['data', 'format'], path)
    stringAt(media.data, `${path}.data`)
    const format = stringAt(media.format, `${path}.format`)
    if (!['wav', 'mp3'].includes(format)) {
      throw invalidValue(`${path}.format`, `Invalid value: '${format}'. Supported values are: 'wav' and 'mp3'.`)
    }
  }
  if (type === 'file') {
    onlyFields(media, ['file_data', 'file_id', 'filename'], path)
    const data = stringAt(media.file_id ?? media.file_data, `${path}.file_id`)
    if (media.file_id === undefined && !/^data:[\w.+-]+\/[\w.+-]+;base64,[A-Za-z0-9+/]/.test(data)) {
      const message = `Invalid '${path}.file_data': expected a data URL with base64 data, but got '${data.slice(0, 40)}'.`
      throw invalidValue(`${path}.file_data`, message)
    }
  }
}

function checkToolCalls(value: unknown, path: string): void {
  const calls = listAt(value, path)
  if (calls.length === 0) {
    const message = `Invalid '${path}': empty array. Expected an array with minimum length 1, but got an empty array instead.`
    throw new InvalidRequest(400, message, path, 'empty_array')
  }
  for (const [index, item] of calls.entries()) {
    const at = `${path}[${index}]`
    const call = objectAt(item, at)
    onlyFields(call, ['id', 'type', 'function', 'custom'], at)
    const id = stringAt(call.id, `${at}.id`)
    if (id.length > 40) {
      const message = `Invalid '${at}.id': string too long. Expected a string with maximum length 40, but got a string with length ${id.length} instead.`
      throw new InvalidRequest(400, message, `${at}.id`, 'string_above_max_length')
    }
    stringAt(call.type, `${at}.type`)
    if (call.type === 'custom') continue
    const called = objectAt(call.function, `${at}.function`)
    onlyFields(called, ['name', 'arguments'], `${at}.function`)
    stringAt(called.name, `${at}.function.name`)
    stringAt(called.arguments, `${at}.function.arguments`)
  }
}

function checkToolResults(messages: readonly Json[]): void {
  let open: string[] = []
  let answered: string[] = []
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      const id = message.tool_call_id as string
      if (answered.includes(id)) {
        throw new InvalidRequest(
          400,
          `Duplicate value for 'tool_call_id' of '${id}' in 'messages'.`,
          `messages[${index}].tool_call_id`,
        )
      }
      if (!open.includes(id)) {
        const message =
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
        throw new InvalidRequest(400, message, `messages.[${index}].role`)
      }
      open = open.filter(other => other !== id)
      answered.push(id)
      continue
    }
    if (open.length > 0) throw unanswered(open, index)
    answered = []
    const calls = Array.isArray(message.tool_calls) ? message.tool_calls : []
    open = calls.filter(isObject).map(call => call.id as string)
  }
  if (open.length > 0) throw unanswered(open, messages.length)
}

function unanswered(ids: readonly string[], index: number): InvalidRequest {
  const message = `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids.join(', ')}`
  return new InvalidRequest(400, message, `messages.[${index}].role`)
}
