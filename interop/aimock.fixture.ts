import { LLMock } from '@copilotkit/aimock'
import { createAnthropic } from '@switchyard/anthropic'
import type { IAIProvider } from '@switchyard/core'
import { createGemini } from '@switchyard/gemini'
import { createOllama } from '@switchyard/ollama'
import { createOpenAI } from '@switchyard/openai'
import { createOpenAICompatible, groq, xai } from '@switchyard/openai-compatible'
import { onTestFinished } from 'vitest'

/** A provider's package as it reaches aimock, a simulator that others wrote. */
export interface AimockCase {
  create(origin: string): IAIProvider
  readonly model: string
  /** Where aimock is unlike the provider, by what a test asks, each with how. */
  readonly unlike?: Readonly<Partial<Record<'vectors' | 'reasoning' | 'reason', string>>>
}

const apiKey = 'sk-aimock'

export const aimockCases: Readonly<Record<string, AimockCase>> = {
  'openai, chat completions': {
    create: origin => createOpenAI({ apiKey, baseURL: `${origin}/v1`, api: 'chat-completions' }),
    model: 'gpt-4o',
  },
  'openai, responses': {
    create: origin => createOpenAI({ apiKey, baseURL: `${origin}/v1`, api: 'responses' }),
    model: 'gpt-4o',
  },
  'openai-compatible': {
    create: origin => createOpenAICompatible({ id: 'lab', apiKey, baseURL: `${origin}/v1` }),
    model: 'gpt-4o',
  },
  xai: {
    create: origin => xai({ apiKey, baseURL: `${origin}/v1` }),
    model: 'grok-4.7',
  },
  groq: {
    create: origin => groq({ apiKey, baseURL: `${origin}/openai/v1` }),
    model: 'openai/gpt-oss-120b',
  },
  anthropic: {
    create: origin => createAnthropic({ apiKey, baseURL: origin }),
    model: 'claude-haiku-5.5',
  },
  gemini: {
    create: origin => createGemini({ apiKey, baseURL: origin, apiVersion: 'v1beta' }),
    model: 'gemini-2.5-flash',
    unlike: {
      reason: 'It ends calls with FUNCTION_CALL, which Gemini has no such word for: it says STOP.',
      vectors: 'It has no :batchEmbedContents, where the SDK of Gemini sends inputs, one or many.',
    },
  },
  ollama: {
    create: origin => createOllama({ baseURL: origin }),
    model: 'llama3.2',
    unlike: {
      vectors: 'It answers /api/embed in the words of the older /api/embeddings: one `embedding`, no list of them.',
      reasoning: 'It says `reasoning_content`, as OpenAI-compatible servers do, where Ollama says `thinking`.',
    },
  },
}

/** aimock on a free port, for as long as the test runs. */
export async function startAimock(): Promise<LLMock> {
  const server = await LLMock.create({ port: 0, logLevel: 'silent', latency: 0, chunkSize: 5 })
  onTestFinished(() => server.stop())
  return server
}
