import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { firstText, hello, secondText, startTwoTargets, type TwoTargets } from './testing/two-targets.ts'

let pair: TwoTargets
beforeAll(async () => {
  pair = await startTwoTargets()
})
afterAll(async () => {
  await pair[Symbol.asyncDispose]()
})
beforeEach(() => {
  pair.first.reset()
  pair.second.reset()
})

const tools = ['weather', 'time'].map(name => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
}))
const calls = [
  { name: 'weather', arguments: { city: 'Köln' } },
  { name: 'time', arguments: { city: 'Ōsaka "two"' } },
]

test('an answer has its id, model, usage and request id', async () => {
  const { data, request_id, response } = await pair.client.chat.completions
    .create(hello, { headers: { 'x-request-id': 'mine-1' } })
    .withResponse()
  expect(request_id).toBe('mine-1')
  expect(data).toMatchObject({ object: 'chat.completion', model: 'first/model-a' })
  expect(data.id).toMatch(/^chatcmpl-/)
  expect(data.usage?.total_tokens).toBe((data.usage?.prompt_tokens ?? 0) + (data.usage?.completion_tokens ?? 0))
  expect(response.headers.get('x-switchyard-simulated')).toBeNull()
  const other = await pair.client.chat.completions
    .create(hello, { headers: { 'x-request-id': 'no\tgood' } })
    .withResponse()
  expect(other.request_id).toMatch(/^req_[0-9a-f]{32}$/)
})

test('an answer that is simulated says so, in its headers and its body', async () => {
  for (const stream of [true, false]) {
    const response = await fetch(`${pair.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...hello, model: 'second/any', stream }),
    })
    expect(response.headers.get('x-switchyard-simulated')).toBe('true')
    expect(await response.text()).toContain('"simulated":true')
  }
})

describe('streaming', () => {
  test('usage comes when it is asked for, and only then', async () => {
    for (const include of [true, false]) {
      const stream = await pair.client.chat.completions.create({
        ...hello,
        stream: true,
        ...(include && { stream_options: { include_usage: true } }),
      })
      const chunks = []
      for await (const chunk of stream) chunks.push(chunk)
      expect(chunks.filter(chunk => chunk.usage != null)).toHaveLength(include ? 1 : 0)
      expect(chunks.map(chunk => chunk.choices[0]?.delta.content ?? '').join('')).toBe(firstText)
    }
  })

  test('chat.completions.stream() gives the whole completion', async () => {
    const stream = pair.client.chat.completions.stream(hello)
    const texts: string[] = []
    stream.on('content', delta => texts.push(delta))
    const completion = await stream.finalChatCompletion()
    expect(completion.choices[0]?.message.content).toBe(firstText)
    expect(texts.join('')).toBe(firstText)
  })

  test('text and usage are those of the target after a failover', async () => {
    pair.first.setFault({ type: 'error-event', atEvent: 0 })
    const completion = await pair.client.chat.completions
      .stream({ ...hello, stream_options: { include_usage: true } })
      .finalChatCompletion()
    expect(completion.choices[0]?.message.content).toBe(secondText)
    expect(completion.usage?.completion_tokens).toBeGreaterThan(0)
  })
})

describe('tools', () => {
  test('calls arrive whole, in one piece and streamed', async () => {
    pair.first.script({ type: 'answer', toolCalls: calls }, { type: 'answer', toolCalls: calls })
    const whole = await pair.client.chat.completions.create({ ...hello, tools })
    const streamed = await pair.client.chat.completions.stream({ ...hello, tools }).finalChatCompletion()
    for (const { choices } of [whole, streamed]) {
      expect(choices[0]?.finish_reason).toBe('tool_calls')
      const made = choices[0]?.message.tool_calls ?? []
      expect(
        made.map(call => call.type === 'function' && [call.function.name, JSON.parse(call.function.arguments)]),
      ).toEqual(calls.map(call => [call.name, call.arguments]))
      expect(new Set(made.map(call => call.id)).size).toBe(2)
    }
  })

  test('a conversation goes on with their results', async () => {
    pair.first.script({ type: 'answer', toolCalls: calls })
    const { choices } = await pair.client.chat.completions.create({ ...hello, tools })
    const message = choices[0]?.message
    const results = (message?.tool_calls ?? []).map(call => ({
      role: 'tool' as const,
      tool_call_id: call.id,
      content: `result of ${call.id}`,
    }))
    const answer = await pair.client.chat.completions.create({
      ...hello,
      tools,
      messages: [...hello.messages, ...(message === undefined ? [] : [message]), ...results],
    })
    expect(answer.choices[0]?.message.content).toBe(firstText)
    expect(pair.first.requests[1]?.body).toMatchObject({
      messages: [{}, { tool_calls: message?.tool_calls }, ...results],
    })
  })
})

test('a JSON schema reaches the target, and its answer the client', async () => {
  const schema = {
    type: 'object',
    properties: { name: { type: 'string' } },
    required: ['name'],
    additionalProperties: false,
  }
  const response_format = { type: 'json_schema' as const, json_schema: { name: 'person', strict: true, schema } }
  pair.first.script({ type: 'answer', text: '{"name":"Ada"}' }, { type: 'answer', text: '{"name":"Ada"}' })
  const whole = await pair.client.chat.completions.parse({ ...hello, response_format })
  const streamed = await pair.client.chat.completions.stream({ ...hello, response_format }).finalChatCompletion()
  expect(JSON.parse(whole.choices[0]?.message.content ?? '')).toEqual({ name: 'Ada' })
  expect(JSON.parse(streamed.choices[0]?.message.content ?? '')).toEqual({ name: 'Ada' })
  expect(
    pair.first.requests.map(request => (request.body as typeof hello & { response_format: unknown }).response_format),
  ).toEqual([response_format, response_format])
})

test('fields that nobody here knows reach a target of the same dialect', async () => {
  const passedOn = { logit_bias: { '50256': -100 }, prediction: { type: 'content', content: 'x' }, user: 'u1' } as const
  await pair.client.chat.completions.create({ ...hello, ...passedOn })
  expect(pair.first.requests[0]?.body).toMatchObject(passedOn)
  const unknown = { ...hello, brand_new: { deep: [1] } }
  await expect(pair.client.chat.completions.create(unknown)).rejects.toThrow("Unknown parameter: 'brand_new'")
  expect(pair.first.requests[1]?.body).toMatchObject({ brand_new: { deep: [1] } })
})

test('several choices come back, each its own', async () => {
  pair.first.script({ type: 'answer', text: 'one', otherChoices: [{ type: 'answer', text: 'two' }] })
  const { choices } = await pair.client.chat.completions.create({ ...hello, n: 2 })
  expect(choices.map(choice => choice.message.content)).toEqual(['one', 'two'])
})

test('models are listed and can be looked up, slashes and all', async () => {
  const ids: string[] = []
  for await (const model of pair.client.models.list()) ids.push(model.id)
  expect(ids).toEqual(['pair', 'gpt-4', 'first/model-a', 'second/model-b'])
  expect((await pair.client.models.retrieve('pair')).owned_by).toBe('switchyard')
  expect((await pair.client.models.retrieve('first/model-a')).id).toBe('first/model-a')
  expect((await pair.client.models.retrieve('second/meta/llama')).owned_by).toBe('second')
  await expect(pair.client.models.retrieve('pari')).rejects.toMatchObject({ status: 404 })
})
