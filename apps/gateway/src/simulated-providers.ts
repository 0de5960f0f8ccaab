import type { ProviderFactory } from '@switchyard/config'
import { createOpenAICompatible } from '@switchyard/openai-compatible'
import { type Simulator, startSimulator } from '@switchyard/simulator'

/** Providers of the type `simulated`: each is a real HTTP server on loopback, which says that it is none. */
export class SimulatedProviders {
  readonly #simulators: Simulator[] = []

  readonly create: ProviderFactory = async ({ id, facts }) => {
    const simulator = await startSimulator({ anyModel: true, logLimit: 1, logBodies: false })
    this.#simulators.push(simulator)
    const { baseURL, apiKey } = simulator
    return createOpenAICompatible({ id, baseURL, apiKey, facts })
  }

  get count(): number {
    return this.#simulators.length
  }

  async close(): Promise<void> {
    await Promise.all(this.#simulators.splice(0).map(simulator => simulator.close()))
  }
}
