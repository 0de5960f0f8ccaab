import type { AIMessageChunk } from '@langchain/core/messages'
import { ChatOpenAI } from '@langchain/openai'
import {
  type Answer,
  type Ask,
  type Client,
  type Contender,
  model,
  type Pair,
  type Provider,
  prompt,
  ToldError,
  tool,
} from '../ask.ts'

function client({ primary, secondary, limits }: Pair): Client {
  const chat = ({ baseURL, apiKey }: Provider, ask: Ask) => {
    const timeout = ask.stream ? limits.silenceMs : limits.attemptMs
    const one = new ChatOpenAI({ model, apiKey, maxRetries: 0, timeout, configuration: { baseURL } })
    return ask.tool ? one.bindTools([{ type: 'function', function: tool }]) : one
  }
  return {
    async ask(ask, onText) {
      const runnable = chat(primary, ask).withFallbacks([chat(secondary, ask)])
      if (!ask.stream) return answerOf((await runnable.invoke(prompt)) as AIMessageChunk)
      let whole: AIMessageChunk | undefined
      for await (const chunk of (await runnable.stream(prompt)) as AsyncIterable<AIMessageChunk>) {
        whole = whole === undefined ? chunk : whole.concat(chunk)
        if (chunk.text !== '' && !onText(chunk.text)) break
      }
      return whole === undefined ? { text: '', toolCalls: [] } : answerOf(whole)
    },
  }
}

function answerOf(message: AIMessageChunk): Answer {
  const invalid = message.invalid_tool_calls ?? []
  if (invalid.length > 0) throw new ToldError(`invalid tool call: ${invalid[0]?.error ?? ''}`)
  const toolCalls = (message.tool_calls ?? []).map(call => ({ name: call.name, arguments: call.args }))
  return { text: message.text, toolCalls }
}

export const langchain: Contender = {
  name: 'LangChain `withFallbacks`',
  packages: ['@langchain/core', '@langchain/openai'],
  setup: '`maxRetries: 0`, as its documentation advises beside fallbacks; `timeout` is the client’s',
  async open(pairs) {
    return { clients: pairs.map(client), close: async () => {} }
  },
}
