import type { MediaSource } from '@switchyard/core/contract'
import { base64Bytes, isBase64, parseDataUrl } from '../data-url.ts'
import { fault, textAt } from '../field-checks.ts'

// how the files of each type begin, in base64
const beginnings: readonly (readonly [beginning: string, mediaType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
]

/** The bare base64 of the wire, which names no type: the data tells it. */
export function decodeImageData(value: unknown, path: string, maximumBytes: number): MediaSource {
  const data = textAt(value, path)
  if (data.startsWith('data:')) throw fault(path, 'is a data URL; send its base64 alone, what follows the comma.')
  if (!isBase64(data))
    throw fault(path, 'must be the base64 of the image; paths and addresses are not read.', 'invalid_base64')
  const bytes = base64Bytes(data)
  if (bytes > maximumBytes)
    throw fault(path, `holds ${bytes} bytes, and at most ${maximumBytes} are taken; send less.`, 'image_too_large')
  const mediaType = beginnings.find(([beginning]) => data.startsWith(beginning))?.[1] ?? 'image/png'
  return { type: 'base64', mediaType, data }
}

/** The bare base64 of an image, padded as the server wants it; why not, where there is none. */
export function encodeImageData(source: MediaSource): { readonly data: string } | { readonly why: string } {
  if (source.type === 'file') return { why: `only ${source.origin} has this file; Ollama takes an image by its data` }
  const inUrl = source.type === 'url' ? parseDataUrl(source.url) : source
  if (inUrl === undefined)
    return { why: 'Ollama takes an image by its data, and fetches none; send the base64 in place of the address' }
  const data = inUrl.data.startsWith('data:') ? (parseDataUrl(inUrl.data)?.data ?? '') : inUrl.data
  if (!isBase64(data)) return { why: 'its data is not base64; paths are not read' }
  return { data: data.padEnd(Math.ceil(data.length / 4) * 4, '=') }
}
