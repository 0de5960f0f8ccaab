import { createHash } from 'node:crypto'

/** A vector of length 1, always the same for the same text. */
export function embeddingVector(text: string, dimensions: number): Float32Array {
  const numbers: number[] = []
  for (let block = 0; numbers.length < dimensions; block++) {
    const hash = createHash('sha256').update(`${block}:${text}`).digest()
    for (let at = 0; at < 32; at += 4) numbers.push(hash.readInt32LE(at) / 2 ** 31)
  }
  const vector = numbers.slice(0, dimensions)
  const length = Math.hypot(...vector)
  return Float32Array.from(vector, value => value / length)
}
