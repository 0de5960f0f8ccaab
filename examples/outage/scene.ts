import {
  BreakerBoard,
  type Chain,
  createChain,
  EventHub,
  type ModelFactsPort,
  systemClock,
  systemRandom,
} from '@switchyard/core'
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

export interface SceneOptions {
  /** What both say. Default: each that it is itself. */
  readonly reply?: string
  /** Default `gpt-sim`. */
  readonly backupModel?: string
}

/** A simulated answer that is long enough to break. */
export const spoken =
  'Simulated answer: the last train leaves at half past eleven, from platform nine; if it is late, wait beneath the clock, for nobody who waits there is left behind.'

const facts: ModelFactsPort = (_, model) => ({ capabilities: { prefill: model === 'gpt-sim-prefill' } })

/** One beat lies between two words of an answer; every other time is so many beats. */
export async function createScene(
  beatMs: number,
  { reply, backupModel = 'gpt-sim' }: SceneOptions = {},
): Promise<Scene> {
  const says = (name: string) => reply ?? `Simulated answer, spoken by the ${name} without a stumble.`
  const primary = await startSimulator({ reply: says('primary') })
  const backup = await startSimulator({ reply: says('backup') })
  for (const simulator of [primary, backup]) simulator.setFault({ type: 'drip', ms: beatMs })

  const events = new EventHub()
  const first = createOpenAI({ id: 'primary', apiKey: primary.apiKey, baseURL: primary.baseURL, facts })
  const second = createOpenAICompatible({ id: 'backup', apiKey: backup.apiKey, baseURL: backup.baseURL, facts })
  // a machine that is busy is no outage
  const patienceMs = Math.max(30 * beatMs, 1_200)
  const chain = createChain({
    id: 'demo',
    targets: [
      { provider: first, model: 'gpt-sim' },
      { provider: second, model: backupModel },
    ],
    retry: { attempts: 2, baseDelayMs: 4 * beatMs },
    timeouts: { firstTokenMs: patienceMs, idleMs: patienceMs },
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
      for (const provider of [first, second]) await provider.dispose()
      for (const simulator of [primary, backup]) await simulator.close()
    },
  }
}
