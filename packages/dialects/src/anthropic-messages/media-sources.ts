import type { DocumentPart, ImagePart, JsonObject, MediaSource } from '@switchyard/core/contract'
import { fault, textAt } from '../field-checks.ts'
import { checkData } from '../openai/media-data.ts'
import type { RequestReading } from '../openai/request-reading.ts'
import { dialect } from './names.ts'
import { base64OfText, textOfBase64 } from './text-data.ts'

const imageTypes: readonly string[] = ['image/jpeg', 'image/png', 'image/gif', 'image/webp']
const pdf = 'application/pdf'
const plainText = 'text/plain'

/** The fields of a source that are told by `MediaSource`. */
export const sourceFields: ReadonlySet<string> = new Set(['type', 'media_type', 'data', 'url', 'file_id'])

/** A wire source; `undefined` for a kind that only this dialect knows. */
export function decodeSource(
  source: JsonObject,
  what: 'image' | 'document',
  path: string,
  reading: RequestReading,
): MediaSource | undefined {
  switch (textAt(source.type, `${path}.type`)) {
    case 'base64': {
      const mediaType = textAt(source.media_type, `${path}.media_type`)
      const taken = what === 'image' ? imageTypes : [pdf]
      if (!taken.includes(mediaType))
        throw fault(`${path}.media_type`, `is "${mediaType}"; it must be ${taken.join(', ')}.`)
      const data = textAt(source.data, `${path}.data`)
      checkData(data, `${path}.data`, reading.maximumMediaBytes, what)
      return { type: 'base64', mediaType, data }
    }
    case 'text': {
      if (what === 'image') return undefined
      if (source.media_type !== plainText) throw fault(`${path}.media_type`, `must be "${plainText}".`)
      const data = base64OfText(textAt(source.data, `${path}.data`))
      checkData(data, `${path}.data`, reading.maximumMediaBytes, what)
      return { type: 'base64', mediaType: plainText, data }
    }
    case 'url': {
      const url = textAt(source.url, `${path}.url`)
      if (!isSecure(url)) throw fault(`${path}.url`, 'must be an address that begins with "https://".')
      return { type: 'url', url }
    }
    case 'file':
      return { type: 'file', id: textAt(source.file_id, `${path}.file_id`), origin: dialect }
    default:
      return undefined
  }
}

/** The source as the wire says it, or why it cannot. */
export function encodeSource(
  part: ImagePart | DocumentPart,
): { readonly source: JsonObject } | { readonly refusal: string } {
  const { source } = part
  if (source.type === 'file') {
    if (source.origin === dialect) return { source: { type: 'file', file_id: source.id } }
    return { refusal: `a file that is stored at ${source.origin} is known there only` }
  }
  if (source.type === 'url') {
    if (isSecure(source.url)) return { source: { type: 'url', url: source.url } }
    return { refusal: 'Anthropic takes addresses that begin with "https://"' }
  }
  const mediaType = source.mediaType.replace(/;.*$/, '').toLowerCase()
  if (part.type === 'image') {
    const type = mediaType === 'image/jpg' ? 'image/jpeg' : mediaType
    if (imageTypes.includes(type)) return { source: { type: 'base64', media_type: type, data: source.data } }
    return { refusal: `Anthropic takes images as JPEG, PNG, GIF or WebP, and not as ${mediaType}` }
  }
  if (mediaType === pdf) return { source: { type: 'base64', media_type: pdf, data: source.data } }
  const text = isText(mediaType) ? textOfBase64(source.data) : undefined
  if (text !== undefined && text.trim() !== '') return { source: { type: 'text', media_type: plainText, data: text } }
  return { refusal: `Anthropic takes documents as PDF or as text, and not as ${mediaType}` }
}

function isSecure(url: string): boolean {
  return /^https:\/\/[^\s/]/i.test(url)
}

function isText(mediaType: string): boolean {
  return mediaType.startsWith('text/') || mediaType === 'application/json' || mediaType === 'application/xml'
}
