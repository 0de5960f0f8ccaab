import type { JsonObject } from '@switchyard/core/contract'
import { dataUrl } from '../data-url.ts'
import type { Dropped } from '../dropped.ts'
import { extraOf } from '../extra.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { madeFileName } from '../openai/file-name.ts'
import { isOwnFile } from '../openai/own-file.ts'
import type { ContentPart } from './decode-content.ts'
import { soundFormat } from './media.ts'
import { dialect } from './names.ts'

/** Content as the wire says it; parts that it cannot say are dropped. */
export function encodeContent(
  content: string | readonly ContentPart[],
  path: string,
  dropped: Dropped,
): string | JsonObject[] {
  if (typeof content === 'string') return content
  const parts: JsonObject[] = []
  content.forEach((part, at) => {
    const encoded = encodePart(part, `${path}[${at}]`, dropped)
    if (encoded !== undefined) parts.push(encoded)
  })
  // the server refuses an empty list, and takes an empty text
  return parts.length > 0 ? parts : ''
}

export function encodePart(part: ContentPart, path: string, dropped: Dropped): JsonObject | undefined {
  switch (part.type) {
    case 'text': {
      const extra = extraOf(part, dialect)
      return part.refusal
        ? { ...extra, type: 'refusal', refusal: part.text }
        : { ...extra, type: 'text', text: part.text }
    }
    case 'image': {
      const { source } = part
      if (source.type === 'file') return drop(path, 'this dialect takes an image by URL or by its data', dropped)
      const url = source.type === 'url' ? source.url : dataUrl(source)
      return within(part, 'image_url', { url, ...(part.detail !== undefined && { detail: part.detail }) })
    }
    case 'audio': {
      const { source } = part
      if (source.type !== 'base64') return drop(path, 'this dialect takes a sound by its data only', dropped)
      return within(part, 'input_audio', { data: source.data, format: soundFormat(source.mediaType) })
    }
    case 'document': {
      const { source } = part
      const name = part.name === undefined ? undefined : { filename: part.name }
      if (source.type === 'base64')
        return within(part, 'file', { filename: madeFileName(source.mediaType), file_data: dataUrl(source), ...name })
      if (source.type === 'file' && isOwnFile(source)) return within(part, 'file', { file_id: source.id, ...name })
      return drop(path, 'this dialect takes a document by its data, or by the id of a file stored here', dropped)
    }
    case 'opaque':
      if (part.origin === dialect && isObject(part.value)) return part.value
      return drop(path, `only ${part.origin} knows this part`, dropped)
  }
}

function within(part: ContentPart & { readonly type: string }, field: string, inner: JsonDraft): JsonObject {
  const extra = part.type === 'opaque' ? {} : extraOf(part, dialect)
  const kept = extra[field]
  return {
    ...extra,
    type: field,
    [field]: isObject(kept) ? { ...kept, ...inner } : inner,
  }
}

function drop(path: string, message: string, dropped: Dropped): undefined {
  dropped.add(path, message)
}
