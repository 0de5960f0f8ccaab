import type { Json } from '../json-value.ts'
import { InvalidRequest, listAt, objectAt, onlyFields, stringAt, wordAt } from './refusal.ts'

const imageTypes = ['image/jpeg', 'image/png', 'image/gif', 'image/webp']

/** @throws {InvalidRequest} when an image cannot be read. */
export function checkImageSource(value: unknown, path: string): void {
  const source = objectAt(value, path)
  const type = wordAt(source.type, ['base64', 'url', 'file'], `${path}.type`)
  if (type !== 'base64') {
    checkReference(source, type, `${path}.${type}`)
    return
  }
  onlyFields(source, ['type', 'media_type', 'data'], `${path}.base64`)
  const declared = wordAt(source.media_type, imageTypes, `${path}.base64.media_type`)
  const actual = imageType(bytesAt(source.data, `${path}.base64.data`))
  if (actual === undefined) throw new InvalidRequest('', 'Could not process image')
  if (actual !== declared) {
    const message = `The image was specified using the ${declared} media type, but the image appears to be a ${actual} image`
    throw new InvalidRequest(`${path}.base64`, message)
  }
}

/** @throws {InvalidRequest} when a document cannot be read. */
export function checkDocumentSource(value: unknown, path: string): void {
  const source = objectAt(value, path)
  const type = wordAt(source.type, ['base64', 'text', 'content', 'url', 'file'], `${path}.type`)
  if (type === 'url' || type === 'file') {
    checkReference(source, type, `${path}.${type}`)
    return
  }
  if (type === 'content') {
    onlyFields(source, ['type', 'content'], `${path}.content`)
    if (typeof source.content !== 'string') listAt(source.content, `${path}.content.content`)
    return
  }
  onlyFields(source, ['type', 'media_type', 'data'], `${path}.${type}`)
  wordAt(source.media_type, [type === 'text' ? 'text/plain' : 'application/pdf'], `${path}.${type}.media_type`)
  if (type === 'text') stringAt(source.data, `${path}.text.data`)
  else if (bytesAt(source.data, `${path}.base64.data`).toString('latin1', 0, 5) !== '%PDF-') {
    throw new InvalidRequest(`${path}.base64.data`, 'The PDF specified was not valid.')
  }
}

function checkReference(source: Json, type: string, path: string): void {
  const field = type === 'url' ? 'url' : 'file_id'
  onlyFields(source, ['type', field], path)
  const reference = stringAt(source[field], `${path}.${field}`)
  if (type === 'url' && !/^https:\/\/[^/]/.test(reference)) {
    throw new InvalidRequest(`${path}.url`, 'Only HTTPS URLs are supported.')
  }
}

function bytesAt(value: unknown, path: string): Buffer {
  const data = stringAt(value, path)
  if (data === '' || data.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(data)) {
    throw new InvalidRequest(path, 'Invalid base64 data')
  }
  return Buffer.from(data, 'base64')
}

function imageType(bytes: Buffer): string | undefined {
  const head = bytes.toString('latin1', 0, 12)
  if (head.startsWith('\x89PNG')) return 'image/png'
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (head.startsWith('GIF8')) return 'image/gif'
  return head.startsWith('RIFF') && head.endsWith('WEBP') ? 'image/webp' : undefined
}
