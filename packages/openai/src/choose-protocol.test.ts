import type {
  DocumentPart,
  IAIProvider,
  ImagePart,
  Message,
  MessageRequest,
  ModelFacts,
  ToolResultPart,
} from '@switchyard/core/contract'
import { type Simulator, startSimulator } from '@switchyard/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOpenAI, type OpenAIOptions } from './index.ts'

const thinks = { capabilities: { reasoning: true } } as const
const facts: Readonly<Record<string, ModelFacts>> = {
  'gpt-sim': { capabilities: { reasoning: false } },
  'gpt-sim-reasoning': thinks,
  'gpt-sim-chat-tools': { ...thinks, toolsInChatCompletions: 'without-reasoning' },
  'gpt-sim-responses': { ...thinks, toolsInChatCompletions: 'never' },
}
const tools = [{ name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } }]
const messages: readonly Message[] = [{ role: 'user', content: 'Weather in Oslo?' }]

let simulator: Simulator
let provider: IAIProvider

beforeEach(async () => {
  simulator = await startSimulator()
  provider = openai()
})

afterEach(async () => {
  await provider.dispose()
  await simulator.close()
})

function openai(options: Partial<OpenAIOptions> = {}): IAIProvider {
  const { baseURL, apiKey } = simulator
  return createOpenAI({ baseURL, apiKey, facts: (_, model) => facts[model], ...options })
}

/** The path that a request is answered at. */
async function pathOf(request: Partial<MessageRequest>, by = provider): Promise<string | undefined> {
  await (await by.sendMessage({ messages, ...request })).response()
  return simulator.requests.at(-1)?.path
}

const chat = '/v1/chat/completions'
const responses = '/v1/responses'

describe('function tools', () => {
  it('go to Responses where the model takes them only there', async () => {
    expect(await pathOf({ model: 'gpt-sim-responses', tools })).toBe(responses)
    expect(await pathOf({ model: 'gpt-sim-responses', tools, stream: false })).toBe(responses)
    expect(await pathOf({ model: 'gpt-sim-responses' })).toBe(chat)
    expect(await pathOf({ model: 'gpt-sim-responses', tools: [] })).toBe(chat)
  })

  it('go there where the model reasons with them, by word or by itself', async () => {
    const model = 'gpt-sim-chat-tools'
    expect(await pathOf({ model, tools, reasoningEffort: 'low' })).toBe(responses)
    expect(await pathOf({ model, tools })).toBe(responses)
    expect(await pathOf({ model, tools, reasoningEffort: 'none' })).toBe(chat)
    expect(await pathOf({ model, reasoningEffort: 'low' })).toBe(chat)
  })

  it('go there where the model cannot be kept from reasoning', async () => {
    const always = { ...thinks, toolsInChatCompletions: 'without-reasoning', reasoningEfforts: ['low'] } as const
    const provider = openai({ facts: () => always })
    expect(await pathOf({ model: 'gpt-sim-chat-tools', tools, reasoningEffort: 'none' }, provider)).toBe(responses)
    await provider.dispose()
  })

  it('go to chat completions everywhere else', async () => {
    expect(await pathOf({ model: 'gpt-sim', tools })).toBe(chat)
    expect(await pathOf({ model: 'gpt-sim-reasoning', tools, reasoningEffort: 'low' })).toBe(chat)
    const still = openai({ facts: () => ({ toolsInChatCompletions: 'without-reasoning', ...facts['gpt-sim'] }) })
    expect(await pathOf({ model: 'gpt-sim', tools }, still)).toBe(chat)
    await still.dispose()
  })
})

