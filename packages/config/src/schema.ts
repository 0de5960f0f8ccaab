// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references to environment variables

import { z } from 'zod'
import { budget } from './budget-schema.ts'
import { chain } from './chain-schema.ts'
import { holder, tag } from './holder-schema.ts'
import { key, tagName } from './key-schema.ts'
import { limit } from './limit-schema.ts'
import { model } from './model-schema.ts'
import { provider } from './provider-schema.ts'
import { resilience } from './resilience-schema.ts'
import { count, duration, durationOrZero, named, section, size, text } from './schema-values.ts'
import { ledger, redis } from './storage-schema.ts'

const server = section({
  host: text.optional().describe('Default 127.0.0.1.'),
  port: count(0, 65_535).optional().describe('0 takes any free port. Default 8080.'),
  requestTimeout: duration.optional().describe('How long a client may take to send its request. Default 1m.'),
  bodyLimit: size.optional().describe('The largest request taken. Default 20MB.'),
  mediaLimit: size.optional().describe('The largest image, sound or document in a request. Default 15MB.'),
  shutdownGrace: durationOrZero.optional().describe('How long running answers may go on after a stop. Default 10s.'),
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
