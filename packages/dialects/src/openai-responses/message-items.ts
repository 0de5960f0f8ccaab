import type { AssistantPart, JsonObject, JsonValue, OpaquePart, TextPart } from '@switchyard/core/contract'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { dialect } from './names.ts'

const messageFields: ReadonlySet<string> = new Set(['role', 'content'])
const textFields: ReadonlySet<string> = new Set(['type', 'text'])
const refusalFields: ReadonlySet<string> = new Set(['type', 'refusal'])

/** A part of a message; opaque parts that are none are items. */
export type SpokenPart = TextPart | (OpaquePart & { readonly value: SpokenValue })

/** A part that has no word here, as a stream tells it or whole. */
type SpokenValue = JsonObject | readonly JsonValue[]

/** What a `message` item of the assistant says beside its content; its first part keeps it as `item`. */
export function messageExtra(item: JsonObject, after: string | undefined): JsonDraft {
  const rest: JsonDraft = unknownFields(item, messageFields)
  if (after !== undefined) rest.after = after
  return rest
}

/** A part of the assistant's content; `item` where it is the first of its message. */
export function decodeSpoken(part: JsonObject, item: JsonObject | undefined, clean: boolean): SpokenPart {
  const begins = item !== undefined && { item }
  if (part.type === 'output_text' || part.type === 'refusal') {
    const refusal = part.type === 'refusal'
    const text = refusal ? part.refusal : part.text
    if (typeof text === 'string') {
      const rest = spokenExtra(part)
      if (clean) dropEmpty(rest)
      const extra = keepExtra(dialect, { ...rest, ...begins })
      return { type: 'text', text, ...(refusal && { refusal: true as const }), ...extra }
    }
  }
  return { type: 'opaque', origin: dialect, value: { content_part: part, ...begins } }
}

/** The fields of such a part that have no word of ours. */
export function spokenExtra(part: JsonObject): JsonDraft {
  return unknownFields(part, part.type === 'refusal' ? refusalFields : textFields)
}

/** Takes out the lists that an answer always has and that mostly say nothing. */
export function dropEmpty(rest: JsonDraft): void {
  for (const field of ['annotations', 'logprobs']) {
    const list = rest[field]
    if (Array.isArray(list) && list.length === 0) delete rest[field]
  }
}

/** Whether a part is said in a message; other parts are items of their own. */
export function isSpoken(part: AssistantPart): part is SpokenPart {
  return part.type === 'text' || (part.type === 'opaque' && contentPartOf(part) !== undefined)
}

/** The `item` of the first part of a message. */
export function messageBegun(part: SpokenPart): JsonObject | undefined {
  const { item } = part.type === 'text' ? extraOf(part, dialect) : (firstPiece(part) ?? {})
  return isObject(item) ? item : undefined
}

export function encodeSpoken(part: SpokenPart): JsonObject {
  if (part.type === 'opaque') return contentPartOf(part) as JsonObject
  const { item: _, ...rest } = extraOf(part, dialect)
  return part.refusal
    ? { ...rest, type: 'refusal', refusal: part.text }
    : { ...rest, type: 'output_text', text: part.text }
}

// a stream tells it as it begins and as it ends
function contentPartOf({ origin, value }: OpaquePart): JsonObject | undefined {
  if (origin !== dialect) return undefined
  const pieces = Array.isArray(value) ? value : [value]
  const told = pieces.findLast(piece => isObject(piece) && isObject(piece.content_part))
  return isObject(told) && isObject(told.content_part) ? told.content_part : undefined
}

function firstPiece({ value }: OpaquePart): JsonObject | undefined {
  const first = Array.isArray(value) ? value[0] : value
  return isObject(first) ? first : undefined
}
