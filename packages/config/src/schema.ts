// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references to environment variables

import { z } from 'zod'
import { budget } from './budget-schema.ts'
import { holder, tag } from './holder-schema.ts'
import { key, tagName } from './key-schema.ts'
import { limit } from './limit-schema.ts'
import { model } from './model-schema.ts'
import { provider } from './provider-schema.ts'
import { amount, count, duration, durationOrZero, named, rate, section, size, text } from './schema-values.ts'
import { ledger, redis } from './storage-schema.ts'

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

const phases = {
  connect: duration.optional().describe('Until the connection is ready. Default 5s.'),
  headers: duration.optional().describe("From there to the answer's headers. Default: within firstToken."),
  firstToken: duration.optional().describe("From the attempt's start to its first token. Default 15s."),
  idle: duration.optional().describe('Between two reads of a stream. Default 15s.'),
}

const timeouts = section({
  ...phases,
  total: duration.optional().describe('For the whole request, all attempts together. Default 2m.'),
  consumerIdle: duration.optional().describe('How long a caller may leave a stream unread. Default 5m.'),
})

const circuitBreaker = section({
  window: duration.optional().describe('How far back the rates look. Default 60s.'),
  minimumCalls: count().optional().describe('Calls in the window before a rate counts. Default 10.'),
  failureRate: rate.optional().describe('The share of failures that opens the circuit. Default 0.5.'),
  slowCallRate: rate.optional().describe('The share of slow calls that opens the circuit. Default 0.5.'),
  slowCall: duration.optional().describe('An answer whose first token took longer is slow. Default: none is.'),
  openFor: duration.optional().describe('How long it stays open the first time. Default 10s.'),
  maxOpenFor: duration.optional().describe('The longest it stays open. Default six times openFor.'),
  halfOpenProbes: count().optional().describe('Probes that must succeed to close it, and may run at once. Default 1.'),
  probeLease: duration.optional().describe('After this a silent probe gives its place to another. Default 2m.'),
})

const resilience = {
  retry: retry.optional(),
  timeouts: timeouts.optional(),
  circuitBreaker: circuitBreaker.optional(),
}

const server = section({
  host: text.optional().describe('Default 127.0.0.1.'),
  port: count(0, 65_535).optional().describe('0 takes any free port. Default 8080.'),
  requestTimeout: duration.optional().describe('How long a client may take to send its request. Default 1m.'),
  bodyLimit: size.optional().describe('The largest request taken. Default 20MB.'),
  mediaLimit: size.optional().describe('The largest image, sound or document in a request. Default 15MB.'),
  shutdownGrace: durationOrZero.optional().describe('How long running answers may go on after a stop. Default 10s.'),
  ...holder,
})

const target = z.union([
  text.describe('provider/model, or the name of another chain.'),
  section({
    model: text.describe('provider/model, or the name of another chain.'),
    ...phases,
    attempts: count().optional().describe('Attempts for this target, the first included.'),
    maxTokens: count().optional().describe('The output cap of requests that have none.'),
    temperature: amount(0, 2).optional().describe('The temperature of requests that have none.'),
    weight: amount(0).optional().describe('Its share, where select is weighted.'),
  }),
])

const chain = section({
  select: z.enum(['priority', 'weighted', 'latency', 'cost', 'leastBusy']).optional().describe('Default priority.'),
  midStream: z
    .enum(['continue', 'fail'])
    .optional()
    .describe('What follows when a stream breaks after its first text.'),
  targets: z.array(target).min(1, { error: 'a chain needs at least one target: ["provider/model"]' }),
  ...resilience,
  ...holder,
})

const nobody = 'nobody here could answer; add a provider, such as openai: { type: openai, apiKey: "${OPENAI_API_KEY}" }'

/** The whole of `switchyard.yaml`. */
export const configSchema = section({
  $schema: z.string().optional(),
  server: server.optional(),
  providers: z
    .record(z.string(), provider, { error: nobody })
    .refine(providers => Object.keys(providers).length > 0, { error: nobody })
    .describe('Who can answer, by a name of your choosing.'),
  defaults: section(resilience).optional().describe('What every chain starts from.'),
  chains: named(chain)
    .optional()
    .describe('Targets that stand in for each other, by a name that clients use as model.'),
  aliases: named(text).optional().describe('Names that clients hard-code, and what they stand for.'),
  catalog: section({
    sync: text
      .optional()
      .describe('When the providers are asked for their models: "0 4 * * *" is every day at 4, UTC. Default: never.'),
    file: text.optional().describe('Keeps what they told. Default with sync: models.json in the data directory.'),
  })
    .optional()
    .describe('How what is known of models is kept up to date.'),
  models: named(model).optional().describe('What is known of a model, by provider/model.'),
  budgets: named(budget)
    .optional()
    .describe('What may be spent, by a name that its holders give: server, provider, model, chain, key or tag.'),
  limits: named(limit)
    .optional()
    .describe('How much may be asked, by a name that its holders give: server, provider, model, chain, key or tag.'),
  tags: z
    .record(tagName, tag)
    .optional()
    .describe('What holds for requests that carry a tag, in the header x-switchyard-tags.'),
  keys: z
    .array(key)
    .min(1, {
      error: 'without a key nobody could ask; add one, or remove this list to serve this machine without keys',
    })
    .optional()
    .describe('Who may ask. Without keys everybody on this machine may, and nobody else.'),
  ledger: ledger.optional().describe('Where budgets and what was used are kept.'),
  redis: redis.optional().describe('Lets several processes count their limits and failures together.'),
})

/** A configuration as it is written: durations are text, keys may be left out. */
export type ConfigInput = z.input<typeof configSchema>
/** A configuration that was checked: durations are milliseconds, amounts pico-USD. */
export type Config = z.output<typeof configSchema>
export type ChainConfig = NonNullable<Config['chains']>[string]
export type TargetConfig = ChainConfig['targets'][number]

/** Checks types and completes a configuration written in TypeScript: `export default defineConfig({ ... })`. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config
}
