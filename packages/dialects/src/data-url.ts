/** The two halves of a base64 data URL. */
export interface DataUrl {
  readonly mediaType: string
  readonly data: string
}

/** `undefined` where the text is no base64 data URL; its data may still be malformed. */
export function parseDataUrl(url: string): DataUrl | undefined {
  if (!url.startsWith('data:')) return undefined
  const comma = url.indexOf(',')
  if (comma < 0) return undefined
  const head = url.slice(5, comma)
  if (!head.endsWith(';base64')) return undefined
  const mediaType = head.slice(0, -7)
  return /^[\w.+-]+\/[\w.+-]+(;[^,]*)?$/.test(mediaType) ? { mediaType, data: url.slice(comma + 1) } : undefined
}

export function dataUrl(source: DataUrl): string {
  return `data:${source.mediaType};base64,${source.data}`
}

export function isBase64(text: string): boolean {
  return text.length > 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.replace(/=+$/, '').length % 4 !== 1
}

/** How many bytes the base64 text stands for. */
export function base64Bytes(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return Math.floor(((text.length - padding) * 3) / 4)
}
