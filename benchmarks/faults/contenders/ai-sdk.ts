import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, jsonSchema, type LanguageModel, streamText, type ToolSet, tool as toolOf } from 'ai'
import { createFallback } from 'ai-fallback'
import { experimental_retryableGenerateText as retryableGenerateText } from 'ai-retry/generate-text'
import { experimental_retryableStreamText as retryableStreamText } from 'ai-retry/stream-text'
import {
  type Answer,
  type Ask,
  type Client,
  type Contender,
  type Limits,
  model,
  type Pair,
  type Provider,
  prompt,
  ToldError,
  type ToolCall,
  tool,
} from '../ask.ts'

function languageModel(provider: Provider, name: string) {
  return createOpenAICompatible({ name, ...provider }).chatModel(model)
}

// a tool without `execute`: the caller gets the call
const tools: ToolSet = {
  [tool.name]: toolOf({ description: tool.description, inputSchema: jsonSchema(tool.parameters) }),
}

interface Ways {
  stream(options: ReturnType<typeof callOf>): StreamResult | Promise<StreamResult>
  whole(options: ReturnType<typeof callOf>): Promise<WholeResult>
}
interface StreamResult {
  readonly stream: AsyncIterable<{ readonly type: string }>
}
interface WholeResult {
  readonly text: string
  readonly toolCalls: readonly {
    readonly toolName: string
    readonly input: unknown
    readonly invalid?: boolean | undefined
  }[]
}

function callOf(ask: Ask, { silenceMs, totalMs }: Limits, wholeMs: number) {
  const streamed = { firstChunkMs: silenceMs, chunkMs: silenceMs, totalMs }
  return { prompt, ...(ask.tool && { tools }), timeout: ask.stream ? streamed : { totalMs: wholeMs } }
}

function clientOf(ways: Ways, limits: Limits, wholeMs: number): Client {
  return {
    async ask(ask, onText) {
      const call = callOf(ask, limits, wholeMs)
      if (ask.stream) return read((await ways.stream(call)).stream, onText)
      const { text, toolCalls } = await ways.whole(call)
      return { text, toolCalls: toolCalls.map(toolCallOf) }
    },
  }
}

async function read(stream: StreamResult['stream'], onText: (text: string) => boolean): Promise<Answer> {
  let text = ''
  const toolCalls: ToolCall[] = []
  for await (const part of stream as AsyncIterable<Record<string, unknown> & { type: string }>) {
    if (part.type === 'text-delta') {
      text += part.text
      if (!onText(String(part.text))) return { text, toolCalls }
    } else if (part.type === 'tool-call') {
      toolCalls.push(toolCallOf(part as never))
    } else if (part.type === 'error' || part.type === 'tool-error') {
      throw part.error
    } else if (part.type === 'abort') {
      throw new ToldError(`abort: ${part.reason ?? 'no reason given'}`)
    }
  }
  return { text, toolCalls }
}

function toolCallOf(call: WholeResult['toolCalls'][number]): ToolCall {
  if (call.invalid) throw new ToldError('invalid tool call')
  return { name: call.toolName, arguments: call.input }
}

function contender(
  name: string,
  more: readonly string[],
  setup: string,
  waysOf: (pair: Pair) => Ways,
  wholeMs: (limits: Limits) => number = ({ totalMs }) => totalMs,
): Contender {
  return {
    name,
    setup,
    packages: ['ai', '@ai-sdk/openai-compatible', ...more],
    async open(pairs) {
      return {
        clients: pairs.map(pair => clientOf(waysOf(pair), pair.limits, wholeMs(pair.limits))),
        close: async () => {},
      }
    },
  }
}

const quiet = { onError: () => {} }

function plainWays(model: LanguageModel, options: object = {}): Ways {
  return {
    stream: call => streamText({ model, ...call, ...options, ...quiet }),
    whole: call => generateText({ model, ...call }),
  }
}

export const aiSdk = contender(
  'AI SDK',
  [],
  'its own two retries; it knows no second provider. `timeout: { firstChunkMs, chunkMs, totalMs }`, every part of `stream` read, errors among them',
  ({ primary }) => plainWays(languageModel(primary, 'first')),
)

export const aiSdkStreamRetries = contender(
  'AI SDK, `streamRetries: 2`',
  [],
  'as before, and runs a stream again whose provider reports an error in it',
  ({ primary }) => plainWays(languageModel(primary, 'first'), { streamRetries: 2 }),
)

function fallback({ primary, secondary }: Pair, retryAfterOutput: boolean): LanguageModel {
  const models = [languageModel(primary, 'first'), languageModel(secondary, 'second')]
  return createFallback({ models, retryAfterOutput, onError: () => {} })
}

export const aiFallback = contender('ai-fallback', ['ai-fallback'], 'as it comes (`retryAfterOutput` is on)', pair =>
  plainWays(fallback(pair, true)),
)

export const aiFallbackBefore = contender(
  'ai-fallback, `retryAfterOutput: false`',
  ['ai-fallback'],
  'falls back only until the first output',
  pair => plainWays(fallback(pair, false)),
)

export const aiRetry = contender(
  'ai-retry',
  ['ai-retry'],
  'its call-level functions, which its documentation advises where time limits are to fail over, with the second model as the fallback and `maxRetries: 0`',
  ({ primary, secondary }) => {
    const options = { model: languageModel(primary, 'first'), maxRetries: 0 }
    const retry = [languageModel(secondary, 'second')]
    return {
      stream: call => retryableStreamText({ ...options, ...call, ...quiet, retry }),
      whole: call => retryableGenerateText({ ...options, ...call, retry }),
    }
  },
  // what is said for the call is each attempt's
  ({ attemptMs }) => attemptMs,
)
