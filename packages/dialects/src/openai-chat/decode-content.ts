import type { AudioPart, DocumentPart, ImagePart, JsonObject, OpaquePart, TextPart } from '@switchyard/core/contract'
import { keepExtra, unknownFields } from '../extra.ts'
import { fault, kindOf, objectAt, optionalText, textAt } from '../field-checks.ts'
import type { JsonDraft } from '../json.ts'
import { isObject } from '../json.ts'
import { checkData, decodeImageUrl } from '../openai/media-data.ts'
import { bindUnknown, type RequestReading } from '../openai/request-reading.ts'
import { decodeFileSource, soundMediaType } from './media.ts'
import { dialect } from './names.ts'

export type ContentPart = TextPart | ImagePart | AudioPart | DocumentPart | OpaquePart

const partFields = {
  text: new Set(['type', 'text']),
  refusal: new Set(['type', 'refusal']),
  image_url: new Set(['type', 'image_url']),
  input_audio: new Set(['type', 'input_audio']),
  file: new Set(['type', 'file']),
}
const imageFields = new Set(['url', 'detail'])
const soundFields = new Set(['data', 'format'])

/** Content that may be a string or a list of parts. */
export function decodeContent(
  content: unknown,
  path: string,
  role: string,
  reading: RequestReading,
): string | ContentPart[] {
  if (typeof content === 'string') return content
  if (!Array.isArray(content))
    throw fault(path, `must be a string or a list of content parts, and is ${kindOf(content)}.`)
  if (content.length === 0) throw fault(path, 'must not be an empty list; send a string or at least one part.')
  return content.map((part, at) => decodePart(part, `${path}[${at}]`, role, reading))
}

function decodePart(value: unknown, path: string, role: string, reading: RequestReading): ContentPart {
  const part = objectAt(value, path)
  const type = textAt(part.type, `${path}.type`)
  switch (type) {
    case 'text':
      return {
        type,
        text: textAt(part.text, `${path}.text`),
        ...cacheHint(part),
        ...kept(part, partFields.text, path, reading),
      }
    case 'refusal':
      allow(role, ['assistant'], type, path)
      return {
        type: 'text',
        text: textAt(part.refusal, `${path}.refusal`),
        refusal: true,
        ...kept(part, partFields.refusal, path, reading),
      }
    case 'image_url':
      allow(role, ['user', 'tool'], type, path)
      return decodeImage(part, path, reading)
    case 'input_audio':
      allow(role, ['user', 'tool'], type, path)
      return decodeSound(part, path, reading)
    case 'file':
      allow(role, ['user', 'tool'], type, path)
      return decodeFile(part, path, reading)
    default:
      reading.bound.push(path)
      return { type: 'opaque', origin: dialect, value: part }
  }
}

function decodeImage(part: JsonObject, path: string, reading: RequestReading): ImagePart {
  const image = objectAt(part.image_url, `${path}.image_url`)
  const url = textAt(image.url, `${path}.image_url.url`)
  const detail = optionalText(image.detail, `${path}.image_url.detail`)
  return {
    type: 'image',
    source: decodeImageUrl(url, `${path}.image_url.url`, reading.maximumMediaBytes),
    ...(detail !== undefined && { detail }),
    ...cacheHint(part),
    ...keptWithin(part, partFields.image_url, 'image_url', image, imageFields, path, reading),
  }
}

function decodeSound(part: JsonObject, path: string, reading: RequestReading): AudioPart {
  const sound = objectAt(part.input_audio, `${path}.input_audio`)
  const data = textAt(sound.data, `${path}.input_audio.data`)
  const format = textAt(sound.format, `${path}.input_audio.format`)
  checkData(data, `${path}.input_audio.data`, reading.maximumMediaBytes, 'audio')
  return {
    type: 'audio',
    source: { type: 'base64', mediaType: soundMediaType(format), data },
    ...cacheHint(part),
    ...keptWithin(part, partFields.input_audio, 'input_audio', sound, soundFields, path, reading),
  }
}

function decodeFile(part: JsonObject, path: string, reading: RequestReading): DocumentPart {
  const file = objectAt(part.file, `${path}.file`)
  const name = optionalText(file.filename, `${path}.file.filename`)
  const source = decodeFileSource(file, `${path}.file`, reading.maximumMediaBytes)
  const known = new Set(['filename', source.type === 'file' ? 'file_id' : 'file_data'])
  return {
    type: 'document',
    source,
    ...(name !== undefined && { name }),
    ...cacheHint(part),
    ...keptWithin(part, partFields.file, 'file', file, known, path, reading),
  }
}

function allow(role: string, roles: readonly string[], type: string, path: string): void {
  if (roles.includes(role)) return
  throw fault(`${path}.type`, `may not be "${type}" in a message of role "${role}"; use it in role "${roles[0]}".`)
}

function kept(part: JsonObject, known: ReadonlySet<string>, path: string, reading: RequestReading) {
  const rest = unknownFields(part, known)
  bindUnknown(reading, rest, known, path)
  return keepExtra(dialect, rest)
}

function keptWithin(
  part: JsonObject,
  known: ReadonlySet<string>,
  field: string,
  inner: JsonObject,
  innerKnown: ReadonlySet<string>,
  path: string,
  reading: RequestReading,
) {
  const rest: JsonDraft = unknownFields(part, known)
  bindUnknown(reading, rest, known, path)
  const innerRest = unknownFields(inner, innerKnown)
  bindUnknown(reading, innerRest, innerKnown, `${path}.${field}`)
  if (Object.keys(innerRest).length > 0) rest[field] = innerRest
  return keepExtra(dialect, rest)
}

function cacheHint(part: JsonObject): { readonly cache: { readonly lifetime?: string } } | undefined {
  const hint = part.cache_control
  if (!isObject(hint)) return undefined
  return { cache: typeof hint.ttl === 'string' ? { lifetime: hint.ttl } : {} }
}
