import { once } from 'node:events'
import { request } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ScriptEntry } from './fault.ts'
import { startSimulator } from './simulator.ts'
import type { Simulator, SimulatorOptions } from './simulator-contract.ts'

const weather = {
  type: 'function',
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
}

const call = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{}' } }
const calling = { role: 'assistant', content: null, tool_calls: [call] }
const result = { role: 'tool', tool_call_id: 'call_1', content: '7 degrees' }

let simulator: Simulator | undefined

afterEach(async () => {
  await simulator?.close()
  simulator = undefined
})

async function start(options?: SimulatorOptions, ...script: readonly ScriptEntry[]): Promise<Simulator> {
  simulator = await startSimulator(options)
  simulator.script(...script)
  return simulator
}

interface Asked {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: any
}

async function ask(to: Simulator, body: object = {}, init: RequestInit = {}): Promise<Asked> {
  const response = await send(to, body, init)
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text.startsWith('{') ? JSON.parse(text) : {},
  }
}

function send(to: Simulator, body: object = {}, init: RequestInit = {}): Promise<Response> {
  return fetch(`${to.baseURL}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${to.apiKey}`, ...init.headers },
    body: JSON.stringify({ model: 'gpt-sim', messages: [{ role: 'user', content: 'Hi' }], ...body }),
    ...(init.signal && { signal: init.signal }),
  })
}

function events(text: string): any[] {
  const frames = text.split('\n\n').filter(frame => frame.startsWith('data: {'))
  return frames.map(frame => JSON.parse(frame.slice('data: '.length)))
}

function streamedText(text: string): string {
  return events(text)
    .map(event => event.choices?.[0]?.delta.content ?? '')
    .join('')
}

