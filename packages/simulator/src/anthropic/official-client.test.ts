import Anthropic from '@anthropic-ai/sdk'
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
  simulator = await startSimulator({ api: 'anthropic', ...options })
  simulator.script(...script)
  const { baseURL, apiKey } = simulator
  return { to: simulator, client: new Anthropic({ baseURL, apiKey, maxRetries: 0 }) }
}

type Body = Anthropic.MessageCreateParamsNonStreaming

function asking(content: string, rest: Partial<Body> = {}): Body {
  return { model: 'claude-sim', max_tokens: 1_000, messages: [{ role: 'user', content }], ...rest }
}

const weather: Anthropic.Tool = {
  name: 'get_weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

describe('messages', () => {
  it('are the same streamed as whole, and say that they are simulated', async () => {
    const { client } = await start()
    const whole = await client.messages.create(asking('Hi'))
    const streamed = await client.messages.stream(asking('Hi')).finalMessage()
    expect(whole.content).toEqual([
      { type: 'text', text: 'This is a simulated answer from claude-sim. You said: Hi', citations: null },
    ])
    expect(streamed).toMatchObject(whole)
    expect(whole).toMatchObject({ stop_reason: 'end_turn', simulated: true })
  })

  it('call tools and go on from their results', async () => {
    const { client } = await start()
    const body = asking('Weather in Oslo and Rome?', { tools: [weather] })
    const called = await client.messages.stream(body).finalMessage()
    expect(called).toMatchObject(await client.messages.create(body))
    expect(called.stop_reason).toBe('tool_use')
    const calls = called.content.filter(block => block.type === 'tool_use')
    expect(calls.map(call => call.input)).toEqual([{ city: 'Oslo' }, { city: 'Rome' }])
    const results = calls.map(call => ({
      type: 'tool_result' as const,
      tool_use_id: call.id,
      content: '7 degrees',
    }))
    const messages = [
      ...body.messages,
      { role: 'assistant' as const, content: called.content },
      { role: 'user' as const, content: results },
    ]
    const [text] = (await client.messages.create({ ...body, messages })).content
    expect(text).toMatchObject({ type: 'text', text: expect.stringContaining('7 degrees; 7 degrees') })
  })

  it('are instances of the schema', async () => {
    const { client } = await start()
    const schema = { type: 'object', properties: { name: { type: 'string' } }, additionalProperties: false }
    const { content } = await client.messages.create(
      asking('Hi', { output_config: { format: { type: 'json_schema', schema } } }),
    )
    expect(content[0]).toMatchObject({ text: '{"name":"simulated"}' })
  })

  it('think as they are asked to, show it or not, and sign it', async () => {
    const { client } = await start()
    const thinking = (display: 'summarized' | 'omitted') => ({ thinking: { type: 'adaptive' as const, display } })
    const shown = await client.messages.stream(asking('Hi', thinking('summarized'))).finalMessage()
    const omitted = await client.messages.stream(asking('Hi', thinking('omitted'))).finalMessage()
    expect(shown.content[0]).toMatchObject({ type: 'thinking', thinking: expect.stringContaining('I am asked: Hi') })
    expect(omitted.content[0]).toMatchObject({
      type: 'thinking',
      thinking: '',
      signature: expect.stringMatching(/.{9}/),
    })
    for (const { usage } of [shown, omitted]) expect(usage.output_tokens_details?.thinking_tokens).toBe(64)
    const low = await client.messages.create(
      asking('Hi', { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }),
    )
    expect(low.usage.output_tokens_details?.thinking_tokens).toBe(16)
  })

  it('sign no thinking that a limit cut', async () => {
    const { client } = await start()
    const body = asking('Hi', { thinking: { type: 'adaptive', display: 'summarized' }, max_tokens: 20 })
    const cut = await client.messages.create(body)
    expect(cut).toMatchObject({ stop_reason: 'max_tokens', content: [{ type: 'thinking', signature: '' }] })
    expect((await client.messages.stream(body).finalMessage()).content).toEqual(cut.content)
  })

  it('tell at the beginning what the prompt costs, and at the end what was made', async () => {
    const { client } = await start({ reply: 'one two' })
    const usages: object[] = []
    const body = asking('Hi', { thinking: { type: 'adaptive' } })
    for await (const event of await client.messages.create({ ...body, stream: true })) {
      if (event.type === 'message_start') usages.push(event.message.usage)
      if (event.type === 'message_delta') usages.push(event.usage)
    }
    const { input_tokens } = await client.messages.countTokens({ model: body.model, messages: body.messages })
    expect(usages).toMatchObject([
      { input_tokens, output_tokens: 1, output_tokens_details: null },
      { input_tokens, output_tokens: 66, output_tokens_details: { thinking_tokens: 64 } },
    ])
  })

  it('think between tools only, where that is asked', async () => {
    const { client } = await start()
    const body = asking('Weather in Oslo?', { tools: [weather], thinking: { type: 'between_tools' } })
    const called = await client.messages.create(body)
    expect(called.content.map(block => block.type)).toEqual(['tool_use'])
    const [call] = called.content as [Anthropic.ToolUseBlock]
    const messages = [
      ...body.messages,
      { role: 'assistant' as const, content: called.content },
      {
        role: 'user' as const,
        content: [{ type: 'tool_result' as const, tool_use_id: call.id, content: '7 degrees' }],
      },
    ]
    const told = await client.messages.create({ ...body, messages })
    expect(told.content.map(block => block.type)).toEqual(['thinking', 'text'])
  })

  it('think always where the model does, and do not show it unless asked', async () => {
    const { client } = await start()
    const { content } = await client.messages.create(asking('Hi', { model: 'claude-sim-reasoning' }))
    expect(content.map(block => block.type)).toEqual(['thinking', 'text'])
    expect(content[0]).toMatchObject({ thinking: '' })
  })

  it('take their thinking back unchanged, and from the same model only', async () => {
    const { client } = await start()
    const thinking = { type: 'adaptive', display: 'summarized' } as const
    const first = await client.messages.create(asking('Hi', { thinking }))
    const go = (content: Anthropic.ContentBlock[], model = 'claude-sim') =>
      client.messages.create(
        asking('', {
          model,
          thinking,
          messages: [
            { role: 'user', content: 'Hi' },
            { role: 'assistant', content },
            { role: 'user', content: 'Go on' },
          ],
        }),
      )
    expect((await go(first.content)).stop_reason).toBe('end_turn')
    const changed = first.content.map(block => (block.type === 'thinking' ? { ...block, thinking: 'Else' } : block))
    const refusal = /messages\.1\.content\.0: Invalid `signature` in `thinking` block/
    await expect(go(changed)).rejects.toThrow(refusal)
    await expect(go(first.content, 'claude-sim-reasoning')).rejects.toThrow(refusal)
  })

  it('end for every reason that the wire has a word for', async () => {
    const { client, to } = await start()
    const endings = [
      ['content-filter', 'refusal'],
      ['refusal', 'refusal'],
      ['pause', 'pause_turn'],
      ['context-length', 'model_context_window_exceeded'],
    ] as const
    for (const [ending, word] of endings) {
      to.script({ type: 'answer', text: 'So', ending })
      expect((await client.messages.stream(asking('Hi')).finalMessage()).stop_reason).toBe(word)
    }
    to.script(
      'one two three',
      'one two three',
      { type: 'answer', refusal: 'No.' },
      { type: 'answer', finishReason: 'x' },
    )
    const stopped = await client.messages.create(asking('Hi', { stop_sequences: [' thr'] }))
    expect(stopped).toMatchObject({
      stop_reason: 'stop_sequence',
      stop_sequence: ' thr',
      content: [{ text: 'one two' }],
    })
    expect((await client.messages.create(asking('Hi', { max_tokens: 2 }))).stop_reason).toBe('max_tokens')
    expect(await client.messages.create(asking('Hi'))).toMatchObject({
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', explanation: 'No.' },
    })
    expect((await client.messages.create(asking('Hi'))).stop_reason).toBe('x')
  })

  it('fill the window and no more', async () => {
    const models = [{ id: 'claude-sim', contextWindow: 40, maxOutputTokens: 100 }]
    const { client } = await start({ models, reply: 'a '.repeat(90) })
    const full = await client.messages.create(asking('Hi', { max_tokens: 100 }))
    expect(full.stop_reason).toBe('model_context_window_exceeded')
    expect(full.usage.input_tokens + full.usage.output_tokens).toBe(40)
    const long = client.messages.create(asking('a '.repeat(60), { max_tokens: 100 }))
    await expect(long).rejects.toThrow(/prompt is too long: \d+ tokens > 40 maximum/)
  })

  it('go on from an assistant message where the model can, and are refused elsewhere', async () => {
    const { client } = await start({ reply: 'one two three' })
    const messages = [
      { role: 'user' as const, content: 'Count' },
      { role: 'assistant' as const, content: 'one two' },
    ]
    const { content } = await client.messages.create(asking('', { model: 'claude-sim-prefill', messages }))
    expect(content[0]).toMatchObject({ text: ' three' })
    await expect(client.messages.create(asking('', { messages }))).rejects.toThrow(
      /does not support assistant message prefill/,
    )
  })

  it('read from the cache what was written to it, and bill each part apart', async () => {
    const { client, to } = await start()
    const cached = (question: string) =>
      asking(question, {
        system: [{ type: 'text', text: 'Be brief and always kind.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      })
    const { usage: first } = await client.messages.create(cached('One?'))
    const { usage: second } = await client.messages.stream(cached('Two?')).finalMessage()
    const written = first.cache_creation_input_tokens as number
    expect(written).toBeGreaterThan(0)
    expect(first.cache_creation).toEqual({ ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: written })
    expect(second).toMatchObject({ cache_read_input_tokens: written, cache_creation_input_tokens: 0 })
    await to.waitForIdle()
    expect(to.bill.entries).toMatchObject([
      { cachedTokens: 0, cacheWriteTokens: { '1h': written }, inputTokens: first.input_tokens + written },
      { cachedTokens: written, cacheWriteTokens: {}, inputTokens: second.input_tokens + written },
    ])
  })

  it('tell the usage that a script says', async () => {
    const { client } = await start({}, [{ type: 'answer', text: 'a', cachedTokens: 3, cacheWriteTokens: { '5m': 2 } }])
    const { usage } = await client.messages.create(asking('One two three four'))
    expect(usage).toMatchObject({ cache_read_input_tokens: 3, cache_creation_input_tokens: 2 })
  })

  it('bill thinking that is not shown', async () => {
    const { client, to } = await start({ reply: 'one two' })
    await client.messages.stream(asking('Hi', { model: 'claude-sim-reasoning' })).finalMessage()
    await to.waitForIdle()
    expect(to.bill.entries[0]).toMatchObject({ state: 'complete', outputTokens: 66, reasoningTokens: 64 })
  })

  it('bill an aborted stream for what it had sent, thinking included', async () => {
    const { client, to } = await start({}, { type: 'stall', atEvent: 6 })
    const stream = await client.messages.create({
      ...asking('Hi', { thinking: { type: 'adaptive', display: 'summarized' } }),
      stream: true,
    })
    let seen = 0
    for await (const event of stream) {
      // the client leaves out the ping
      if (event.type === 'content_block_delta') seen++
      if (seen === 3) break
    }
    await to.waitForClose()
    await to.waitForIdle()
    expect(to.bill.entries[0]).toMatchObject({ state: 'aborted', outputTokens: 3, reasoningTokens: 3 })
  })
})

describe('other endpoints', () => {
  it('count the tokens that an answer would be billed', async () => {
    const { client, to } = await start()
    const { messages, model } = asking('How many are these?')
    const { input_tokens } = await client.messages.countTokens({ messages, model })
    expect((await client.messages.create(asking('How many are these?'))).usage.input_tokens).toBe(input_tokens)
    expect(to.bill.totals.requests).toBe(1)
  })

  it('list models page by page, and tell of one', async () => {
    const { client } = await start()
    const ids: string[] = []
    for await (const { id } of client.models.list({ limit: 3 })) ids.push(id)
    expect(ids).toEqual(['claude-sim', 'claude-sim-small', 'claude-sim-reasoning', 'claude-sim-prefill'])
    const back = await client.models.list({ limit: 1, before_id: 'claude-sim-reasoning' })
    expect([back.data[0]?.id, back.has_more]).toEqual(['claude-sim-small', true])
    expect(await client.models.retrieve('claude-sim')).toMatchObject({ max_tokens: 64_000, max_input_tokens: 200_000 })
    await expect(client.models.retrieve('nope')).rejects.toBeInstanceOf(Anthropic.NotFoundError)
  })

  it('take every name where they are told to', async () => {
    const { client } = await start({ anyModel: true })
    expect((await client.messages.create(asking('Hi', { model: 'claude-x' }))).model).toBe('claude-x')
  })
})

describe('errors', () => {
  it('have the class, the type and the id that the official client knows', async () => {
    const { client, to } = await start()
    const kinds = [
      ['overloaded', 529, 'overloaded_error'],
      ['rate-limit', 429, 'rate_limit_error'],
      ['quota', 402, 'billing_error'],
      ['authentication', 401, 'authentication_error'],
      ['permission', 403, 'permission_error'],
      ['not-found', 404, 'not_found_error'],
      ['context-length', 400, 'invalid_request_error'],
      ['content-filter', 400, 'invalid_request_error'],
      ['unavailable', 500, 'api_error'],
      ['timeout', 504, 'timeout_error'],
    ] as const
    for (const [kind, status, type] of kinds) {
      to.script({ type: 'status', kind, retryAfter: 7 })
      const error = await client.messages.create(asking('Hi')).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ status, type, requestID: to.requests.at(-1)?.id })
      const { headers } = error as InstanceType<typeof Anthropic.APIError>
      expect(headers?.get('retry-after')).toBe('7')
      expect(headers?.get('x-should-retry')).toBe(kind === 'overloaded' ? 'true' : null)
    }
  })

  it('come inside a stream, too', async () => {
    const { client } = await start({}, { type: 'error-event', atEvent: 4, kind: 'overloaded' })
    const error = await client.messages
      .stream(asking('Hi'))
      .finalMessage()
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ type: 'overloaded_error', status: undefined })
  })

  it('of a wrong key and of none', async () => {
    const { to } = await start()
    const wrong = new Anthropic({ baseURL: to.baseURL, apiKey: 'sk-wrong', maxRetries: 0 })
    await expect(wrong.messages.create(asking('Hi'))).rejects.toThrow(/invalid x-api-key/)
    expect(JSON.stringify(to.requests)).not.toContain('sk-wrong')
  })

  it('of limits, with headers only where there are some', async () => {
    const unlimited = await (await start()).client.messages.create(asking('Hi')).withResponse()
    expect([...unlimited.response.headers.keys()].filter(name => name.includes('ratelimit'))).toEqual([])
    await simulator?.close()
    const { to, client } = await start({ rateLimits: { requestsPerMinute: 1 } })
    const { response } = await client.messages.create(asking('Hi')).withResponse()
    expect(response.headers.get('anthropic-ratelimit-requests-remaining')).toBe('0')
    expect(response.headers.get('anthropic-ratelimit-requests-reset')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    await expect(client.messages.create(asking('Hi'))).rejects.toBeInstanceOf(Anthropic.RateLimitError)
    expect(to.requests[1]?.status).toBe(429)
  })

  it('of limits of tokens, for prompts and for answers', async () => {
    const { client } = await start({ rateLimits: { inputTokensPerMinute: 60, outputTokensPerMinute: 30 } })
    const { response } = await client.messages.create(asking('Hi', { max_tokens: 20 })).withResponse()
    const left = (name: string) => response.headers.get(`anthropic-ratelimit-${name}`)
    expect([left('output-tokens-limit'), left('output-tokens-remaining')]).toEqual(['30', '10'])
    expect(left('input-tokens-limit')).toBe('60')
    const long = client.messages.create(asking('a '.repeat(60), { max_tokens: 1 }))
    await expect(long).rejects.toThrow(/rate limit for your organization of 60 input tokens per minute/)
    const much = client.messages.create(asking('Hi', { max_tokens: 20 }))
    await expect(much).rejects.toThrow(/30 output tokens per minute/)
  })
})
