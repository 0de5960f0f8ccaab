import { createHmac, timingSafeEqual } from 'node:crypto'

// every simulator has the same, as every server of one provider has
const key = 'switchyard simulated thinking'

/** Signs a thinking block for the model that thought it, and for its conversation. */
export function thinkingSignature(model: string, thinking: string, seed: string): string {
  return Buffer.from(`${seed}.${seal(model, thinking, seed)}`).toString('base64')
}

/** Whether the block is unchanged and the model's own. */
export function isOwnThinking(model: string, thinking: string, signature: string): boolean {
  const [seed = '', sealed = ''] = Buffer.from(signature, 'base64').toString('latin1').split('.')
  const expected = Buffer.from(seal(model, thinking, seed))
  const actual = Buffer.from(sealed)
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

function seal(model: string, thinking: string, seed: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([model, thinking, seed]))
    .digest('hex')
}
