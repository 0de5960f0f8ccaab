import { z } from 'zod'
import { count, patience, section } from './schema-values.ts'

const quantities = {
  requestsPerMinute: count().optional(),
  tokensPerMinute: count().optional().describe('Of prompt and answer together.'),
  requestsPerDay: count().optional(),
  tokensPerDay: count().optional().describe('Of prompt and answer together.'),
}

/** One limit of `limits`. */
export const limit = section({
  ...quantities,
  mode: z
    .enum(['strict', 'estimated'])
    .optional()
    .describe(
      'Tokens: strict counts the most that a call can use, estimated what it probably will. Default estimated.',
    ),
  maxWait: patience.optional().describe('How long a call may wait for room. Default 0s: it is refused at once.'),
  maxQueue: count().optional().describe('How many calls may wait. Default 100.'),
}).superRefine((limit, context) => {
  const contradicts = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
  const names = Object.keys(quantities) as (keyof typeof quantities)[]
  if (names.every(name => limit[name] === undefined)) contradicts([], `limits nothing; give it ${names.join(' or ')}`)
  if (limit.maxQueue !== undefined && !limit.maxWait) {
    contradicts(['maxQueue'], 'nothing waits without maxWait; add maxWait: 5s, or remove the key')
  }
  if (limit.mode !== undefined && limit.tokensPerMinute === undefined && limit.tokensPerDay === undefined) {
    contradicts(['mode'], 'says how tokens are counted, and none are limited; remove the key')
  }
})
