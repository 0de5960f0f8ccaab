/** A vector of base64: 32-bit floats, little endian. `undefined` where it is none. */
export function decodeFloats(text: string): number[] | undefined {
  let bytes: string
  try {
    bytes = atob(text)
  } catch {
    return undefined
  }
  if (bytes.length % 4 !== 0) return undefined
  const view = new DataView(new ArrayBuffer(bytes.length))
  for (let at = 0; at < bytes.length; at++) view.setUint8(at, bytes.charCodeAt(at))
  return Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(at * 4, true))
}

export function encodeFloats(vector: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4))
  vector.forEach((value, at) => {
    view.setFloat32(at * 4, value, true)
  })
  let bytes = ''
  for (let at = 0; at < view.byteLength; at++) bytes += String.fromCharCode(view.getUint8(at))
  return btoa(bytes)
}
