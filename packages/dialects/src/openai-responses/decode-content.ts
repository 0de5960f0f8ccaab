import type { DocumentPart, ImagePart, JsonObject, MediaSource, OpaquePart, TextPart } from '@switchyard/core/contract'
import { keepExtra, unknownFields } from '../extra.ts'
import { fault, kindOf, objectAt, optionalText, textAt } from '../field-checks.ts'
import { isObject } from '../json.ts'
import { decodeDataUrl, decodeImageUrl } from '../openai/media-data.ts'
import { bindUnknown, type RequestReading } from '../openai/request-reading.ts'
import { dialect } from './names.ts'

export type InputPart = TextPart | ImagePart | DocumentPart | OpaquePart

const textFields = new Set(['type', 'text'])
const imageFields = new Set(['type', 'image_url', 'file_id', 'detail'])
const fileFields = new Set(['type', 'file_data', 'file_url', 'file_id', 'filename'])

/** Content of the user, of the system or of a tool: a string or a list of input parts. */
export function decodeContent(
  content: unknown,
  path: string,
  role: string,
  reading: RequestReading,
): string | InputPart[] {
  if (typeof content === 'string') return content
  if (!Array.isArray(content))
    throw fault(path, `must be a string or a list of content parts, and is ${kindOf(content)}.`)
  return content.map((part, at) => decodePart(part, `${path}[${at}]`, role, reading))
}

function decodePart(value: unknown, path: string, role: string, reading: RequestReading): InputPart {
  const part = objectAt(value, path)
  const type = textAt(part.type, `${path}.type`)
  switch (type) {
    case 'input_text':
      return {
        type: 'text',
        text: textAt(part.text, `${path}.text`),
        ...cacheHint(part),
        ...kept(part, textFields, path, reading),
      }
    case 'input_image':
      refuseForSystem(role, type, path)
      return decodeImage(part, path, reading)
    case 'input_file':
      refuseForSystem(role, type, path)
      return decodeFile(part, path, reading)
    case 'output_text':
    case 'refusal':
      throw fault(`${path}.type`, `may not be "${type}" in a message of role "${role}"; send "input_text".`)
    default:
      reading.bound.push(path)
      return { type: 'opaque', origin: dialect, value: part }
  }
}

function refuseForSystem(role: string, type: string, path: string): void {
  if (role === 'system' || role === 'developer')
    throw fault(`${path}.type`, `may not be "${type}" in a message of role "${role}"; send it in role "user".`)
}

function decodeImage(part: JsonObject, path: string, reading: RequestReading): ImagePart {
  const url = optionalText(part.image_url, `${path}.image_url`)
  const file = optionalText(part.file_id, `${path}.file_id`)
  const detail = optionalText(part.detail, `${path}.detail`)
  return {
    type: 'image',
    source: imageSource(url, file, path, reading),
    ...(detail !== undefined && { detail }),
    ...cacheHint(part),
    ...kept(part, imageFields, path, reading),
  }
}

function imageSource(
  url: string | undefined,
  file: string | undefined,
  path: string,
  reading: RequestReading,
): MediaSource {
  if (url !== undefined && file === undefined)
    return decodeImageUrl(url, `${path}.image_url`, reading.maximumMediaBytes)
  if (file !== undefined && url === undefined) return { type: 'file', id: file, origin: dialect }
  throw fault(path, 'must have image_url or file_id, and not both.')
}

function decodeFile(part: JsonObject, path: string, reading: RequestReading): DocumentPart {
  const name = optionalText(part.filename, `${path}.filename`)
  return {
    type: 'document',
    source: fileSource(part, path, reading),
    ...(name !== undefined && { name }),
    ...cacheHint(part),
    ...kept(part, fileFields, path, reading),
  }
}

function fileSource(part: JsonObject, path: string, reading: RequestReading): MediaSource {
  const data = optionalText(part.file_data, `${path}.file_data`)
  const url = optionalText(part.file_url, `${path}.file_url`)
  const id = optionalText(part.file_id, `${path}.file_id`)
  if ([data, url, id].filter(source => source !== undefined).length === 1) {
    if (data !== undefined) return decodeDataUrl(data, `${path}.file_data`, reading.maximumMediaBytes, 'file')
    if (url !== undefined) return { type: 'url', url }
    if (id !== undefined) return { type: 'file', id, origin: dialect }
  }
  throw fault(path, 'must have one of file_data, file_url and file_id.')
}

function kept(part: JsonObject, known: ReadonlySet<string>, path: string, reading: RequestReading) {
  const rest = unknownFields(part, known)
  bindUnknown(reading, rest, known, path)
  return keepExtra(dialect, rest)
}

function cacheHint(part: JsonObject): { readonly cache: { readonly lifetime?: string } } | undefined {
  const hint = part.prompt_cache_breakpoint
  if (!isObject(hint)) return undefined
  return { cache: typeof hint.ttl === 'string' ? { lifetime: hint.ttl } : {} }
}
