import { z } from 'zod'
import { amount, count, duration, durationOrZero, rate, section } from './schema-values.ts'

const retry = section({
  attempts: count().optional().describe('Attempts for each target, the first included. Default 3.'),
  baseDelay: durationOrZero
    .optional()
    .describe('Upper end of the first wait; it doubles with each attempt. Default 500ms.'),
  maxDelay: durationOrZero.optional().describe('The longest computed wait. Default 8s.'),
  maxRetryAfter: duration
    .optional()
    .describe('A provider that asks for a longer wait than this is not waited for. Default 1m.'),
})

/** The limits that a target may have for itself. */
export const phases = {
  connect: duration.optional().describe('Until the connection is ready. Default 5s.'),
  headers: duration.optional().describe("From there to the answer's headers. Default: within firstToken."),
  firstToken: duration
    .optional()
    .describe("From the attempt's start to its first token. Default: learned from the target, and 15s until then."),
  idle: duration
    .optional()
    .describe('Between two reads of a stream. Default: learned from the target, and 15s until then.'),
}

const timeouts = section({
  ...phases,
  minThroughput: amount(0)
    .optional()
    .describe('Characters a second that an answer must make until its first text is shown; 0 for any. Default 1.'),
  total: duration.optional().describe('For the whole request, all attempts together. Default 2m.'),
  consumerIdle: duration.optional().describe('How long a caller may leave a stream unread. Default 5m.'),
})

const circuitBreaker = section({
  window: duration.optional().describe('How far back the rates look. Default 60s.'),
  minimumCalls: count().optional().describe('Calls in the window before a rate counts. Default 10.'),
  failureRate: rate.optional().describe('The share of failures that opens the circuit. Default 0.5.'),
  consecutiveFailures: count()
    .optional()
    .describe('So many failures in a row open it, however well it was before. Default 10, at least minimumCalls.'),
  slowCallRate: rate.optional().describe('The share of slow calls that opens the circuit. Default 0.5.'),
  slowCall: duration.optional().describe('An answer whose first token took longer is slow. Default: none is.'),
  openFor: duration.optional().describe('How long it stays open the first time. Default 10s.'),
  maxOpenFor: duration.optional().describe('The longest it stays open. Default six times openFor.'),
  halfOpenProbes: count().optional().describe('Probes that must succeed to close it, and may run at once. Default 1.'),
  probeLease: duration.optional().describe('After this a silent probe gives its place to another. Default 2m.'),
})

const holdBack = section(
  {
    text: durationOrZero
      .optional()
      .describe('How long text is kept back, so that an answer that dies early is made again unseen. Default 0s.'),
    toolCalls: durationOrZero
      .optional()
      .describe('How long tool calls are kept back; the end of the answer shows them at once. Default 2s.'),
  },
  '{ text: 1s, toolCalls: 2s }',
)

const hedge = z.union(
  [
    z.literal(false),
    section({
      after: duration.optional().describe('Without a visible token for so long, the next target is asked as well.'),
      percentile: amount(50, 99.9)
        .optional()
        .describe("The target's own first-token percentile to wait for, once it is known. Default 95."),
      attempts: count().optional().describe('The most extra attempts for one request. Default 1.'),
    }).superRefine((written, context) => {
      if (written.after === undefined || written.percentile === undefined) return
      context.addIssue({
        code: 'custom',
        path: ['percentile'],
        message: 'after sets the wait already; keep after, or percentile, which learns it',
      })
    }),
  ],
  { error: 'expected false, or a section such as { after: 2s } or { percentile: 95 }' },
)

/** How requests are kept alive: of every chain under `defaults`, and of one. */
export const resilience = {
  retry: retry.optional(),
  timeouts: timeouts.optional(),
  circuitBreaker: circuitBreaker.optional(),
  midStream: z
    .enum(['continue', 'fail'])
    .optional()
    .describe(
      'What follows when a stream breaks after its first text. Default continue: another attempt goes on with it, exactly where it was.',
    ),
  holdBack: holdBack.optional().describe('How long an answer is kept back before its client sees it.'),
  hedge: hedge
    .optional()
    .describe('When the next target is asked beside one that is slow to begin. Default false: never.'),
}
