import { createOpenAI as createAiSdk } from '@ai-sdk/openai'
import { ChatOpenAI } from '@langchain/openai'
import { createChain, type IAIProvider } from '@switchyard/core'
import { createOpenAI } from '@switchyard/openai'
import { createOpenAICompatible } from '@switchyard/openai-compatible'
import { generateText, streamText } from 'ai'
import OpenAI from 'openai'

/** One way to ask for an answer; both return how many characters came. */
export interface Contender {
  whole(): Promise<number>
  stream(): Promise<number>
}

const prompt = 'Say a few words.'
const messages = [{ role: 'user' as const, content: prompt }]
const apiKey = 'benchmark'
const nowhere = 'http://127.0.0.1:9/v1'

/** Each has a second target to fall back to, where it knows how. */
export const contenders: Readonly<Record<string, (baseURL: string) => Contender>> = {
  'openai SDK, bare': baseURL => {
    const client = new OpenAI({ apiKey, baseURL, maxRetries: 0 })
    return {
      async whole() {
        const answer = await client.chat.completions.create({ model: 'fixed', messages })
        return answer.choices[0]?.message.content?.length ?? 0
      },
      async stream() {
        let length = 0
        const stream_options = { include_usage: true }
        const body = { model: 'fixed', messages, stream: true, stream_options } as const
        for await (const chunk of await client.chat.completions.create(body)) {
          length += chunk.choices[0]?.delta.content?.length ?? 0
        }
        return length
      },
    }
  },
  'AI SDK': baseURL => {
    const model = createAiSdk({ apiKey, baseURL }).chat('fixed')
    return {
      whole: async () => (await generateText({ model, prompt, maxRetries: 0 })).text.length,
      async stream() {
        let length = 0
        for await (const text of streamText({ model, prompt, maxRetries: 0 }).textStream) length += text.length
        return length
      },
    }
  },
  'LangChain withFallbacks': baseURL => {
    const chat = (url: string) =>
      new ChatOpenAI({ model: 'fixed', apiKey, maxRetries: 0, configuration: { baseURL: url } })
    const model = chat(baseURL).withFallbacks([chat(nowhere)])
    return {
      whole: async () => String((await model.invoke(prompt)).content).length,
      async stream() {
        let length = 0
        for await (const chunk of await model.stream(prompt)) length += String(chunk.content).length
        return length
      },
    }
  },
  'switchyard chain, openai': baseURL =>
    chained(createOpenAI({ apiKey, baseURL }), createOpenAI({ id: 'spare', apiKey, baseURL: nowhere })),
  'switchyard chain, openai-compatible': baseURL =>
    chained(
      createOpenAICompatible({ id: 'first', apiKey, baseURL }),
      createOpenAICompatible({ id: 'spare', apiKey, baseURL: nowhere }),
    ),
}

function chained(...providers: readonly IAIProvider[]): Contender {
  const chain = createChain({ id: 'chain', targets: providers.map(provider => ({ provider, model: 'fixed' })) })
  return {
    async whole() {
      const answer = await (await chain.sendMessage({ messages, stream: false })).response()
      return answer.content.reduce((length, part) => length + (part.type === 'text' ? part.text.length : 0), 0)
    },
    async stream() {
      let length = 0
      for await (const chunk of await chain.sendMessage({ messages })) {
        if (chunk.type === 'text-delta') length += chunk.text.length
      }
      return length
    },
  }
}
