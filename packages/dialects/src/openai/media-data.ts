import type { MediaSource } from '@switchyard/core/contract'
import { base64Bytes, isBase64, parseDataUrl } from '../data-url.ts'
import { fault } from '../field-checks.ts'

/** An image's URL, be it of the web or of its data. */
export function decodeImageUrl(url: string, path: string, maximumBytes: number): MediaSource {
  if (/^data:/i.test(url)) return decodeDataUrl(url, path, maximumBytes, 'image')
  if (!/^https?:\/\/[^\s/]/i.test(url))
    throw fault(path, 'must be an http(s) URL or a data URL such as "data:image/png;base64,...".', 'invalid_image_url')
  return { type: 'url', url }
}

/** @throws {SwitchyardError} `invalid-request` for what is no data URL, or holds too much. */
export function decodeDataUrl(url: string, path: string, maximumBytes: number, what: string): MediaSource {
  const parsed = parseDataUrl(url)
  if (parsed === undefined)
    throw fault(path, 'is a malformed data URL; it must read "data:<media type>;base64,<data>".', 'invalid_data_url')
  checkData(parsed.data, path, maximumBytes, what)
  return { type: 'base64', ...parsed }
}

/** @throws {SwitchyardError} `invalid-request` where it is no base64, or too much of it. */
export function checkData(data: string, path: string, maximumBytes: number, what: string): void {
  const bytes = base64Bytes(data)
  if (bytes > maximumBytes)
    throw fault(path, `holds ${bytes} bytes, and at most ${maximumBytes} are taken; send less.`, `${what}_too_large`)
  if (!isBase64(data)) throw fault(path, 'is not valid base64.', 'invalid_base64')
}
