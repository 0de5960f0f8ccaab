import { type ChatRequest, type ChatResponse, Ollama } from 'ollama'
import { afterEach, describe, expect, it } from 'vitest'
import type { ScriptEntry } from '../fault.ts'
import { startSimulator } from '../simulator.ts'
import type { Simulator, SimulatorOptions } from '../simulator-contract.ts'

let simulator: Simulator | undefined

afterEach(async () => {
  await simulator?.close()
  simulator = undefined
})

async function start(options: SimulatorOptions = {}, ...script: readonly ScriptEntry[]) {
  simulator = await startSimulator({ api: 'ollama', ...options })
  simulator.script(...script)
  return { to: simulator, client: new Ollama({ host: simulator.baseURL }) }
}

const asking = (content: string, rest: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'llama-sim',
  messages: [{ role: 'user', content }],
  ...rest,
})

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}

async function whole(client: Ollama, request: ChatRequest): Promise<ChatResponse> {
  return client.chat({ ...request, stream: false })
}

/** The parts of a stream, and what they say together. */
async function streamed(client: Ollama, request: ChatRequest) {
  const parts: ChatResponse[] = []
  for await (const part of await client.chat({ ...request, stream: true })) parts.push(part)
  const message = {
    role: 'assistant',
    content: parts.map(part => part.message.content).join(''),
    ...(parts.some(part => part.message.thinking) && {
      thinking: parts.map(part => part.message.thinking ?? '').join(''),
    }),
    ...(parts.some(part => part.message.tool_calls) && {
      tool_calls: parts.flatMap(part => part.message.tool_calls ?? []),
    }),
  }
  return { parts, last: parts.at(-1) as ChatResponse, message }
}

describe('chat', () => {
  it('is the same streamed as whole, and says that it is simulated', async () => {
    const { client } = await start()
    const { message, last } = await streamed(client, asking('Hi'))
    const answer = await whole(client, asking('Hi'))
    expect(answer.message).toEqual(message)
    expect(answer).toMatchObject({
      model: 'llama-sim',
      message: { content: 'This is a simulated answer from llama-sim. You said: Hi' },
      done: true,
      done_reason: 'stop',
      simulated: true,
    })
    for (const { prompt_eval_count, eval_count, total_duration } of [answer, last]) {
      expect([prompt_eval_count, eval_count]).toEqual([8, 15])
      expect(total_duration).toBeGreaterThan(0)
    }
  })

  it('calls tools whole, with ids, and goes on from their results', async () => {
    const { client } = await start()
    const request = asking('Weather in Oslo and Rome?', { tools: [weather] })
    const { message, last } = await streamed(client, request)
    expect((await whole(client, request)).message).toEqual(message)
    expect(message.tool_calls).toMatchObject([
      { id: expect.stringMatching(/^call_[a-z0-9]{8}$/), function: { index: 0, arguments: { city: 'Oslo' } } },
      { function: { index: 1, name: 'get_weather', arguments: { city: 'Rome' } } },
    ])
    expect(last.done_reason).toBe('stop')
    const results = ['7 degrees', '20 degrees'].map(content => ({ role: 'tool', content, tool_name: 'get_weather' }))
    const messages = [...(request.messages ?? []), message, ...results]
    expect((await whole(client, { ...request, messages })).message.content).toContain('7 degrees; 20 degrees')
  })

  it('tells as text what a model wrote in place of a call', async () => {
    const toolCalls = [
      { name: 'get_weather', arguments: '{"cit' },
      { name: 'get_weather', arguments: {} },
    ]
    const { client } = await start({}, { type: 'answer', toolCalls })
    const { message } = await streamed(client, asking('Hi', { tools: [weather] }))
    expect(message).toMatchObject({ content: '{"cit', tool_calls: [{ function: { index: 0, arguments: {} } }] })
  })

  it('is an instance of the schema, or any JSON', async () => {
    const { client } = await start()
    const format = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
    expect((await whole(client, asking('Hi', { format }))).message.content).toBe('{"name":"simulated"}')
    expect(JSON.parse((await whole(client, asking('Hi', { format: 'json' }))).message.content)).toBeTypeOf('object')
  })

  it('thinks where the model can, unless it is told not to, as hard as it is told', async () => {
    const { client } = await start()
    const thought = async (think?: ChatRequest['think']) => {
      const request = asking('Hi', { model: 'qwen-sim', ...(think !== undefined && { think }) })
      const { message, last } = await streamed(client, request)
      expect((await whole(client, request)).message).toEqual(message)
      return { thinking: message.thinking, tokens: last.eval_count }
    }
    const usual = await thought()
    expect(usual.thinking).toContain('I am asked: Hi')
    expect(await thought(true)).toEqual(usual)
    expect((await thought('high')).tokens).toBeGreaterThan(usual.tokens)
    expect((await thought(false)).thinking).toBeUndefined()
  })

  it('ends where it is told to, and says when it was cut', async () => {
    const { client } = await start()
    const cut = await streamed(client, asking('Hi', { options: { num_predict: 3 } }))
    expect(cut.last).toMatchObject({ done_reason: 'length', eval_count: 3 })
    const stopped = await whole(client, asking('Hi', { options: { stop: [' answer'] } }))
    expect(stopped).toMatchObject({ done_reason: 'stop', message: { content: 'This is a simulated' } })
  })

  it('goes on from a message of its own', async () => {
    const { client } = await start({}, { type: 'answer', text: 'One two three' })
    const messages = [
      { role: 'user', content: 'Count.' },
      { role: 'assistant', content: 'One' },
    ]
    expect((await whole(client, asking('', { messages }))).message.content).toBe(' two three')
  })

  it('tells log probabilities where they are asked for', async () => {
    const { client } = await start({}, ...Array(2).fill({ type: 'answer', pieces: ['a', 'b'] }))
    const request = asking('Hi', { logprobs: true, top_logprobs: 2 })
    const { parts } = await streamed(client, request)
    const told = parts.flatMap(part => part.logprobs ?? [])
    expect(told).toMatchObject([
      { token: 'a', bytes: [97], top_logprobs: [{ token: 'a' }, { token: 'a~1' }] },
      { token: 'b' },
    ])
    expect((await whole(client, request)).logprobs).toEqual(told)
  })

  it('loads a model, and lets go of it', async () => {
    const { client, to } = await start()
    expect(await whole(client, { model: 'llama-sim' })).toMatchObject({ done_reason: 'load', message: { content: '' } })
    for (const keep_alive of [0, '0s']) {
      expect(await whole(client, { model: 'llama-sim', keep_alive })).toMatchObject({ done_reason: 'unload' })
    }
    expect(to.bill.entries).toEqual([])
  })
})

