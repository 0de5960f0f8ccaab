import { pricePerToken } from '@switchyard/catalog'
import { moneyPattern, parseMoney } from '@switchyard/core'
import { z } from 'zod'
import { durationPattern, parseDuration } from './duration.ts'
import { didYouMean } from './nearest-name.ts'

/** A section whose keys are all known; `example` is shown to whom writes something else in its place. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape, example?: string) {
  const error = (issue: z.core.$ZodRawIssue) =>
    issue.code === 'invalid_type' && example !== undefined
      ? `expected a section such as ${example}`
      : unknownKeys(issue, Object.keys(shape))
  return z.strictObject(shape, { error })
}

function unknownKeys(issue: z.core.$ZodRawIssue, known: readonly string[]): string | undefined {
  if (issue.code !== 'unrecognized_keys') return undefined
  const keys = issue.keys as readonly string[]
  return keys.map(key => `unknown key${didYouMean(key, known) || `; known here: ${known.join(', ')}`}`).join('\n')
}

/** Names of the user's choosing, each with its own section. */
export function named<Value extends z.core.$ZodType>(value: Value) {
  return z.record(z.string(), value)
}

/** Milliseconds, written with a unit; may be none at all. */
export const durationOrZero = z
  .string({ error: 'expected a duration with its unit, such as 500ms, 8s, 1m or 2h' })
  .regex(durationPattern, { error: 'expected a duration with its unit, such as 500ms, 8s, 1m or 2h' })
  .transform(text => parseDuration(text) as number)

/** Milliseconds, written with a unit. */
export const duration = durationOrZero.refine(ms => ms > 0, { error: 'must be longer than nothing' })

/** Milliseconds that a call may wait; no caller waits longer. */
export const patience = durationOrZero.refine(ms => ms <= 3_600_000, { error: 'must be at most 1h' })

/** Pico-USD, written as `10 USD`. */
export const money = z
  .string({ error: 'expected an amount such as 10 USD' })
  .regex(moneyPattern, { error: 'expected an amount such as 10 USD' })
  .transform(text => parseMoney(text) as bigint)

const priceMistake = 'expected USD per million tokens, such as 0.15, with at most 6 digits after the point'

/** Pico-USD per token, written in USD per million tokens. */
export const pricePerMillion = z
  // without the abort zod would report the pattern alone
  .union([z.number(), z.string().regex(/^\d+(\.\d+)?$/, { abort: true })], { error: priceMistake })
  .refine(price => pricePerToken(price) !== undefined, { error: priceMistake })
  .transform(price => pricePerToken(price) as bigint)

const sizeUnits = { KB: 1_000, MB: 1_000_000, GB: 1_000_000_000 } as const
const sizePattern = /^(\d+(?:\.\d+)?)(KB|MB|GB)$/

/** Bytes, written with a unit. */
export const size = z
  .string({ error: 'expected a size with its unit, such as 500KB or 20MB' })
  .regex(sizePattern, { error: 'expected a size with its unit, such as 500KB or 20MB' })
  .transform(text => {
    const [, number, unit] = sizePattern.exec(text) as RegExpExecArray
    return Math.round(Number(number) * sizeUnits[unit as keyof typeof sizeUnits])
  })

// an environment variable is always text
const numeric = (value: unknown): unknown =>
  typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value

/** A whole number of at least `least`. */
export function count(least = 1, most?: number) {
  const number = z.int().min(least)
  return z.preprocess(numeric, most === undefined ? number : number.max(most))
}

/** A number within these bounds. */
export function amount(least: number, most?: number) {
  const number = z.number().min(least)
  return z.preprocess(numeric, most === undefined ? number : number.max(most))
}

/** A share above 0, up to 1. */
export const rate = z.preprocess(numeric, z.number().gt(0).max(1))

export const text = z.string().min(1)

/** What goes into a header as it is. */
export const credential = text.refine(key => /^[\x21-\x7e]*$/.test(key), {
  error: 'holds a space, a line break or another character that no key has; take it out',
})

/** Header fields by name. */
export const headerFields = z.record(z.string(), z.string()).superRefine((fields, context) => {
  for (const [name, value] of Object.entries(fields)) {
    const report = (message: string) => context.addIssue({ code: 'custom', path: [name], message })
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) report('a header has letters, digits and "-" in its name')
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) report('a header holds no line break and no other control character')
  }
})

export const url = z.url({
  protocol: /^https?$/,
  error: 'expected a URL that starts with http:// or https://',
})
