import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSimulator } from './simulator.ts'
import type { Simulator } from './simulator-contract.ts'

let simulator: Simulator
let client: OpenAI
const messages = [{ role: 'user' as const, content: 'Weather in Oslo and Rome?' }]
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters } }]

beforeAll(async () => {
  simulator = await startSimulator()
  client = new OpenAI({ baseURL: simulator.baseURL, apiKey: simulator.apiKey, maxRetries: 0 })
})

afterAll(() => simulator.close())

describe('the official client', () => {
  it('reads a whole answer', async () => {
    const answer = await client.chat.completions.create({ model: 'gpt-sim', messages })
    expect(answer.choices[0]?.message.content).toContain('This is a simulated answer')
    expect(answer.usage?.total_tokens).toBeGreaterThan(20)
  })

  it('puts a stream together to the same message, calls included', async () => {
    const body = { model: 'gpt-sim', messages, tools }
    const whole = await client.chat.completions.create(body)
    const streamed = await client.chat.completions
      .stream({ ...body, stream_options: { include_usage: true } })
      .finalChatCompletion()
    expect(streamed.choices[0]?.message.tool_calls).toMatchObject(whole.choices[0]?.message.tool_calls ?? [])
    expect(streamed.choices[0]?.finish_reason).toBe('tool_calls')
    expect(streamed.usage).toEqual(whole.usage)
  })

  it('runs a tool to its end', async () => {
    const cities: string[] = []
    const runner = client.chat.completions.runTools({
      model: 'gpt-sim',
      messages,
      tools: [
        {
          type: 'function',
          function: {
            name: 'get_weather',
            description: 'The weather of a city.',
            parameters,
            parse: JSON.parse,
            function: ({ city }: { readonly city: string }) => {
              cities.push(city)
              return `7 degrees in ${city}`
            },
          },
        },
      ],
    })
    expect(await runner.finalContent()).toContain('7 degrees in Oslo; 7 degrees in Rome')
    expect(cities).toEqual(['Oslo', 'Rome'])
  })

  it('lists models and reads vectors', async () => {
    expect((await client.models.list()).data.map(model => model.id)).toContain('gpt-sim')
    expect((await client.models.retrieve('gpt-sim')).id).toBe('gpt-sim')
    const { data } = await client.embeddings.create({ model: 'text-embedding-sim', input: ['a', 'b'], dimensions: 8 })
    expect(data.map(each => each.embedding.length)).toEqual([8, 8])
  })

  it('tells errors by their class', async () => {
    const call = client.chat.completions.create({ model: 'nope', messages })
    await expect(call).rejects.toBeInstanceOf(OpenAI.NotFoundError)
    await expect(call).rejects.toMatchObject({
      code: 'model_not_found',
      requestID: expect.stringContaining('req_sim_'),
    })
  })

  it('chooses faults by a header', async () => {
    const faulty = client.withOptions({
      defaultHeaders: { 'x-simulate': '{"type":"status","status":429,"retryAfter":7}' },
    })
    const call = faulty.chat.completions.create({ model: 'gpt-sim', messages })
    await expect(call).rejects.toBeInstanceOf(OpenAI.RateLimitError)
  })
})
