import type { AudioPart, DocumentPart, ImagePart, JsonObject, MediaSource } from '@switchyard/core/contract'
import { base64Bytes, isBase64, parseDataUrl } from '../data-url.ts'
import type { Dropped } from '../dropped.ts'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { fault, objectAt, optionalText, textAt } from '../field-checks.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { dialect } from './names.ts'

export type MediaPart = ImagePart | AudioPart | DocumentPart

const fields = { inlineData: new Set(['mimeType', 'data']), fileData: new Set(['mimeType', 'fileUri']) }

// files stored at Gemini, in its cloud, and the one site that it reads itself
const storedFile =
  /^(https:\/\/generativelanguage\.googleapis\.com\/v\w+\/files\/|gs:\/\/|https:\/\/(www\.)?youtube\.com\/|https:\/\/youtu\.be\/)/

/** `undefined`, with a warning, for what the wire cannot show. */
export function encodeMedia(part: MediaPart, path: string, dropped: Dropped): JsonObject | undefined {
  const { source } = part
  const wire = encodeSource(source)
  if (wire === undefined) {
    const cure = `this dialect takes ${article[part.type]} by its data, or by the URI of a file stored at Gemini`
    dropped.add(path, cure)
    return undefined
  }
  if (part.type === 'image' && part.detail !== undefined && part.detail !== 'auto')
    dropped.add(`${path}.detail`, 'this dialect cannot say how closely to look')
  const extra = extraOf(part, dialect)
  const kept = extra[wire.field]
  return { ...extra, [wire.field]: { ...(isObject(kept) && kept), ...wire.value } }
}

const article = { image: 'an image', audio: 'a sound', document: 'a document' }

function encodeSource(source: MediaSource): { readonly field: string; readonly value: JsonObject } | undefined {
  const bytes = source.type === 'url' ? parseDataUrl(source.url) : source
  if (bytes !== undefined && 'data' in bytes)
    return { field: 'inlineData', value: { mimeType: bytes.mediaType, data: bytes.data } }
  const type = source.mediaType === undefined ? undefined : { mimeType: source.mediaType }
  if (source.type === 'file')
    return source.origin === dialect ? { field: 'fileData', value: { ...type, fileUri: source.id } } : undefined
  const isStored = source.type === 'url' && storedFile.test(source.url)
  return isStored ? { field: 'fileData', value: { ...type, fileUri: source.url } } : undefined
}

/**
 * A part that has `inlineData` or `fileData`; its other fields stay in `extra`.
 * @throws {SwitchyardError} `invalid-request`, naming the field.
 */
export function decodeMedia(part: JsonObject, path: string, maximumBytes: number): MediaPart {
  const field = part.inlineData === undefined ? 'fileData' : 'inlineData'
  const place = `${path}.${field}`
  const wire = objectAt(part[field], place)
  const mediaType = optionalText(wire.mimeType, `${place}.mimeType`)
  let source: MediaSource
  if (field === 'inlineData') {
    if (mediaType === undefined) throw fault(`${place}.mimeType`, 'is missing; say what kind of data it is.')
    source = { type: 'base64', mediaType, data: decodeData(wire.data, `${place}.data`, maximumBytes) }
  } else {
    const id = textAt(wire.fileUri, `${place}.fileUri`)
    source = { type: 'file', id, origin: dialect, ...(mediaType !== undefined && { mediaType }) }
  }
  const rest: JsonDraft = unknownFields(part, new Set([field]))
  const inner = unknownFields(wire, fields[field])
  if (Object.keys(inner).length > 0) rest[field] = inner
  return { type: kindOfMedia(mediaType), source, ...keepExtra(dialect, rest) }
}

function decodeData(value: unknown, path: string, maximumBytes: number): string {
  const data = textAt(value, path)
  const bytes = base64Bytes(data)
  if (bytes > maximumBytes)
    throw fault(path, `holds ${bytes} bytes, and at most ${maximumBytes} are taken; send less.`, 'media_too_large')
  if (!isBase64(data)) throw fault(path, 'is not base64; encode the bytes of the file.')
  return data
}

function kindOfMedia(mediaType = ''): MediaPart['type'] {
  if (mediaType.startsWith('image/')) return 'image'
  return mediaType.startsWith('audio/') ? 'audio' : 'document'
}
