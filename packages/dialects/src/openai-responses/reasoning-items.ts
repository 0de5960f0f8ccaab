import type { JsonObject, JsonValue, ReasoningPart } from '@switchyard/core/contract'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { dialect } from './names.ts'

const itemFields: ReadonlySet<string> = new Set(['type', 'summary', 'content', 'encrypted_content'])

/** Stands between the parts of a summary. */
export const partSeparator = '\n\n'

/** A `reasoning` item: what is shown is its summary, or its text where the server tells it. */
export function decodeReasoning(item: JsonObject): ReasoningPart {
  const signature = signatureOf(item)
  return {
    type: 'reasoning',
    text: reasoningText(item),
    ...(signature !== undefined && { signature }),
    origin: dialect,
    ...keepExtra(dialect, reasoningExtra(item)),
  }
}

export function signatureOf({ encrypted_content: sealed }: JsonObject): string | undefined {
  return typeof sealed === 'string' ? sealed : undefined
}

/** What a `reasoning` item says beside its text and its sealed content. */
export function reasoningExtra(item: JsonObject): JsonDraft {
  const rest: JsonDraft = unknownFields(item, itemFields)
  const text = reasoningText(item)
  const plain = item.content === undefined && isPlainSummary(item.summary, text)
  if (!plain) {
    if (item.summary !== undefined) rest.summary = item.summary
    if (item.content !== undefined) rest.content = item.content
  }
  return rest
}

function isPlainSummary(summary: JsonValue | undefined, text: string): boolean {
  if (!Array.isArray(summary) || summary.length > 1) return false
  const [only] = summary
  if (only === undefined) return text === ''
  return isObject(only) && text !== '' && only.type === 'summary_text' && Object.keys(only).length === 2
}

function reasoningText(item: JsonObject): string {
  return [...texts(item.content), ...texts(item.summary)].join(partSeparator)
}

function texts(list: JsonValue | undefined): string[] {
  if (!Array.isArray(list)) return []
  return list.flatMap(entry => (isObject(entry) && typeof entry.text === 'string' ? [entry.text] : []))
}

export function encodeReasoning(part: ReasoningPart): JsonObject {
  const { summary, content, ...rest } = extraOf(part, dialect)
  const told: JsonDraft = {}
  if ((summary !== undefined || content !== undefined) && reasoningText({ summary, content }) === part.text) {
    told.summary = summary
    if (content !== undefined) told.content = content
  } else told.summary = part.text === '' ? [] : [{ type: 'summary_text', text: part.text }]
  return {
    ...rest,
    type: 'reasoning',
    ...told,
    ...(part.signature !== undefined && { encrypted_content: part.signature }),
  }
}
