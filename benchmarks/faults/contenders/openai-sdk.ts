import OpenAI from 'openai'
import { type Ask, type Client, type Contender, type Limits, model, prompt, tool } from '../ask.ts'

interface Options {
  readonly baseURL: string
  readonly apiKey: string
  readonly model?: string
  readonly maxRetries?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Milliseconds until the headers of a stream, or until the end of a whole answer. */
  timeout(ask: Ask): number
}

/** The official client: by itself, and before both gateways. */
export function openaiClient({ baseURL, apiKey, timeout, maxRetries, headers, ...options }: Options): Client {
  const client = new OpenAI({
    baseURL,
    apiKey,
    ...(maxRetries !== undefined && { maxRetries }),
    ...(headers && { defaultHeaders: headers }),
  })
  const base = {
    model: options.model ?? model,
    messages: [{ role: 'user' as const, content: prompt }],
  }
  const bodyOf = (ask: Ask) => ({
    ...base,
    ...(ask.tool && { tools: [{ type: 'function' as const, function: tool }] }),
  })
  return {
    async ask(ask, onText) {
      const limit = { timeout: timeout(ask) }
      if (!ask.stream) return answerOf(await client.chat.completions.create(bodyOf(ask), limit))
      let text = ''
      const stream = client.chat.completions.stream(bodyOf(ask), limit)
      for await (const chunk of stream) {
        const piece = chunk.choices[0]?.delta?.content ?? ''
        text += piece
        if (piece !== '' && !onText(piece)) return { text, toolCalls: [] }
      }
      return { ...answerOf(await stream.finalChatCompletion()), text }
    },
  }
}

function answerOf(completion: OpenAI.ChatCompletion) {
  // a body that is an error under status 200 has no choices, and the SDK returns it
  const message = completion.choices?.[0]?.message
  const toolCalls = (message?.tool_calls ?? []).flatMap(call =>
    call.type === 'function' ? [{ name: call.function.name, arguments: call.function.arguments }] : [],
  )
  return { text: message?.content ?? '', toolCalls }
}

/** The client waits as long as the gateway behind it may take, and leaves retries to it. */
export function behindGateway({ totalMs }: Limits) {
  return { maxRetries: 0, timeout: () => totalMs + 2_000 }
}

export const openaiSdk: Contender = {
  name: 'openai SDK',
  packages: ['openai'],
  setup:
    'its own two retries; it knows no second provider. `chat.completions.stream()`, which is stricter than `create({ stream: true })`',
  async open(pairs) {
    const clients = pairs.map(({ primary, limits }) =>
      openaiClient({ ...primary, timeout: ({ stream }) => (stream ? limits.silenceMs : limits.attemptMs) }),
    )
    return { clients, close: async () => {} }
  },
}
