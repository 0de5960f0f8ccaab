import { createAnthropic } from '@switchyard/anthropic'
import { type Catalog, createCatalog, type LongContextTier } from '@switchyard/catalog'
import type { IAIProvider, ReasoningEffort } from '@switchyard/core'
import { createGemini } from '@switchyard/gemini'
import { createOllama } from '@switchyard/ollama'
import { createOpenAI } from '@switchyard/openai'
import { groq, xai } from '@switchyard/openai-compatible'
import type { SimulatedApiName, Simulator } from '@switchyard/simulator'

/** A model that is asked, and what of its price can be had. */
export interface PricedModel {
  readonly name: string
  /** Parts of its prompts may come from a cache. */
  readonly cached: boolean
  /** Lifetimes for which parts of prompts are written to one. */
  readonly writes: readonly string[]
  /** Efforts that it thinks at, where it thinks when asked. */
  readonly efforts: readonly ReasoningEffort[] | undefined
  /** Tokens at about which another price begins. */
  readonly longPrompt: number | undefined
}

/** One of our providers against the simulated one of its kind. */
export interface SimulatedProvider {
  readonly id: string
  readonly api: SimulatedApiName
  readonly create: (simulator: Simulator, catalog: Catalog) => IAIProvider
  readonly models: readonly PricedModel[]
}

const plain = { cached: false, writes: [], efforts: undefined, longPrompt: undefined } as const

// prime numbers: a part that is taken for another one shows; and tiers that short prompts reach
const longContext: readonly LongContextTier[] = [
  {
    tokens: 60,
    when: 'exceeds',
    input: 1_009n,
    output: 2_003n,
    cachedInput: 307n,
    cacheWrite: { default: 1_301n, '5m': 1_303n, '1h': 1_307n },
  },
  {
    tokens: 120,
    when: 'reaches',
    input: 10_007n,
    output: 20_011n,
    cachedInput: 3_001n,
    cacheWrite: { default: 13_001n, '5m': 13_003n, '1h': 13_007n },
    reasoning: 20_021n,
  },
]
const tiered = {
  contextWindow: 1_000_000,
  maxOutputTokens: 100_000,
  capabilities: { streaming: true, tools: true, reasoning: true },
  price: {
    input: 101n,
    output: 211n,
    cachedInput: 31n,
    cacheWrite: { default: 131n, '5m': 137n, '1h': 139n },
    reasoning: 223n,
    longContext,
  },
} as const

/** Ollama counts what was thought as answer, and tells nobody how much of it that was. */
const withoutReasoning = {
  ...tiered,
  price: {
    ...tiered.price,
    reasoning: tiered.price.output,
    longContext: longContext.map(({ reasoning: _, ...tier }) => tier),
  },
}

/** The catalogue as it is, and one model of each provider whose tiers begin early. */
export function pricedCatalog(): Catalog {
  const overrides = Object.fromEntries(simulatedProviders.map(({ id }) => [`${id}/tiered`, tiered]))
  return createCatalog({
    overrides: {
      ...overrides,
      'ollama/llama3.3': { price: { input: 3n, output: 7n } },
      'ollama/tiered': withoutReasoning,
    },
    providers: { responses: 'openai' },
  })
}

const cached = { ...plain, cached: true }

export const simulatedProviders: readonly SimulatedProvider[] = [
  {
    id: 'openai',
    api: 'openai',
    create: ({ baseURL, apiKey }, { facts }) => createOpenAI({ baseURL, apiKey, facts, api: 'chat-completions' }),
    models: [
      { ...cached, name: 'gpt-4o-mini' },
      { ...cached, name: 'gpt-5-mini', efforts: ['low', 'medium'] },
      { ...cached, name: 'tiered', writes: ['default'], efforts: ['low', 'medium'] },
    ],
  },
  {
    id: 'responses',
    api: 'openai',
    create: ({ baseURL, apiKey }, { facts }) =>
      createOpenAI({ id: 'responses', baseURL, apiKey, facts, api: 'responses' }),
    models: [
      { ...cached, name: 'gpt-5.6-luna', writes: ['default'], efforts: ['low', 'medium'], longPrompt: 272_000 },
      { ...cached, name: 'tiered', writes: ['default'], efforts: ['low', 'medium'] },
    ],
  },
  {
    id: 'anthropic',
    api: 'anthropic',
    create: ({ baseURL, apiKey }, { facts }) => createAnthropic({ baseURL, apiKey, facts }),
    models: [
      { ...cached, name: 'claude-haiku-5-5', writes: ['5m'], longPrompt: 100_000, efforts: ['low', 'medium'] },
      { ...cached, name: 'claude-sonnet-4-5', writes: ['5m'], longPrompt: 200_000 },
      { ...cached, name: 'tiered', writes: ['5m', '1h'] },
    ],
  },
  {
    id: 'gemini',
    api: 'gemini',
    create: ({ baseURL, apiKey }, { facts }) => createGemini({ baseURL, apiKey, facts }),
    models: [
      { ...cached, name: 'gemini-3.8-flash', efforts: ['low', 'medium'] },
      { ...cached, name: 'gemini-2.5-pro', longPrompt: 200_000 },
      { ...cached, name: 'tiered', efforts: ['low'] },
    ],
  },
  {
    id: 'xai',
    api: 'xai',
    create: ({ baseURL, apiKey }, { facts }) => xai({ baseURL, apiKey, facts }),
    models: [
      { ...cached, name: 'grok-4.7', efforts: ['low', 'high'], longPrompt: 200_000 },
      { ...cached, name: 'tiered', efforts: ['low'] },
    ],
  },
  {
    id: 'groq',
    api: 'groq',
    create: ({ baseURL, apiKey }, { facts }) => groq({ baseURL, apiKey, facts }),
    models: [
      { ...cached, name: 'openai/gpt-oss-120b', efforts: ['low', 'medium'] },
      { ...plain, name: 'llama-3.3-70b-versatile' },
      { ...cached, name: 'tiered', efforts: ['low'] },
    ],
  },
  {
    id: 'ollama',
    api: 'ollama',
    create: ({ baseURL }, { facts }) => createOllama({ baseURL, facts }),
    models: [
      { ...plain, name: 'llama3.3' },
      { ...plain, name: 'tiered' },
    ],
  },
]