describe('a conversation beyond the context', () => {
  const long = 'word '.repeat(60)
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: long },
    { role: 'assistant', content: long },
    { role: 'user', content: 'What did I say?' },
  ]
  const request = (num_ctx: number, rest: object = {}) => asking('', { messages, options: { num_ctx }, ...rest })

  it('loses its oldest messages without a word, system messages excepted, and the bill tells', async () => {
    const { client, to } = await start()
    const enough = await whole(client, request(400))
    const short = await whole(client, request(100))
    expect(short.message).toEqual(enough.message)
    expect(enough.prompt_eval_count).toBeGreaterThan(130)
    expect(short.prompt_eval_count).toBeLessThanOrEqual(100)
    expect(to.bill.entries[0]).not.toHaveProperty('leftOutMessages')
    expect(to.bill.entries[1]).toMatchObject({ inputTokens: short.prompt_eval_count, leftOutMessages: 1 })
    await whole(client, request(60))
    expect(to.bill.entries[2]).toMatchObject({ leftOutMessages: 2 })
  })

  it('loses half a message where the last alone is too long', async () => {
    const { client, to } = await start()
    const answer = await whole(client, asking(long, { options: { num_ctx: 20 } }))
    expect(answer.prompt_eval_count).toBe(20)
    expect(to.bill.entries[0]?.inputTokens).toBe(20)
  })

  it('has 4096 tokens where nothing is asked for, and never more than the model was trained with', async () => {
    const { client } = await start()
    const endless = 'word '.repeat(10_000)
    const count = async (rest: Partial<ChatRequest>) => (await whole(client, asking(endless, rest))).prompt_eval_count
    expect(await count({})).toBe(4096)
    expect(await count({ model: 'gemma-sim', options: { num_ctx: 100_000 } })).toBe(8192)
  })

  it('is refused where the client wants no truncation', async () => {
    const { client } = await start()
    const refused = whole(client, request(100, { truncate: false }))
    await expect(refused).rejects.toMatchObject({
      status_code: 400,
      error: 'the input length exceeds the context length',
    })
    await expect(whole(client, request(400, { truncate: false }))).resolves.toMatchObject({ done: true })
  })

  it('ends with the context where the client wants no shift', async () => {
    const { client } = await start()
    const answer = await whole(client, { ...request(150), shift: false } as ChatRequest)
    expect(answer).toMatchObject({ done_reason: 'length' })
    const filled = await whole(client, request(150, { options: { num_ctx: 150, num_predict: -2 } }))
    expect(filled).toMatchObject({ done_reason: 'length' })
    expect(filled.prompt_eval_count + filled.eval_count).toBe(150)
  })
})