describe('a conversation', () => {
  it('that began in Responses goes on there, its reasoning sent back sealed', async () => {
    const model = 'gpt-sim-responses'
    const first = await (await provider.sendMessage({ model, messages, tools })).response()
    expect(first.reason).toBe('tool-calls')
    const results = first.content.flatMap(part =>
      part.type === 'tool-call' ? [{ type: 'tool-result' as const, callId: part.id, content: '7 degrees' }] : [],
    )
    const longer: Message[] = [
      ...messages,
      { role: 'assistant', content: first.content },
      { role: 'tool', content: results },
    ]
    const answer = await (await provider.sendMessage({ model, messages: longer })).response()
    expect(answer.warnings).toBeUndefined()
    expect(simulator.requests.map(({ path }) => path)).toEqual([responses, responses])
    const sealed = { type: 'reasoning', encrypted_content: expect.any(String) }
    expect(simulator.requests[1]?.body).toMatchObject({
      input: expect.arrayContaining([expect.objectContaining(sealed)]),
    })
  })

  it('with a tool that only Responses know goes there', async () => {
    const search = { type: 'opaque', origin: 'openai-responses', value: { type: 'web_search' } } as const
    expect(await pathOf({ model: 'gpt-sim', tools: [search] })).toBe(responses)
  })
})

describe('content that chat completions have no word for', () => {
  const image = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } } as const
  const filed = (origin: string) => ({ type: 'file', id: 'file-1', origin }) as const
  const result = (content: ToolResultPart['content']): Message[] => [
    ...messages,
    { role: 'assistant', content: [{ type: 'tool-call', id: 'call_1', name: 'look', input: {} }] },
    { role: 'tool', content: [{ type: 'tool-result', callId: 'call_1', content }] },
  ]
  const said = (part: ImagePart | DocumentPart): Message[] => [{ role: 'user', content: [part] }]
  /** The path that a model would be asked at; its simulated server holds no files. */
  const chosen = async (conversation: readonly Message[]) => {
    await provider.sendMessage({ model: 'gpt-sim', messages: conversation }).catch(() => undefined)
    return simulator.requests.at(-1)?.path
  }

  it('goes to Responses', async () => {
    expect(await chosen(said({ type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } }))).toBe(
      responses,
    )
    expect(await chosen(said({ type: 'document', source: filed('openai-responses') }))).toBe(responses)
    expect(await chosen(said({ type: 'image', source: filed('openai-responses') }))).toBe(responses)
    expect(await chosen(said({ type: 'image', source: filed('openai-chat') }))).toBe(responses)
    expect(await chosen(result([{ type: 'text', text: 'Look:' }, image]))).toBe(responses)
    const paper = {
      type: 'document',
      name: 'a.pdf',
      source: { ...image.source, mediaType: 'application/pdf' },
    } as const
    expect(await chosen(result([paper]))).toBe(responses)
    const value = { type: 'web_search_call', id: 'ws_1', status: 'completed' }
    const searched = { type: 'opaque', origin: 'openai-responses', value } as const
    expect(await chosen([...messages, { role: 'assistant', content: [searched] }, ...messages])).toBe(responses)
  })

  it('does not include what they take, or what neither takes', async () => {
    expect(await chosen(said(image))).toBe(chat)
    expect(await chosen(said({ type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }))).toBe(chat)
    expect(await chosen(said({ type: 'document', source: filed('openai-chat') }))).toBe(chat)
    expect(await chosen(said({ type: 'image', source: filed('anthropic-messages') }))).toBe(chat)
    expect(await chosen(result([{ type: 'text', text: 'Look' }]))).toBe(chat)
    expect(await chosen(result('Look'))).toBe(chat)
  })
})

