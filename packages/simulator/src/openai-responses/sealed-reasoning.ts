import { createHmac, timingSafeEqual } from 'node:crypto'

// every simulator has the same, as every server of one provider has
const key = 'switchyard simulated reasoning'
const prefix = 'gAAAAAB'

/** The encrypted content of a reasoning item: it opens for this item alone. */
export function sealedReasoning(itemId: string, tokens: number): string {
  const content = JSON.stringify({ item: itemId, tokens })
  return prefix + Buffer.from(`${content}.${seal(content)}`).toString('base64')
}

/** Whether it is unchanged, and this item's. */
export function isOwnReasoning(itemId: string | undefined, sealed: string): boolean {
  if (!sealed.startsWith(prefix)) return false
  const text = Buffer.from(sealed.slice(prefix.length), 'base64').toString('utf8')
  const dot = text.lastIndexOf('.')
  if (dot < 0) return false
  const content = text.slice(0, dot)
  const expected = Buffer.from(seal(content))
  const actual = Buffer.from(text.slice(dot + 1))
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) return false
  return itemId === undefined || (JSON.parse(content) as { readonly item: string }).item === itemId
}

function seal(content: string): string {
  return createHmac('sha256', key).update(content).digest('hex')
}
