const allowed = /^[A-Za-z0-9_-]{1,40}$/

/** The id itself where it is at most 40 of `[A-Za-z0-9_-]`, else one made of it, always the same. */
export function toolCallId(wireId: string): string {
  if (allowed.test(wireId)) return wireId
  const readable = wireId.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 24)
  return `${readable}_${fingerprint(wireId)}`
}

/** An id for a call that came without one; the same seed gives the same id. */
export function madeToolCallId(seed: string): string {
  return `call_${fingerprint(seed)}`
}

// two 32-bit multiplicative hashes with different seeds: at most 14 characters of base 36
function fingerprint(text: string): string {
  let first = 0x811c9dc5
  let second = 0x9747b28c
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    first = Math.imul(first ^ code, 0x01000193)
    second = Math.imul(second + code, 0x85ebca6b)
    second ^= second >>> 13
  }
  return (first >>> 0).toString(36) + (second >>> 0).toString(36)
}
