import { capabilityNames, moneyPattern } from '@switchyard/core'
import { z } from 'zod'
import { concurrency } from './concurrency-schema.ts'
import { holder } from './holder-schema.ts'
import { phases, resilience } from './resilience-schema.ts'
import { amount, count, duration, section, text } from './schema-values.ts'

const some = <Value extends z.ZodType>(value: Value) =>
  z.array(value).min(1, { error: 'no request could meet an empty list; remove the key' })

const condition = section(
  {
    capabilities: some(z.enum(capabilityNames)).optional().describe('Only requests that need one of these: [images].'),
    minInputTokens: count().optional().describe('Only requests whose prompt is estimated at so many tokens at least.'),
    maxInputTokens: count().optional().describe('Only requests whose prompt is estimated at so many tokens at most.'),
    tasks: some(text).optional().describe('Only these kinds of work, as the header x-switchyard-task names them.'),
    metadata: z.record(z.string(), z.string()).optional().describe('Only requests whose metadata say this.'),
    maxCost: z
      .string({ error: 'expected an amount such as 0.02 USD' })
      .regex(moneyPattern, { error: 'expected an amount such as 0.02 USD' })
      .optional()
      .describe('Only requests that are expected to cost no more here: 0.02 USD.'),
  },
  '{ tasks: [draft] }',
).superRefine((when, context) => {
  const report = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
  const { minInputTokens: least = 0, maxInputTokens: most = Number.POSITIVE_INFINITY } = when
  if (least > most) report(['minInputTokens'], 'no request has this many tokens and no more than maxInputTokens')
  const isEmpty = Object.values(when).every(said => said === undefined)
  // what is misspelt is told already
  if (isEmpty && context.issues.length === 0) report([], 'says nothing; remove the key')
  if (when.metadata !== undefined && Object.keys(when.metadata).length === 0) {
    report(['metadata'], 'says nothing; remove the key')
  }
})

const target = z.union([
  text.describe('provider/model, or the name of another chain.'),
  section({
    model: text.describe('provider/model, or the name of another chain.'),
    ...phases,
    attempts: count().optional().describe('Attempts for this target, the first included.'),
    maxTokens: count().optional().describe('The output cap of requests that have none.'),
    temperature: amount(0, 2).optional().describe('The temperature of requests that have none.'),
    weight: amount(0).optional().describe('Its share, where select is weighted. Default 1.'),
    when: condition.optional().describe('Which requests it is asked for; all that is said must hold. Default: all.'),
    concurrency: concurrency.optional(),
  }),
])

const instead = z.array(target).min(1, { error: 'names nobody; remove the key' })

/** One chain of `chains`. */
export const chain = section({
  select: z
    .enum(['priority', 'weighted', 'latency', 'cost', 'leastBusy'])
    .optional()
    .describe('Who is asked first. Default priority: in the order of targets.'),
  sticky: z
    .union([z.boolean(), section({ idle: duration.describe('Forgotten after so long without a request.') })], {
      error: 'expected true, or { idle: 5m }',
    })
    .optional()
    .describe('Requests with one prompt cache key stay with one target while it is healthy. Default false.'),
  targets: z.array(target).min(1, { error: 'a chain needs at least one target: ["provider/model"]' }),
  onContextLength: instead.optional().describe('Asked in place of those that are left when a request is too long.'),
  onContentFilter: instead
    .optional()
    .describe('Asked in place of those that are left when a content filter refuses. Default: nobody is.'),
  ...resilience,
  ...holder,
})
