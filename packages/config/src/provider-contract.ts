import { capabilityNames, type IAIProvider } from '@switchyard/core'

const methods = ['initialize', 'sendMessage', 'getCapabilities', 'getModels', 'dispose'] as const
const optionalMethods = ['embed', 'countTokens'] as const

/**
 * What is wrong with what a `createProvider` made, as far as that shows without asking it anything of its server.
 *
 * @throws {Error} that names what is missing and the cure.
 */
export function checkProvider(provider: unknown, id: string): asserts provider is IAIProvider {
  if (typeof provider !== 'object' || provider === null) {
    throw new Error(`createProvider gave ${kindOf(provider)}; it must return a provider, or a promise of one`)
  }
  const made = provider as Partial<Record<keyof IAIProvider, unknown>>
  for (const method of methods) {
    if (typeof made[method] !== 'function') {
      throw new Error(`what createProvider made has no ${method}(); it is no provider`)
    }
  }
  if (made.contract !== 1) {
    throw new Error(
      `it keeps contract ${JSON.stringify(made.contract) ?? 'none'}, and this is contract 1; install versions of it and of Switchyard that match`,
    )
  }
  if (typeof made[Symbol.asyncDispose] !== 'function') {
    throw new Error('what createProvider made has no [Symbol.asyncDispose](); let it call dispose()')
  }
  for (const method of optionalMethods) {
    if (made[method] !== undefined && typeof made[method] !== 'function') {
      throw new Error(`${method} is ${kindOf(made[method])}; make it a method, or leave it out where there is none`)
    }
  }
  if (made.id !== id) {
    throw new Error(
      `createProvider must give the provider the id it was given, "${id}", not ${JSON.stringify(made.id) ?? 'none'}`,
    )
  }
  checkCapabilities(made as IAIProvider)
}

function checkCapabilities(provider: IAIProvider): void {
  let capabilities: unknown
  try {
    capabilities = provider.getCapabilities('some-model')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`getCapabilities() must answer for any model, "unknown" where nothing is known; it threw: ${why}`)
  }
  if (typeof capabilities !== 'object' || capabilities === null || 'then' in capabilities) {
    throw new Error(
      `getCapabilities() gave ${kindOf(capabilities)}; it must return the capabilities at once, as modelCapabilities() makes them`,
    )
  }
  const told = capabilities as Readonly<Record<string, unknown>>
  for (const name of capabilityNames) {
    if (told[name] !== true && told[name] !== false && told[name] !== 'unknown') {
      throw new Error(
        `getCapabilities() gave ${kindOf(told[name])} for ${name}; it must be true, false or "unknown", as modelCapabilities() fills them in`,
      )
    }
  }
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'then' in value ? 'a promise' : 'an object'
  return typeof value === 'function' ? 'a function' : `a ${typeof value}`
}
