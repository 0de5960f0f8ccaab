import type { JsonObject, MediaSource } from '@switchyard/core/contract'
import { base64Bytes, isBase64, parseDataUrl } from '../data-url.ts'
import { fault } from '../field-checks.ts'
import { dialect } from './names.ts'

export function decodeImageUrl(url: string, path: string, maximumBytes: number): MediaSource {
  if (/^data:/i.test(url)) return decodeDataUrl(url, path, maximumBytes, 'image')
  if (!/^https?:\/\/[^\s/]/i.test(url))
    throw fault(path, 'must be an http(s) URL or a data URL such as "data:image/png;base64,...".', 'invalid_image_url')
  return { type: 'url', url }
}

function decodeDataUrl(url: string, path: string, maximumBytes: number, what: string): MediaSource {
  const parsed = parseDataUrl(url)
  if (parsed === undefined)
    throw fault(path, 'is a malformed data URL; it must read "data:<media type>;base64,<data>".', 'invalid_data_url')
  checkData(parsed.data, path, maximumBytes, what)
  return { type: 'base64', ...parsed }
}

export function checkData(data: string, path: string, maximumBytes: number, what: string): void {
  const bytes = base64Bytes(data)
  if (bytes > maximumBytes)
    throw fault(path, `holds ${bytes} bytes, and at most ${maximumBytes} are taken; send less.`, `${what}_too_large`)
  if (!isBase64(data)) throw fault(path, 'is not valid base64.', 'invalid_base64')
}

const soundTypes: Readonly<Record<string, string>> = { wav: 'audio/wav', mp3: 'audio/mpeg' }
const soundFormats: Readonly<Record<string, string>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
}

export function soundMediaType(format: string): string {
  return soundTypes[format] ?? `audio/${format}`
}

export function soundFormat(mediaType: string): string {
  return soundFormats[mediaType] ?? mediaType.replace(/^audio\//, '')
}

export function decodeFileSource(file: JsonObject, path: string, maximumBytes: number): MediaSource {
  if (typeof file.file_id === 'string') return { type: 'file', id: file.file_id, origin: dialect }
  if (typeof file.file_data === 'string')
    return decodeDataUrl(file.file_data, `${path}.file_data`, maximumBytes, 'file')
  throw fault(path, 'must have file_id, or file_data as a data URL.')
}
