import type { CacheHint, DocumentPart, ImagePart, JsonObject, OpaquePart, TextPart } from '@switchyard/core/contract'
import { keepExtra, unknownFields } from '../extra.ts'
import { fault, kindOf, listAt, objectAt, optionalText, textAt } from '../field-checks.ts'
import type { JsonDraft } from '../json.ts'
import { bindUnknown, type RequestReading } from '../openai/request-reading.ts'
import { decodeCacheControl } from './cache-control.ts'
import { decodeSource, sourceFields } from './media-sources.ts'
import { dialect } from './names.ts'

export type ContentPart = TextPart | ImagePart | DocumentPart | OpaquePart

/** Fields of a block beside those that its kind has. */
export const blockFields: ReadonlySet<string> = new Set(['type', 'cache_control'])
const textFields = new Set([...blockFields, 'text'])
const imageFields = new Set([...blockFields, 'source'])
const documentFields = new Set([...blockFields, 'source', 'title'])
// what an answer said of its sources says nothing new to a model
const citations = 'citations'

/** Blocks of the user, the system or a tool. */
export function decodeBlocks(value: unknown, path: string, reading: RequestReading): ContentPart[] {
  return listAt(value, path).map((block, at) => decodeBlock(block, `${path}[${at}]`, reading))
}

export function decodeBlock(value: unknown, path: string, reading: RequestReading): ContentPart {
  const block = objectAt(value, path)
  const type = textAt(block.type, `${path}.type`)
  switch (type) {
    case 'text':
      return decodeTextBlock(block, path, reading)
    case 'image':
    case 'document':
      return decodeMedium(block, type, path, reading)
    case 'thinking':
    case 'redacted_thinking':
    case 'tool_use':
      throw fault(`${path}.type`, `may not be "${type}" here; only messages of the assistant have such blocks.`)
    case 'tool_result':
      throw fault(`${path}.type`, 'may not be "tool_result" here; only messages of the user have such blocks.')
    default:
      return opaqueBlock(block, path, reading)
  }
}

export function decodeTextBlock(block: JsonObject, path: string, reading: RequestReading): TextPart {
  const text = checkedText(block.text, `${path}.text`)
  return { type: 'text', text, ...decodeRest(block, textFields, path, reading, citations) }
}

/** @throws {SwitchyardError} for a text that says nothing. */
export function checkedText(value: unknown, path: string): string {
  const text = textAt(value, path)
  if (text.trim() === '') throw fault(path, 'must hold more than white space; leave the block out.')
  return text
}

/** A block that only this dialect knows. */
export function opaqueBlock(block: JsonObject, path: string, reading: RequestReading): OpaquePart {
  reading.bound.push(path)
  return { type: 'opaque', origin: dialect, value: block }
}

function decodeMedium(
  block: JsonObject,
  type: 'image' | 'document',
  path: string,
  reading: RequestReading,
): ImagePart | DocumentPart | OpaquePart {
  const place = `${path}.source`
  const wire = objectAt(block.source, place)
  const source = decodeSource(wire, type, place, reading)
  if (source === undefined) return opaqueBlock(block, path, reading)
  const title = type === 'document' ? optionalText(block.title, `${path}.title`) : undefined
  const { cache, extra = {} } = decodeRest(
    block,
    type === 'image' ? imageFields : documentFields,
    path,
    reading,
    isOff(block.citations) ? citations : undefined,
  )
  const rest: JsonDraft = { ...extra[dialect] }
  const within = unknownFields(wire, sourceFields)
  bindUnknown(reading, within, sourceFields, place)
  if (Object.keys(within).length > 0) rest.source = within
  return {
    type,
    source,
    ...(title !== undefined && { name: title }),
    ...(cache && { cache }),
    ...keepExtra(dialect, rest),
  }
}

// citations that nobody asked for are missed by nobody
function isOff(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'enabled' in value && value.enabled === false
}

/** The cache hint of a block, and its fields that nobody here knows; `harmless` is one that others may leave out. */
export function decodeRest(
  block: JsonObject,
  known: ReadonlySet<string>,
  path: string,
  reading: RequestReading,
  harmless?: string,
): { readonly cache?: CacheHint; readonly extra?: NonNullable<TextPart['extra']> } {
  const { cache, kept } = decodeCacheControl(block.cache_control, path, reading)
  const rest: JsonDraft = unknownFields(block, known)
  bindUnknown(reading, rest, harmless === undefined ? known : new Set([...known, harmless]), path)
  if (kept !== undefined) rest.cache_control = kept
  return { ...(cache && { cache }), ...keepExtra(dialect, rest) }
}

/** Content that is a text, or blocks. */
export function contentAt(value: unknown, path: string): string | readonly unknown[] {
  if (typeof value === 'string' || Array.isArray(value)) return value
  throw fault(path, `must be a string or a list of blocks, and is ${kindOf(value)}.`)
}
