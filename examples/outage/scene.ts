import { BreakerBoard, type Chain, createChain, EventHub, systemClock, systemRandom } from '@switchyard/core'
import { createOpenAI } from '@switchyard/openai'
import { createOpenAICompatible } from '@switchyard/openai-compatible'
import { type Simulator, startSimulator } from '@switchyard/simulator'

/** Two simulated providers, each a real HTTP server, behind one chain. */
export interface Scene extends AsyncDisposable {
  readonly primary: Simulator
  readonly backup: Simulator
  readonly chain: Chain
  readonly events: EventHub
}

/** One beat lies between two words of an answer; every other time is so many beats. */
export async function createScene(beatMs: number): Promise<Scene> {
  const reply = (name: string) => () => `Simulated answer, spoken by the ${name} without a pause or a stumble.`
  const primary = await startSimulator({ reply: reply('primary') })
  const backup = await startSimulator({ reply: reply('backup') })
  for (const simulator of [primary, backup]) simulator.setFault({ type: 'drip', ms: beatMs })

  const events = new EventHub()
  const providers = [
    createOpenAI({ id: 'primary', apiKey: primary.apiKey, baseURL: primary.baseURL }),
    createOpenAICompatible({ id: 'backup', apiKey: backup.apiKey, baseURL: backup.baseURL }),
  ]
  const chain = createChain({
    id: 'demo',
    targets: providers.map(provider => ({ provider, model: 'gpt-sim' })),
    retry: { attempts: 2, baseDelayMs: 4 * beatMs },
    timeouts: { firstTokenMs: 30 * beatMs },
    circuitBreaker: { minimumCalls: 4, openForMs: 60 * beatMs, maxOpenForMs: 80 * beatMs },
    breakers: new BreakerBoard({ clock: systemClock, random: systemRandom, events }),
    events,
  })
  return {
    primary,
    backup,
    chain,
    events,
    async [Symbol.asyncDispose]() {
      await chain.dispose()
      for (const provider of providers) await provider.dispose()
      for (const simulator of [primary, backup]) await simulator.close()
    },
  }
}