describe('beside chat', () => {
  it('lists its models, and shows what each can do', async () => {
    const { client, to } = await start()
    const { models } = await client.list()
    expect(models.map(({ name }) => name)).toContain(to.models.usual)
    const show = async (model: string) => {
      const { capabilities, model_info } = await client.show({ model })
      return { capabilities, model_info }
    }
    expect(await show('qwen-sim')).toEqual({
      capabilities: ['completion', 'tools', 'vision', 'thinking'],
      model_info: { 'general.architecture': 'qwen-sim', 'qwen-sim.context_length': 40_960 },
    })
    expect((await show('gemma-sim')).capabilities).toEqual(['completion'])
    expect(await show('embed-sim')).toMatchObject({
      capabilities: ['embedding'],
      model_info: { 'embed-sim.embedding_length': 64 },
    })
    await expect(client.show({ model: 'nope' })).rejects.toMatchObject({ error: "model 'nope' not found" })
  })

  it('runs, in a version', async () => {
    const { client, to } = await start()
    expect(await (await fetch(to.url)).text()).toBe('Ollama is running')
    expect((await fetch(to.url, { method: 'HEAD' })).status).toBe(200)
    expect(await client.version()).toMatchObject({ version: expect.stringMatching(/^\d+\./) })
  })

  it('makes vectors of length 1, as long as they are wanted, of as much as the model reads', async () => {
    const { client, to } = await start()
    const input = ['one', 'two', 'one']
    const { embeddings, prompt_eval_count } = await client.embed({ model: 'embed-sim', input })
    expect(embeddings.map(vector => vector.length)).toEqual([64, 64, 64])
    expect(embeddings[0]).toEqual(embeddings[2])
    expect(Math.hypot(...(embeddings[0] ?? []))).toBeCloseTo(1)
    expect(prompt_eval_count).toBe(3)
    expect(to.bill.entries[0]).toMatchObject({ inputTokens: 3, outputTokens: 0 })
    const short = await client.embed({ model: 'embed-sim', input: 'one', dimensions: 3 })
    expect(short.embeddings[0]).toHaveLength(3)
    expect((await client.embed({ model: 'embed-sim', input: '' })).embeddings).toEqual([])
    const long = 'word '.repeat(3000)
    expect((await client.embed({ model: 'embed-sim', input: long })).prompt_eval_count).toBe(2048)
    await expect(client.embed({ model: 'embed-sim', input: long, truncate: false })).rejects.toMatchObject({
      error: 'the input length exceeds the context length',
    })
    await expect(client.embed({ model: 'llama-sim', input: 'a' })).rejects.toMatchObject({ status_code: 400 })
  })
})

describe('faults', () => {
  it('are told as the server tells them', async () => {
    const { client } = await start(
      {},
      { type: 'status', kind: 'overloaded' },
      { type: 'error-event', atEvent: 2 },
      { type: 'no-terminator' },
    )
    await expect(whole(client, asking('Hi'))).rejects.toMatchObject({
      name: 'ResponseError',
      status_code: 503,
      error: 'server busy, please try again.  maximum pending requests exceeded',
    })
    await expect(streamed(client, asking('Hi'))).rejects.toThrow(/model runner has unexpectedly stopped/)
    await expect(streamed(client, asking('Hi'))).rejects.toThrow(/Did not receive done/)
  })

  it('leave the counts out', async () => {
    const { client } = await start({}, { type: 'no-usage' })
    const { last } = await streamed(client, asking('Hi'))
    expect(last).not.toHaveProperty('eval_count')
    expect(last).toHaveProperty('eval_duration')
  })

  it('of limits come without a time to wait', async () => {
    const { client } = await start({ rateLimits: { requestsPerMinute: 1 } })
    await whole(client, asking('Hi'))
    await expect(whole(client, asking('Hi'))).rejects.toMatchObject({ status_code: 429 })
  })
})
