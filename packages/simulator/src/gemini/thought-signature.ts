import { createHmac, timingSafeEqual } from 'node:crypto'
import { isObject, type Json } from '../json-value.ts'

// every simulator has the same, as every server of one provider has
const key = 'switchyard simulated thought'
// what stands for a signature on parts that another model made
const stands = ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go']

/** The part with a signature that holds for it alone. */
export function signed(part: Json): Json {
  return { ...part, thoughtSignature: seal(part) }
}

/** Whether a part that has a signature is as it was when it got it. */
export function isIntact({ thoughtSignature, ...part }: Json): boolean {
  if (stands.includes(thoughtSignature as string)) return true
  const expected = Buffer.from(seal(part))
  const actual = Buffer.from(String(thoughtSignature))
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

function seal(part: Json): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(sorted(part)))
    .digest('base64')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map(name => [name, sorted(value[name])]),
  )
}
