import type {
  AudioPart,
  DocumentPart,
  ImagePart,
  JsonObject,
  OpaquePart,
  SystemPart,
  TextPart,
} from '@switchyard/core/contract'
import { absentPart } from '../conversation/error-in-words.ts'
import type { Dropped } from '../dropped.ts'
import { extraOf } from '../extra.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { encodeCacheControl } from './cache-control.ts'
import { encodeSource } from './media-sources.ts'
import { dialect } from './names.ts'
import { wholeBlock } from './whole-block.ts'

export interface ContentEncoding {
  readonly dropped: Dropped
  /** The version of the API is one of the old ones. */
  readonly old: boolean
}

export type ContentPart = TextPart | ImagePart | AudioPart | DocumentPart | OpaquePart

/** What the user or a tool says, as blocks; a part that the wire cannot say leaves a word in its place. */
export function encodeContent(parts: readonly ContentPart[], path: string, encoding: ContentEncoding): JsonObject[] {
  return parts.flatMap((part, at) => encodePart(part, `${path}[${at}]`, encoding))
}

function encodePart(part: ContentPart, path: string, encoding: ContentEncoding): JsonObject[] {
  switch (part.type) {
    case 'text':
      return encodeText(part, path, encoding.old ? undefined : 'a text of the user', encoding.dropped)
    case 'image':
    case 'document':
      return [encodeMedium(part, path, encoding.dropped)]
    case 'audio':
      return [absent(part, path, 'Anthropic takes no sound', encoding.dropped)]
    case 'opaque': {
      const block = part.origin === dialect ? wholeBlock(part.value) : undefined
      return [block ?? absent(part, path, `only ${part.origin} knows this part`, encoding.dropped)]
    }
  }
}

/** What the system says, which is text alone. */
export function encodeSystemParts(parts: readonly SystemPart[], path: string, encoding: ContentEncoding): JsonObject[] {
  return parts.flatMap((part, at) => {
    const place = `${path}[${at}]`
    if (part.type === 'text') return encodeText(part, place, undefined, encoding.dropped)
    if (part.origin === dialect && isObject(part.value)) return [part.value]
    encoding.dropped.add(place, `only ${part.origin} knows this part`)
    return []
  })
}

/** A block of text; none where it says nothing, which the server refuses. `uncited` cannot hold citations. */
export function encodeText(part: TextPart, path: string, uncited: string | undefined, dropped: Dropped): JsonObject[] {
  if (isBlank(part.text)) return []
  const { citations, ...extra } = extraOf(part, dialect)
  const told = citations !== undefined && uncited === undefined
  if (citations != null && uncited !== undefined)
    dropped.add(`${path}.citations`, `this version of the API takes no citations in ${uncited}`)
  return [cached(part, { ...extra, type: 'text', text: part.text, ...(told && { citations }) }, path, dropped)]
}

export function isBlank(text: string): boolean {
  return text.trim() === ''
}

/** The block with the part's cache hint. */
export function cached(
  part: Exclude<ContentPart, OpaquePart> | { readonly cache?: TextPart['cache'] },
  block: JsonDraft,
  path: string,
  dropped: Dropped,
): JsonObject {
  if (part.cache === undefined) {
    const { cache_control: said, ...rest } = block
    return said === null ? block : rest
  }
  return { ...block, cache_control: encodeCacheControl(part.cache, block.cache_control, path, dropped) }
}

function encodeMedium(part: ImagePart | DocumentPart, path: string, dropped: Dropped): JsonObject {
  const encoded = encodeSource(part)
  if ('refusal' in encoded) return absent(part, path, encoded.refusal, dropped)
  const { source: kept, ...extra } = extraOf(part, dialect)
  const source = isObject(kept) ? { ...kept, ...encoded.source } : encoded.source
  const title = part.type === 'document' && part.name !== undefined ? { title: part.name } : undefined
  return cached(part, { ...extra, type: part.type, source, ...title }, path, dropped)
}

function absent(part: ContentPart, path: string, why: string, dropped: Dropped): JsonObject {
  dropped.add(path, why)
  return { type: 'text', text: absentPart(part.type) }
}
