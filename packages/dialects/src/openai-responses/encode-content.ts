import type { AudioPart, JsonObject, MediaSource } from '@switchyard/core/contract'
import { dataUrl } from '../data-url.ts'
import type { Dropped } from '../dropped.ts'
import { extraOf } from '../extra.ts'
import { isObject } from '../json.ts'
import { madeFileName } from '../openai/file-name.ts'
import { isOwnFile } from '../openai/own-file.ts'
import type { InputPart } from './decode-content.ts'
import { dialect } from './names.ts'

/** Content as the wire says it; parts that it cannot say are dropped. */
export function encodeContent(
  content: string | readonly (InputPart | AudioPart)[],
  path: string,
  dropped: Dropped,
): string | JsonObject[] {
  if (typeof content === 'string') return content
  const parts: JsonObject[] = []
  content.forEach((part, at) => {
    const encoded = encodePart(part, `${path}[${at}]`, dropped)
    if (encoded !== undefined) parts.push(encoded)
  })
  return parts
}

export function encodePart(part: InputPart | AudioPart, path: string, dropped: Dropped): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return { ...extraOf(part, dialect), type: 'input_text', text: part.text }
    case 'image': {
      const source = imageSource(part.source)
      if (source === undefined) return drop(path, 'this image is stored at another provider', dropped)
      const detail = part.detail !== undefined && { detail: part.detail }
      return { ...extraOf(part, dialect), type: 'input_image', ...source, ...detail }
    }
    case 'document': {
      const source = fileSource(part.source)
      if (source === undefined) return drop(path, 'this document is stored at another provider', dropped)
      const name = part.name !== undefined && { filename: part.name }
      return { ...extraOf(part, dialect), type: 'input_file', ...source, ...name }
    }
    case 'audio':
      return drop(path, 'this dialect takes no sound', dropped)
    case 'opaque':
      if (part.origin === dialect && isObject(part.value)) return part.value
      return drop(path, `only ${part.origin} knows this part`, dropped)
  }
}

function imageSource(source: MediaSource): JsonObject | undefined {
  if (source.type === 'url') return { image_url: source.url }
  if (source.type === 'base64') return { image_url: dataUrl(source) }
  return isOwnFile(source) ? { file_id: source.id } : undefined
}

function fileSource(source: MediaSource): JsonObject | undefined {
  if (source.type === 'url') return { file_url: source.url }
  if (source.type === 'base64') return { filename: madeFileName(source.mediaType), file_data: dataUrl(source) }
  return isOwnFile(source) ? { file_id: source.id } : undefined
}

function drop(path: string, message: string, dropped: Dropped): undefined {
  dropped.add(path, message)
}