describe('answers', () => {
  it('say that they are simulated, and what was asked', async () => {
    const answer = await ask(await start())
    expect(answer.body.choices[0].message.content).toBe('This is a simulated answer from gpt-sim. You said: Hi')
    expect(answer.body.simulated).toBe(true)
  })

  it('leave the mark out when told to', async () => {
    expect((await ask(await start({ markSimulated: false }))).text).not.toContain('"simulated"')
  })

  it('are the same streamed as whole, usage last and then the terminator', async () => {
    const to = await start()
    const whole = await ask(to)
    const streamed = await ask(to, { stream: true, stream_options: { include_usage: true } })
    expect(streamedText(streamed.text)).toBe(whole.body.choices[0].message.content)
    expect(events(streamed.text).at(-1).usage).toEqual(whole.body.usage)
    expect(streamed.text.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  it('carry rate limits and a request id', async () => {
    const { headers } = await ask(await start())
    for (const name of ['x-request-id', 'x-ratelimit-remaining-tokens', 'openai-processing-ms', 'openai-version']) {
      expect(headers.get(name), name).toBeTruthy()
    }
  })

  it('call the tools that the prompt asks for, once for each thing named', async () => {
    const to = await start()
    const tools = [weather]
    const message = (await ask(to, { messages: user('Weather in Oslo and Rome?'), tools })).body.choices[0].message
    expect(message.tool_calls.map((call: any) => JSON.parse(call.function.arguments))).toEqual([
      { city: 'Oslo' },
      { city: 'Rome' },
    ])
    const single = await ask(to, { messages: user('Weather in Oslo and Rome?'), tools, parallel_tool_calls: false })
    expect(single.body.choices[0].message.tool_calls).toHaveLength(1)
    const none = await ask(to, { messages: user('Hi'), tools })
    expect(none.body.choices[0].finish_reason).toBe('stop')
  })

  it('stream the arguments of a call in fragments, and whole where the server is lax', async () => {
    const to = await start()
    const body = { messages: user('Weather in Oslo?'), tools: [weather], stream: true }
    const fragments = events((await ask(to, body)).text).flatMap(event => event.choices[0]?.delta.tool_calls ?? [])
    expect(fragments.length).toBeGreaterThan(3)
    expect(fragments.map(call => call.function.arguments).join('')).toBe('{"city":"Oslo"}')
    to.script({ type: 'tool-calls-without-index' })
    const whole = events((await ask(to, body)).text).flatMap(event => event.choices[0]?.delta.tool_calls ?? [])
    expect(whole).toHaveLength(1)
    expect(whole[0]).not.toHaveProperty('index')
  })

  it('mention what the tools said', async () => {
    const messages = [...user('Weather?'), calling, result]
    const answer = await ask(await start(), { messages, tools: [weather] })
    expect(answer.body.choices[0].message.content).toContain('7 degrees')
  })

  it('are instances of the schema', async () => {
    const schema = {
      type: 'object',
      properties: { name: { type: 'string' }, ages: { type: 'array', items: { type: 'integer', minimum: 18 } } },
      required: ['name', 'ages'],
      additionalProperties: false,
    }
    const response_format = { type: 'json_schema', json_schema: { name: 'person', strict: true, schema } }
    const answer = await ask(await start(), { response_format })
    expect(JSON.parse(answer.body.choices[0].message.content)).toEqual({ name: 'simulated', ages: [18] })
  })

  it('keep to the output cap, and cut JSON in its middle', async () => {
    const to = await start({}, [{ type: 'answer', text: '{"some":"json"}' }])
    const answer = await ask(to, { max_completion_tokens: 3 })
    expect(answer.body.choices[0].finish_reason).toBe('length')
    expect(answer.body.usage.completion_tokens).toBe(3)
    expect(() => JSON.parse(answer.body.choices[0].message.content)).toThrow()
  })

  it('stop before a stop sequence', async () => {
    const answer = await ask(await start({ reply: 'one two three' }), { stop: [' thr'] })
    expect(answer.body.choices[0].message.content).toBe('one two')
    expect(answer.body.choices[0].finish_reason).toBe('stop')
  })

  it('come in several choices, with logprobs', async () => {
    const answer: ScriptEntry = { type: 'answer', text: 'a', otherChoices: [{ type: 'answer', text: 'b' }] }
    const { body } = await ask(await start({}, answer), { n: 2, logprobs: true, top_logprobs: 2 })
    expect(body.choices.map((choice: any) => choice.message.content)).toEqual(['a', 'b'])
    expect(body.choices[0].logprobs.content[0].top_logprobs).toHaveLength(2)
  })

  it('count reasoning inside the output, and against the cap', async () => {
    const to = await start()
    const ample = await ask(to, { model: 'gpt-sim-reasoning' })
    expect(ample.body.usage.completion_tokens_details.reasoning_tokens).toBe(64)
    const short = await ask(to, { model: 'gpt-sim-reasoning', max_completion_tokens: 20 })
    expect(short.body.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: '' } })
    expect(short.body.usage.completion_tokens).toBe(20)
  })

  it('take every name where they are told to', async () => {
    const to = await start({ anyModel: true })
    const answer = await ask(to, { model: 'gpt-4', temperature: 0.2, reasoning_effort: 'low' })
    expect(answer.body).toMatchObject({
      model: 'gpt-4',
      usage: { completion_tokens_details: { reasoning_tokens: 16 } },
    })
    expect((await ask(to, { model: 'gpt-4' })).body.usage.completion_tokens_details.reasoning_tokens).toBe(0)
    // a real model of that name may have a larger window and cap than any simulated one
    expect((await ask(to, { model: 'gpt-9', max_completion_tokens: 500_000 })).status).toBe(200)
  })

  it('refuse tools with an effort where the model cannot think and call', async () => {
    const models = [{ id: 'gpt-sim', reasoning: true, toolsNeedNoEffort: true }]
    const to = await start({ models })
    expect((await ask(to, { tools: [weather] })).body.error.param).toBe('reasoning_effort')
    expect((await ask(to, { tools: [weather], reasoning_effort: 'none' })).status).toBe(200)
  })

  it('go on from an assistant message where the model can, and not elsewhere', async () => {
    const to = await start({ reply: 'one two three' })
    const messages = [...user('Count'), { role: 'assistant', content: 'one two' }]
    const text = async (body: object) => (await ask(to, { messages, ...body })).body.choices?.[0].message.content
    expect(await text({ model: 'gpt-sim-prefill' })).toBe(' three')
    expect(await text({})).toBe('one two three')
    to.script({ type: 'prefill', behaviour: 'refused' })
    expect(await text({})).toBeUndefined()
  })

  it('make vectors, as floats and as base64', async () => {
    const to = await start()
    const embed = async (encoding_format: string) => {
      const response = await fetch(`${to.baseURL}/embeddings`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${to.apiKey}` },
        body: JSON.stringify({ model: 'text-embedding-sim', input: ['a'], encoding_format, dimensions: 4 }),
      })
      return ((await response.json()) as any).data[0].embedding
    }
    const floats: number[] = await embed('float')
    const bytes = Buffer.from(await embed('base64'), 'base64')
    expect(floats).toHaveLength(4)
    expect(floats[1]).toBeCloseTo(bytes.readFloatLE(4), 6)
  })
})

describe('refusals', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } }
  const cases: readonly [string, object, number, string | null, string | null][] = [
    ['an unknown model', { model: 'nope' }, 404, 'model_not_found', null],
    ['an unknown parameter', { foo: 1 }, 400, 'unknown_parameter', 'foo'],
    ['no messages', { messages: [] }, 400, 'empty_array', 'messages'],
    [
      'an unknown field of a message',
      { messages: [{ role: 'user', content: 'a', foo: 1 }] },
      400,
      'unknown_parameter',
      'messages[0].foo',
    ],
    ['a temperature out of range', { temperature: 3 }, 400, 'integer_above_max_value', 'temperature'],
    [
      'max_tokens for a reasoning model',
      { model: 'gpt-sim-reasoning', max_tokens: 5 },
      400,
      'unsupported_parameter',
      'max_tokens',
    ],
    [
      'a temperature for a reasoning model',
      { model: 'gpt-sim-reasoning', temperature: 0.2 },
      400,
      'unsupported_value',
      'temperature',
    ],
    ['an effort for another model', { reasoning_effort: 'low' }, 400, 'unsupported_parameter', 'reasoning_effort'],
    [
      'a prompt longer than the window',
      { model: 'gpt-sim-mini', messages: user('a '.repeat(9_000)) },
      400,
      'context_length_exceeded',
      'messages',
    ],
    [
      'a result without its call',
      { messages: [{ role: 'tool', tool_call_id: 'x', content: 'y' }] },
      400,
      null,
      'messages.[0].role',
    ],
    ['JSON without the word', { response_format: { type: 'json_object' } }, 400, null, 'messages'],
    ['stream options without a stream', { stream_options: { include_usage: true } }, 400, null, 'stream_options'],
    ['a choice of tool without tools', { tool_choice: 'auto' }, 400, null, 'tool_choice'],
    [
      'a lax schema called strict',
      { response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } } },
      400,
      null,
      'response_format',
    ],
    ['a call without its result', { messages: [...user('a'), calling, ...user('b')] }, 400, null, 'messages.[2].role'],
    [
      'two results of one call',
      { messages: [...user('a'), calling, result, result] },
      400,
      null,
      'messages[3].tool_call_id',
    ],
    [
      'a part of the wrong kind',
      { messages: [{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://a' } }] }] },
      400,
      'invalid_value',
      'messages[0].content[0].type',
    ],
    [
      'an image that is none',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'a.png' } }] }] },
      400,
      'invalid_image_url',
      'messages[0].content[0].image_url.url',
    ],
    [
      'a file by its address',
      { messages: [{ role: 'user', content: [{ type: 'file', file: { file_data: 'https://a/b.pdf' } }] }] },
      400,
      'invalid_value',
      'messages[0].content[0].file.file_data',
    ],
    ['two caps', { max_tokens: 1, max_completion_tokens: 1 }, 400, 'invalid_parameter_combination', 'max_tokens'],
    ['a cap beyond the model', { max_tokens: 99_999 }, 400, 'invalid_value', 'max_tokens'],
    ['five stop sequences', { stop: ['a', 'b', 'c', 'd', 'e'] }, 400, 'array_above_max_length', 'stop'],
    [
      'a tool with a bad name',
      { tools: [{ type: 'function', function: { name: 'a b' } }] },
      400,
      'invalid_value',
      'tools[0].function.name',
    ],
    [
      'a choice of a tool that is not there',
      { tools: [weather], tool_choice: { type: 'function', function: { name: 'x' } } },
      400,
      null,
      'tool_choice',
    ],
    [
      'a long id of a call',
      {
        messages: [
          {
            role: 'assistant',
            tool_calls: [{ id: 'x'.repeat(41), type: 'function', function: { name: 'a', arguments: '' } }],
          },
        ],
      },
      400,
      'string_above_max_length',
      'messages[0].tool_calls[0].id',
    ],
  ]
  it.each(cases)('%s is refused', async (_, body, status, code, param) => {
    const answer = await ask(await start(), body)
    expect(answer.status).toBe(status)
    expect(answer.body.error).toMatchObject({ code, param, type: 'invalid_request_error' })
  })

  it.each([
    ['a path that is not there', 'POST', '/v1/nope', {}, '{}', 404],
    ['a wrong method', 'GET', '/v1/chat/completions', {}, '', 405],
    ['a model that is not there', 'GET', '/v1/models/%zz', {}, '', 404],
    ['a body that is no JSON', 'POST', '/v1/chat/completions', {}, '{"model":', 400],
    ['a body that is no object', 'POST', '/v1/chat/completions', {}, '[]', 400],
    ['another content type', 'POST', '/v1/chat/completions', { 'content-type': 'text/plain' }, '{}', 415],
    ['a repeated key', 'POST', '/v1/chat/completions', { authorization: ['Bearer a', 'Bearer b'] }, '{}', 400],
  ] as const)('%s is refused', async (_, method, path, headers, body, status) => {
    const to = await start()
    const usual = { 'content-type': 'application/json', authorization: `Bearer ${to.apiKey}` }
    const flat = Object.entries({ ...usual, ...headers }).flatMap(([name, value]) =>
      [value].flat().flatMap(each => [name, each as string]),
    )
    const asked = request(to.url + path, { method, headers: [...flat, 'host', 'localhost'] })
    asked.end(body)
    const [response] = await once(asked, 'response')
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    expect(response.statusCode).toBe(status)
    expect(JSON.parse(Buffer.concat(chunks).toString()).error.type).toBe('invalid_request_error')
  })

  it('a wrong key is refused, and the log keeps it masked', async () => {
    const to = await start()
    const answer = await ask(to, {}, { headers: { authorization: 'Bearer sk-secret-secret' } })
    expect(answer.status).toBe(401)
    expect(answer.body.error.code).toBe('invalid_api_key')
    expect(to.requests[0]?.keyOk).toBe(false)
    expect(JSON.stringify(to.requests)).not.toContain('sk-secret-secret')
  })

  it('more than the account may use is refused, with the time to wait', async () => {
    const to = await start({ rateLimits: { requestsPerMinute: 1 } })
    expect((await ask(to)).status).toBe(200)
    const refused = await ask(to)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50)
  })
})

describe('faults', () => {
  const stream = { stream: true }

  it('answer with any status and any shape of body', async () => {
    const shapes = ['native', 'string', 'fastapi', 'html', 'empty', 'truncated'] as const
    const to = await start()
    for (const shape of shapes) to.script({ type: 'status', status: 529, shape, retryAfter: 7 })
    for (const shape of shapes) {
      const answer = await send(to)
      expect([answer.status, answer.headers.get('retry-after')], shape).toEqual([529, '7'])
      await answer.text()
    }
  })

  it('split the body anywhere, also inside a character', async () => {
    const to = await start({}, [
      { type: 'answer', text: 'é👋' },
      { type: 'chunk-size', bytes: 1 },
    ])
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${to.apiKey}` }
    const asked = request(`${to.baseURL}/chat/completions`, { method: 'POST', headers })
    asked.end(JSON.stringify({ model: 'gpt-sim', messages: user('Hi'), stream: true }))
    const [response] = await once(asked, 'response')
    const chunks: Buffer[] = []
    await once(
      response.on('data', (chunk: Buffer) => chunks.push(chunk)),
      'end',
    )
    expect(Math.max(...chunks.map(chunk => chunk.length))).toBe(1)
    expect(streamedText(Buffer.concat(chunks).toString())).toBe('é👋')
  })

  it('cut the body cleanly at any byte or event', async () => {
    const to = await start({}, { type: 'cut', atByte: 33 }, { type: 'cut', atEvent: 2 })
    expect((await ask(to, stream)).text).toHaveLength(33)
    expect(events((await ask(to, stream)).text)).toHaveLength(2)
  })

  it('reset the socket before the headers, or after them', async () => {
    const to = await start({}, { type: 'reset' }, { type: 'reset', atByte: 100 })
    await expect(send(to)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
    const response = await send(to, stream)
    await expect(response.text()).rejects.toThrow()
    expect(to.requests[1]).toMatchObject({ bytesSent: 100 })
    expect(to.requests[1]?.closedByClientAt).toBeUndefined()
  })

  it('put a malformed event or an error into the stream', async () => {
    const to = await start(
      {},
      { type: 'malformed-event', atEvent: 0 },
      { type: 'error-event', atEvent: 1, code: 'overloaded' },
    )
    expect((await ask(to, stream)).text.startsWith('data: {"id": "broken\n\ndata: {')).toBe(true)
    const inBand = await ask(to, stream)
    expect(events(inBand.text).at(-1).error.code).toBe('overloaded')
    expect(inBand.text).not.toContain('[DONE]')
  })

  it('leave out the terminator, the finish reason and the usage', async () => {
    const to = await start({}, { type: 'no-terminator' }, { type: 'no-finish' }, { type: 'no-usage' })
    const body = { ...stream, stream_options: { include_usage: true } }
    const first = (await ask(to, body)).text
    expect(first).toContain('"finish_reason":"stop"')
    expect(first).not.toContain('[DONE]')
    expect((await ask(to, body)).text).not.toContain('"finish_reason":"stop"')
    expect((await ask(to, body)).text).not.toContain('prompt_tokens')
  })

  it('lie about the length', async () => {
    const to = await start({}, { type: 'content-length', off: 10 })
    const response = await send(to)
    await expect(response.text()).rejects.toThrow()
  })

  it('are chosen by a header, or by metadata, and by nobody else', async () => {
    const to = await start()
    const fault = JSON.stringify({ type: 'status', status: 418 })
    expect((await ask(to, {}, { headers: { 'x-simulate': fault } })).status).toBe(418)
    expect((await ask(to, { metadata: { simulate: fault } })).status).toBe(418)
    expect((await ask(to)).status).toBe(200)
    const wrong = await ask(to, {}, { headers: { 'x-simulate': '{"type":"nope"}' } })
    expect(wrong.body.error.message).toContain('x-simulate.type is "nope"')
  })

  it('last through an outage, and a script waits for its end', async () => {
    const to = await start({}, 'after')
    to.outage()
    expect((await ask(to)).status).toBe(503)
    expect((await ask(to)).status).toBe(503)
    to.recover()
    expect((await ask(to)).body.choices[0].message.content).toBe('after')
  })

  it('stand until they are lifted', async () => {
    const to = await start()
    to.setFault({ type: 'status', status: 500 })
    expect((await ask(to)).status).toBe(500)
    to.setFault()
    expect((await ask(to)).status).toBe(200)
  })

  it('are forgotten by a reset, outage included', async () => {
    const to = await start({}, 'scripted')
    to.setFault({ type: 'status', status: 500 })
    to.outage()
    to.reset()
    expect((await ask(to)).body.choices[0].message.content).toBe(
      'This is a simulated answer from gpt-sim. You said: Hi',
    )
    expect(to.requestCount).toBe(1)
  })

  it('refuse a script that says nothing known', async () => {
    const to = await start()
    expect(() => to.script({ type: 'stahl' } as never)).toThrow(/script\[0\].type is "stahl"/)
    expect(() => to.script({ type: 'slow' } as never)).toThrow(/ms should be a number/)
    expect(() => to.setFault({ type: 'stahl' } as never)).toThrow(/fault.type is "stahl"/)
    expect(() => to.outage({ type: 'stahl' } as never)).toThrow(/fault.type is "stahl"/)
  })
})

describe('the log and the bill', () => {
  it('see the client close a silent, a stalled and a dripping answer within 50 ms', async () => {
    const to = await start({}, { type: 'silence' }, { type: 'stall', atEvent: 2 }, { type: 'drip', ms: 20 })
    // a busy machine lets this process wait, and that is not the simulator's doing
    const waits = monitorEventLoopDelay({ resolution: 1 })
    waits.enable()
    for (let index = 0; index < 3; index++) {
      const abort = new AbortController()
      const asked = ask(to, { stream: true }, { signal: abort.signal }).catch(() => {})
      await to.waitForRequests(index + 1)
      await vi.waitFor(() => expect(to.bill.totals.outputTokens).toBeGreaterThanOrEqual(index))
      const abortedAt = performance.timeOrigin + performance.now()
      abort.abort()
      const seen = await to.waitForClose(index)
      expect((seen.closedByClientAt ?? 0) - abortedAt).toBeLessThan(50 + waits.max / 1e6)
      await asked
    }
    waits.disable()
    await to.waitForIdle()
    expect(to.bill.entries.map(entry => entry.state)).toEqual(['aborted', 'aborted'])
    expect(to.bill.entries[0]?.outputTokens).toBe(1)
    expect(to.bill.entries[0]?.inputTokens).toBeGreaterThan(0)
  })

  it('bill what was answered, and nothing for what was refused', async () => {
    const to = await start({}, [{ type: 'answer', text: 'a b c', cachedTokens: 2 }])
    const { body } = await ask(to)
    await ask(to, { model: 'nope' })
    await to.waitForIdle()
    expect(to.bill.entries).toHaveLength(1)
    expect(to.bill.entries[0]).toMatchObject({
      inputTokens: body.usage.prompt_tokens,
      outputTokens: body.usage.completion_tokens,
      cachedTokens: 2,
      state: 'complete',
    })
    expect(to.bill.totals).toEqual({ requests: 1, inputTokens: body.usage.prompt_tokens, outputTokens: 3 })
  })

  it('tell what was read from the cache and written to it', async () => {
    const to = await start({}, [{ type: 'answer', text: 'a', cachedTokens: 2, cacheWriteTokens: 3 }])
    const { usage } = (await ask(to, { messages: user('one two three') })).body
    expect(usage.prompt_tokens_details).toMatchObject({ cached_tokens: 2, cache_write_tokens: 3 })
    await to.waitForIdle()
    expect(to.bill.entries[0]).toMatchObject({ cachedTokens: 2, cacheWriteTokens: { default: 3 } })
  })

  it('keep what they are told to, and no more', async () => {
    const to = await start({ logLimit: 10 })
    for (let index = 0; index < 25; index++) await ask(to)
    expect(to.requests.length).toBeLessThanOrEqual(10)
    expect(to.requestCount).toBe(25)
    expect(to.bill.totals.requests).toBe(25)
  })

  it('hold back when the client does not read', async () => {
    const to = await start({}, [{ type: 'answer', pieces: Array.from({ length: 2_000 }, () => 'x'.repeat(32_768)) }])
    const response = await send(to, { stream: true })
    let before = -1
    await vi.waitUntil(
      () => {
        const sent = to.requests[0]?.bytesSent ?? 0
        const still = sent > 0 && sent === before
        before = sent
        return still
      },
      { interval: 100, timeout: 10_000 },
    )
    expect(before).toBeLessThan(30_000_000)
    await response.body?.cancel()
    await to.waitForClose()
  })

  it('have no socket left after close', async () => {
    const to = await start({}, { type: 'silence' })
    const asked = ask(to).catch(() => 'closed')
    await to.waitForRequests(1)
    await to.close()
    expect(await asked).toBe('closed')
    expect(to.requests[0]?.closedByClientAt, 'the client is blamed').toBeUndefined()
    expect(to.openSockets).toBe(0)
  })
})

function user(content: string): object[] {
  return [{ role: 'user', content }]
}
