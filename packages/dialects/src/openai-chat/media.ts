import type { JsonObject, MediaSource } from '@switchyard/core/contract'
import { fault } from '../field-checks.ts'
import { decodeDataUrl } from '../openai/media-data.ts'
import { dialect } from './names.ts'

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
