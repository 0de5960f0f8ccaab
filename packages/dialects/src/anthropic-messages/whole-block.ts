import type { JsonObject, JsonValue } from '@switchyard/core/contract'
import { isObject, type JsonDraft } from '../json.ts'
import { parseToolArguments } from '../tool-arguments.ts'

/** A block as one: what a stream told as its start and its deltas is put together. `undefined` for what is no block. */
export function wholeBlock(value: JsonValue): JsonObject | undefined {
  if (!Array.isArray(value)) return isObject(value) ? value : undefined
  const [start, ...deltas] = value as readonly JsonValue[]
  if (!isObject(start)) return undefined
  const block: JsonDraft = { ...start }
  let json = ''
  for (const delta of deltas) {
    if (!isObject(delta)) continue
    if (delta.type === 'input_json_delta') json += String(delta.partial_json)
    else if (delta.type === 'citations_delta') block.citations = [...listOf(block.citations), delta.citation ?? null]
    else addTexts(block, delta)
  }
  if (json !== '') block.input = parseToolArguments(json).input ?? {}
  return block
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}

// deltas of blocks that nobody knows: texts go on, everything else is said anew
function addTexts(block: JsonDraft, { type: _, ...fields }: JsonObject): void {
  for (const [key, value] of Object.entries(fields)) {
    const before = block[key]
    block[key] = typeof before === 'string' && typeof value === 'string' ? before + value : value
  }
}
