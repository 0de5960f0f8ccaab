import type { IAIProvider, ModelFactsPort } from '@switchyard/core'
import type { ProviderRegistry } from '@switchyard/core/registry'
import type { AssembleOptions } from './assemble.ts'
import { problemAt } from './config-origin.ts'
import { checkProvider } from './provider-contract.ts'
import { type ProviderFactory, providerFactory } from './provider-factory.ts'
import type { Config } from './schema.ts'

/** Makes the configuration's providers. @throws {ConfigError} naming the one that cannot be made. */
export async function registerProviders(
  config: Config,
  options: AssembleOptions,
  registry: ProviderRegistry,
  facts: ModelFactsPort,
): Promise<void> {
  for (const [id, { type, ...section }] of Object.entries(config.providers)) {
    const path = ['providers', id]
    let create: ProviderFactory
    try {
      create = await providerFactory(type, options.providerTypes ?? {}, options.directory ?? process.cwd())
    } catch (error) {
      throw problemAt(config, [...path, 'type'], (error as Error).message, options.file)
    }
    try {
      const provider: unknown = await create({ ...providerSection(type, section), id, facts })
      await keptContract(provider, id)
      registry.register(provider as IAIProvider)
    } catch (error) {
      const message = withoutSecrets(error instanceof Error ? error.message : String(error), section)
      throw problemAt(config, path, message, options.file)
    }
  }
}

/** @throws {Error} what of the contract it does not keep; it is disposed of then. */
async function keptContract(provider: unknown, id: string): Promise<void> {
  try {
    checkProvider(provider, id)
  } catch (error) {
    const { dispose } = Object(provider) as { readonly dispose?: unknown }
    if (typeof dispose === 'function') await new Promise(resolve => resolve(dispose.call(provider))).catch(() => {})
    throw error
  }
}

function providerSection(type: string, section: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  // what is ours to act upon, and no provider's
  const { apiKey, budget: _, limit: __, price: ___, concurrency: ____, ...rest } = section
  const absent = apiKey === undefined || (type === 'openai-compatible' && apiKey === 'none')
  return Object.fromEntries(
    Object.entries(absent ? rest : { apiKey, ...rest }).filter(([, value]) => value !== undefined),
  )
}

// a stranger's error may quote what it was given
function withoutSecrets(message: string, section: object): string {
  let clean = message
  for (const value of Object.values(section)) {
    if (typeof value === 'object' && value !== null) clean = withoutSecrets(clean, value)
    else if (typeof value === 'string' && value.length >= 8) clean = clean.replaceAll(value, '[redacted]')
  }
  return clean
}