describe('a request that only one dialect can say', () => {
  const bound = (dialect: string, fields: readonly string[]): Partial<MessageRequest> => ({
    boundTo: { dialect, fields },
    extra: { [dialect]: { store: undefined } },
  })

  it('goes where it can be said', async () => {
    expect(await pathOf({ model: 'gpt-sim', ...bound('openai-responses', ['include']) })).toBe(responses)
    expect(await pathOf({ model: 'gpt-sim-responses', ...bound('openai-chat', ['n']) })).toBe(chat)
  })

  it('goes to chat completions with tools that are no functions', async () => {
    const custom = {
      type: 'opaque',
      origin: 'openai-chat',
      value: { type: 'custom', custom: { name: 'run' } },
    } as const
    const request = { model: 'gpt-sim-responses', messages, tools: [custom], ...bound('openai-chat', ['tools[0]']) }
    await provider.sendMessage(request).catch(() => undefined)
    expect(simulator.requests.at(-1)?.path).toBe(chat)
  })

  it('is refused with a cure where its tools are taken elsewhere, and nothing is sent', async () => {
    for (const [model, cure] of [
      ['gpt-sim-responses', 'Leave out the one or the other.'],
      ['gpt-sim-chat-tools', 'Leave out the one or the other, or set reasoningEffort to "none".'],
    ] as const) {
      const call = provider.sendMessage({ model, messages, tools, ...bound('openai-chat', ['n']) })
      await expect(call).rejects.toMatchObject({
        kind: 'unsupported',
        provider: 'openai',
        model,
        param: 'n',
        message: `n: only chat completions can say this, and ${model} takes function tools in Responses only. ${cure}`,
      })
    }
    const call = provider.sendMessage({ model: 'gpt-sim', messages, ...bound('anthropic-messages', ['container']) })
    await expect(call).rejects.toMatchObject({ kind: 'unsupported', param: 'container' })
    expect(simulator.requests).toEqual([])
  })
})

describe('the option `api`', () => {
  it('settles it for all requests', async () => {
    const always = openai({ api: 'responses' })
    expect(await pathOf({ model: 'gpt-sim' }, always)).toBe(responses)
    const never = openai({ api: 'chat-completions' })
    expect(await pathOf({ model: 'gpt-sim-chat-tools' }, never)).toBe(chat)
    const refused = never.sendMessage({ model: 'gpt-sim-responses', messages, tools })
    await expect(refused).rejects.toMatchObject({ status: 400, message: expect.stringContaining('use /v1/responses') })
    expect(never.countTokens).toBeUndefined()
    await Promise.all([always.dispose(), never.dispose()])
  })

  it('is checked', () => {
    const wrong = () => openai({ api: 'completions' as 'auto' })
    expect(wrong).toThrow(/`api` of provider "openai" must be "auto", "chat-completions", "responses"/)
  })
})

describe('what is said of a model', () => {
  const dialectOf = (model: string, by = provider) => by.getCapabilities(model).dialect

  it('names its dialect where there is one, and none where each request decides', async () => {
    expect(dialectOf('gpt-sim')).toBeUndefined()
    expect(dialectOf('gpt-sim-responses')).toBeUndefined()
    const always = openai({ api: 'responses' })
    expect(dialectOf('gpt-sim', always)).toBe('openai-responses')
    const never = openai({ api: 'chat-completions' })
    expect(dialectOf('gpt-sim-responses', never)).toBe('openai-chat')
    await Promise.all([always.dispose(), never.dispose()])
  })
})

describe('tokens', () => {
  it('are counted by the provider, tools included', async () => {
    const model = 'gpt-sim'
    const plain = await provider.countTokens?.({ model, messages })
    expect(simulator.requests.map(({ path }) => path)).toEqual([`${responses}/input_tokens`])
    const always = openai({ api: 'responses' })
    const answer = await (await always.sendMessage({ model, messages })).response()
    expect(plain).toBe(answer.usage?.input.uncached)
    await always.dispose()
    expect(await provider.countTokens?.({ model, messages, tools })).toBeGreaterThan(plain as number)
  })
})

describe('reasoning', () => {
  it('is summed up where the options ask for it', async () => {
    const telling = openai({ api: 'responses', reasoningSummary: 'auto' })
    const answer = await (await telling.sendMessage({ model: 'gpt-sim-reasoning', messages })).response()
    expect(answer.content[0]).toMatchObject({ type: 'reasoning', text: expect.stringMatching(/./) })
    await telling.dispose()
  })
})
