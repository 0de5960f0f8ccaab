import { createAnthropic } from '@switchyard/anthropic'
import type { IAIProvider, ModelFactsPort } from '@switchyard/core'
import { createGemini } from '@switchyard/gemini'
import { createOllama } from '@switchyard/ollama'
import { createOpenAI } from '@switchyard/openai'
import { groq, xai } from '@switchyard/openai-compatible'
import { type Simulator, type SimulatorOptions, startSimulator } from '@switchyard/simulator'

interface Setup {
  readonly baseURL: string
  readonly apiKey: string
  readonly facts?: ModelFactsPort
}

/** A provider's package, and the simulated server that is as strict as the real one. */
interface Contestant {
  readonly api: NonNullable<SimulatorOptions['api']>
  create(setup: Setup): IAIProvider
}

/** Every provider there is, by the name that tests show. */
const contestants = {
  openai: { api: 'openai', create: setup => createOpenAI({ ...setup, api: 'chat-completions' }) },
  'openai-responses': {
    api: 'openai',
    create: setup => createOpenAI({ ...setup, id: 'openai-responses', api: 'responses' }),
  },
  anthropic: { api: 'anthropic', create: setup => createAnthropic(setup) },
  gemini: { api: 'gemini', create: setup => createGemini(setup) },
  ollama: { api: 'ollama', create: setup => createOllama(setup) },
  xai: { api: 'xai', create: setup => xai(setup) },
  groq: { api: 'groq', create: setup => groq(setup) },
} satisfies Readonly<Record<string, Contestant>>

export type ContestantName = keyof typeof contestants

export const contestantNames = Object.keys(contestants) as readonly ContestantName[]

/** A provider in front of its own simulated server. */
export interface Party extends AsyncDisposable {
  readonly name: ContestantName
  readonly provider: IAIProvider
  readonly simulator: Simulator
  /** One that thinks, where the provider has one. */
  readonly model: string
}

export async function party(name: ContestantName, options: Partial<SimulatorOptions> = {}): Promise<Party> {
  const { api, create }: Contestant = contestants[name]
  const simulator = await startSimulator({ ...options, api })
  const { baseURL, apiKey, models } = simulator
  const provider = create({ baseURL, apiKey })
  return {
    name,
    provider,
    simulator,
    model: models.reasoning ?? models.usual,
    async [Symbol.asyncDispose]() {
      await provider.dispose()
      await simulator.close()
    },
  }
}
