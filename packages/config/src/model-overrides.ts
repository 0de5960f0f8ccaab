import type { ModelOverride } from '@switchyard/catalog'
import type { Config } from './schema.ts'

type WrittenModel = NonNullable<Config['models']>[string]

/** What the configuration's `models` say, as the catalogue takes it. */
export function modelOverrides(models: Config['models'] = {}): Readonly<Record<string, ModelOverride>> {
  return Object.fromEntries(Object.entries(models).map(([name, model]) => [name, modelOverride(model)]))
}

function modelOverride(model: WrittenModel): ModelOverride {
  const { contextWindow, maxOutputTokens, silentReasoning, capabilities, price, ...rest } = model
  const { budget: _, limit: __, concurrency: ___, ...facts } = rest
  return present({
    contextWindow,
    maxOutputTokens,
    silentReasoningMs: silentReasoning,
    capabilities: capabilities && present(capabilities),
    price: price && writtenPrice(price),
    facts: present(facts),
  })
}

type CacheWritePrice = bigint | Readonly<Record<string, bigint>>

// as every provider calls its lifetimes
const lifetimes = ['default', '5m', '30m', '1h', '12h']

/** A price as the configuration writes it, in the catalogue's words. */
export function writtenPrice({ cacheWrite, longContext, ...price }: NonNullable<WrittenModel['price']>) {
  return present({
    ...price,
    cacheWrite: byLifetime(cacheWrite),
    longContext: longContext?.map(({ above, cacheWrite: write, ...tier }) =>
      present({ ...tier, tokens: above, when: 'exceeds' as const, cacheWrite: byLifetime(write) }),
    ),
  })
}

function byLifetime(price: CacheWritePrice | undefined): Readonly<Record<string, bigint>> | undefined {
  return typeof price === 'bigint' ? Object.fromEntries(lifetimes.map(lifetime => [lifetime, price])) : price
}

type Present<Fields> = {
  [Key in keyof Fields as undefined extends Fields[Key] ? Key : never]?: Exclude<Fields[Key], undefined>
} & {
  [Key in keyof Fields as undefined extends Fields[Key] ? never : Key]: Fields[Key]
}

function present<Fields extends object>(fields: Fields): Present<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<Fields>
}
