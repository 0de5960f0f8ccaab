import { z } from 'zod'
import { duration, section, text } from './schema-values.ts'

const databaseURL = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'expected a URL that starts with postgres:// or postgresql://',
})

const redisURL = z.url({ protocol: /^rediss?$/, error: 'expected a URL that starts with redis:// or rediss://' })

/** `ledger`: where budgets and what was used are kept. */
export const ledger = section({
  url: databaseURL.optional().describe('A PostgreSQL. Default: an SQLite of our own, in the data directory.'),
  keepPrompts: z
    .enum(['redacted'])
    .optional()
    .describe('Keeps what was asked, without addresses, numbers and keys. Default: no prompt is kept.'),
  lease: duration
    .refine(ms => ms >= 1_000, { error: 'must be at least 1s' })
    .optional()
    .describe('What a process has reserved is held for used up when it was silent for so long. Default 30s.'),
  retention: duration
    .refine(ms => ms >= 86_400_000, { error: 'must be at least 24h' })
    .optional()
    .describe('How long single requests are kept; their sums are kept for ever. Default 90d.'),
})

/** `redis`: what makes several processes count as one. */
export const redis = section({
  url: redisURL,
  prefix: text.optional().describe('Begins every key of ours. Default switchyard.'),
  whenAway: z
    .enum(['share', 'refuse'])
    .optional()
    .describe('While it is away: share lets each process use its part of a limit, refuse refuses. Default share.'),
})
