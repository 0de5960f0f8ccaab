/** A text as base64 of its UTF-8 bytes. */
export function base64OfText(text: string): string {
  let bytes = ''
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte)
  return btoa(bytes)
}

/** The text that base64 holds; `undefined` where it is no UTF-8. */
export function textOfBase64(data: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(atob(data), each => each.charCodeAt(0)))
  } catch {
    return undefined
  }
}
