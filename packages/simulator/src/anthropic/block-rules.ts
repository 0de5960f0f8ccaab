import { isSet, type Json } from '../json-value.ts'
import { checkCacheControl } from './cache-rules.ts'
import { checkDocumentSource, checkImageSource } from './media-rules.ts'
import {
  InvalidRequest,
  listAt,
  objectAt,
  onlyFields,
  optionalBoolean,
  optionalString,
  stringAt,
  wordAt,
} from './refusal.ts'
import { isOwnThinking } from './thinking-signature.ts'

/** Where a block stands, and who reads it. */
export interface BlockReading {
  readonly role: 'user' | 'assistant' | 'system' | 'tool_result'
  readonly model: string
  /** The version of the API: `2026-10-21`. */
  readonly version: string
}

const fields: Readonly<Record<string, readonly string[]>> = {
  text: ['type', 'text', 'cache_control', 'citations'],
  image: ['type', 'source', 'cache_control', 'transformations'],
  document: ['type', 'source', 'cache_control', 'citations', 'context', 'title'],
  search_result: ['type', 'content', 'source', 'title', 'cache_control', 'citations'],
  tool_use: ['type', 'id', 'name', 'input', 'cache_control', 'caller', 'toolset_name'],
  tool_result: ['type', 'tool_use_id', 'content', 'is_error', 'cache_control', 'toolset_name'],
  thinking: ['type', 'thinking', 'signature'],
  redacted_thinking: ['type', 'data'],
}

// what servers made themselves comes back as it was, and nobody looks at it again
const serverBlocks = [
  'server_tool_use web_search_tool_result web_fetch_tool_result code_execution_tool_result container_upload',
  'bash_code_execution_tool_result text_editor_code_execution_tool_result tool_search_tool_result',
]
  .join(' ')
  .split(' ')

const allowed: Readonly<Record<BlockReading['role'], readonly string[]>> = {
  system: ['text'],
  tool_result: ['text', 'image', 'document', 'search_result'],
  user: ['text', 'image', 'document', 'search_result', 'tool_result', ...serverBlocks],
  assistant: ['text', 'document', 'thinking', 'redacted_thinking', 'tool_use', ...serverBlocks],
}

/** @throws {InvalidRequest} when a block is malformed, or may not stand where it does. */
export function checkBlock(value: unknown, path: string, reading: BlockReading): void {
  const block = objectAt(value, path)
  const type = stringAt(block.type, `${path}.type`)
  const strict = reading.version !== '2023-06-01'
  const misplaced = strict && reading.role === 'assistant' && type === 'document'
  if (misplaced || !allowed[reading.role].includes(type)) {
    const expected = allowed[reading.role].filter(
      name => !(strict && name === 'document' && reading.role === 'assistant'),
    )
    const message = `Input tag '${type}' found using 'type' does not match any of the expected tags: ${expected.map(name => `'${name}'`).join(', ')}`
    throw new InvalidRequest(path, message)
  }
  const known = fields[type]
  if (known === undefined) return
  const at = `${path}.${type}`
  onlyFields(block, known, at)
  checkCacheControl(block.cache_control, at)
  checkFields[type]?.(block, at, reading)
}

function checkText(text: string, path: string): void {
  if (text === '') throw new InvalidRequest(path, 'text content blocks must be non-empty')
  if (text.trim() === '') throw new InvalidRequest(path, 'text content blocks must contain non-whitespace text')
}

type FieldCheck = (block: Json, path: string, reading: BlockReading) => void

const checkFields: Readonly<Record<string, FieldCheck>> = {
  text: (block, path, { role, version }) => {
    checkText(stringAt(block.text, `${path}.text`), 'messages')
    if (role === 'user' && version !== '2023-06-01' && isSet(block.citations)) {
      throw new InvalidRequest(`${path}.citations`, 'Extra inputs are not permitted')
    }
  },
  image: (block, path) => checkImageSource(block.source, `${path}.source`),
  document: (block, path) => {
    checkDocumentSource(block.source, `${path}.source`)
    optionalString(block.title, `${path}.title`)
    optionalString(block.context, `${path}.context`)
  },
  search_result: (block, path) => {
    listAt(block.content, `${path}.content`)
    stringAt(block.source, `${path}.source`)
    stringAt(block.title, `${path}.title`)
  },
  tool_use: (block, path) => {
    checkId(block.id, `${path}.id`)
    stringAt(block.name, `${path}.name`)
    objectAt(block.input, `${path}.input`)
  },
  tool_result: (block, path, reading) => {
    checkId(block.tool_use_id, `${path}.tool_use_id`)
    optionalBoolean(block.is_error, `${path}.is_error`)
    const { content } = block
    if (!isSet(content) || typeof content === 'string') return
    for (const [index, item] of listAt(content, `${path}.content`).entries()) {
      checkBlock(item, `${path}.content.${index}`, { ...reading, role: 'tool_result' })
    }
  },
  thinking: (block, path, { model }) => {
    const thinking = stringAt(block.thinking, `${path}.thinking`)
    if (!isOwnThinking(model, thinking, stringAt(block.signature, `${path}.signature`))) {
      throw new InvalidRequest(path.replace(/\.thinking$/, ''), 'Invalid `signature` in `thinking` block')
    }
  },
  redacted_thinking: (block, path, { model }) => {
    if (!isOwnThinking(model, '', stringAt(block.data, `${path}.data`))) {
      throw new InvalidRequest(path.replace(/\.redacted_thinking$/, ''), 'Invalid `data` in `redacted_thinking` block')
    }
  },
}

function checkId(value: unknown, path: string): void {
  if (!/^[a-zA-Z0-9_-]+$/.test(stringAt(value, path))) {
    throw new InvalidRequest(path, "String should match pattern '^[a-zA-Z0-9_-]+$'")
  }
}

/** @throws {InvalidRequest} unless it is a text, or a list of blocks of text. */
export function checkSystem(value: unknown, reading: BlockReading): void {
  if (!isSet(value) || typeof value === 'string') return
  for (const [index, item] of listAt(value, 'system').entries()) {
    const block = objectAt(item, `system.${index}`)
    wordAt(block.type, ['text'], `system.${index}.type`)
    checkBlock(block, `system.${index}`, { ...reading, role: 'system' })
  }
}
