import { z } from 'zod'
import { didYouMean } from './nearest-name.ts'
import { money, patience, rate, section } from './schema-values.ts'

const timeZone = z.string().superRefine((name, context) => {
  if (isTimeZone(name)) return
  const near = didYouMean(name, Intl.supportedValuesOf('timeZone'))
  context.addIssue({ code: 'custom', message: `there is no time zone of this name${near || '; write Europe/Berlin'}` })
})

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}

// what a 64-bit column holds, with room for calls that cost more than they may
const largestLimit = 9_000_000_000_000_000_000n

const thresholds = z
  .union([rate, z.array(rate)], { error: 'expected a share such as 0.8, or a list of shares' })
  .transform(written => (typeof written === 'number' ? [written] : [...new Set(written)].sort((a, b) => a - b)))

/** One budget of `budgets`. */
export const budget = section({
  limit: money
    .refine(amount => amount > 0n, { error: 'must be more than 0 USD' })
    .refine(amount => amount <= largestLimit, { error: 'must be at most 9000000 USD' })
    .describe('What may be spent in one window.'),
  window: z
    .enum(['hour', 'day', 'week', 'month', 'total'])
    .describe('How long until it begins anew; a week begins on Monday, total never ends.'),
  timeZone: timeZone.optional().describe('Where its days begin: Europe/Berlin. Default UTC.'),
  kind: z
    .enum(['hard', 'soft'])
    .optional()
    .describe('hard: what might go beyond it is refused. soft: it is told, and goes on. Default hard.'),
  alertAt: thresholds
    .optional()
    .describe('Shares of the limit that are told when they are used up: 0.8, or [0.5, 0.9]. Default 0.8 and 1.'),
  onLow: z
    .enum(['refuse', 'clamp'])
    .optional()
    .describe('Where too little is left: refuse, or clamp the answer to what is left, with a warning. Default refuse.'),
  maxWait: patience
    .optional()
    .describe('How long a call may wait where only what running calls have reserved is in its way. Default 0s.'),
}).superRefine(({ kind, onLow, maxWait, window, timeZone }, context) => {
  const contradicts = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message })
  if (kind === 'soft' && onLow !== undefined) contradicts('onLow', 'a soft budget refuses nothing; remove the key')
  if (kind === 'soft' && maxWait) contradicts('maxWait', 'nothing waits for a soft budget; remove the key')
  if (window === 'total' && timeZone !== undefined) contradicts('timeZone', 'a total has no days; remove the key')
})
