import { ok } from 'node:assert/strict'
import type { IAIProvider } from '@switchyard/core/contract'
import { startSimulator } from '@switchyard/simulator'
import type { ConformanceCheck, ConformanceOptions, ProviderSetup } from './conformance.ts'
import { eventually } from './eventually.ts'

/** Looks like a real key, so that it is found wherever it leaks. */
export const testKey = 'sk-conformance-7Qx2LmZp9TfVb4'

/**
 * Runs one check with a server and a provider of its own, and sees that no socket is left afterwards.
 * @throws what the check throws.
 */
export async function runCheck(check: ConformanceCheck, options: ConformanceOptions): Promise<void> {
  const simulator = await startSimulator({ apiKey: testKey })
  const providers: IAIProvider[] = []
  const create = async (setup: Partial<ProviderSetup>) => {
    const provider = await options.create({
      baseURL: simulator.baseURL,
      apiKey: testKey,
      facts: () => undefined,
      ...setup,
    })
    providers.push(provider)
    return provider
  }
  try {
    const provider = await create({})
    await check.run({ simulator, provider, create, options, model: options.model ?? 'gpt-sim' })
    await Promise.all(providers.map(each => each.dispose()))
    await eventually(() => ok(simulator.openSockets === 0, `${simulator.openSockets} sockets are open after dispose`))
  } finally {
    await Promise.allSettled(providers.map(each => each.dispose()))
    await simulator.close()
  }
}
