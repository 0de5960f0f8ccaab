import { z } from 'zod'
import { count, patience, section } from './schema-values.ts'

/** How many attempts may run at once: of a provider, a model, or a target. */
export const concurrency = section(
  {
    limit: count().optional().describe('So many run at once.'),
    adaptive: z
      .union(
        [
          z.literal(true),
          section({
            min: count().optional().describe('Never fewer at once than this. Default 1.'),
            max: count().optional().describe('Never more at once than this.'),
          }),
        ],
        { error: 'expected true, or { min: 1, max: 100 }' },
      )
      .optional()
      .describe('So many run at once as it answers without slowing down.'),
    maxQueue: count().optional().describe('How many may wait for a place. Default 100.'),
    maxWait: patience
      .optional()
      .describe('How long one may wait for a place. Default 0s: it goes to the next target at once.'),
  },
  '{ limit: 8 }',
)
  .superRefine((written, context) => {
    const report = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
    const { limit, adaptive, maxQueue, maxWait } = written
    if (limit !== undefined && adaptive !== undefined) {
      report(['limit'], 'adaptive finds the limit itself; keep one of them')
    }
    if (limit === undefined && adaptive === undefined) report([], 'limits nothing; give it limit, or adaptive: true')
    if (maxQueue !== undefined && !maxWait) {
      report(['maxQueue'], 'nothing waits without maxWait; add maxWait: 5s, or remove the key')
    }
    if (
      typeof adaptive === 'object' &&
      adaptive.min !== undefined &&
      adaptive.max !== undefined &&
      adaptive.min > adaptive.max
    ) {
      report(['adaptive', 'min'], 'must not be more than max')
    }
  })
  .describe('How many attempts may run at once.')
