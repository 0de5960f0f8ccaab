import OpenAI from 'openai'
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
  simulator = await startSimulator({ api: 'groq', ...options })
  simulator.script(...script)
  return simulator
}

const messages = [{ role: 'user', content: 'Weather in Oslo and Rome?' }]
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const tools = [{ type: 'function', function: { name: 'get_weather', parameters } }]

async function post(to: Simulator, body: object) {
  const response = await fetch(`${to.baseURL}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${to.apiKey}` },
    body: JSON.stringify({ model: 'groq-sim', messages, ...body }),
  })
  const text = await response.text()
  const events = text.split('\n\n').filter(event => event.startsWith('data: {'))
  return {
    status: response.status,
    text,
    body: text.startsWith('{') ? JSON.parse(text) : undefined,
    events: events.map(event => JSON.parse(event.slice('data: '.length))) as any[],
  }
}

describe('Groq', () => {
  it('tells the usage in x_groq, asked or not, and once more when asked', async () => {
    const to = await start()
    const { events } = await post(to, { stream: true })
    expect(events[0].x_groq).toMatchObject({ id: to.requests[0]?.id })
    const { usage } = events.at(-1).x_groq
    expect(usage).toMatchObject({ prompt_tokens: expect.any(Number), prompt_time: expect.any(Number) })
    const asked = await post(to, { stream: true, stream_options: { include_usage: true } })
    expect(asked.events.at(-1)).toMatchObject({ choices: [], usage })
    to.script({ type: 'no-usage' })
    expect((await post(to, { stream: true })).text).not.toContain('prompt_tokens')
  })

  it('shows what it thinks as reasoning, unless it is told to hide it', async () => {
    const to = await start()
    const model = to.models.reasoning
    const whole = await post(to, { model })
    expect(whole.body.choices[0].message.reasoning).toContain('I am asked')
    const streamed = await post(to, { model, stream: true })
    const thoughts = streamed.events.map(event => event.choices[0]?.delta.reasoning ?? '').join('')
    expect(streamed.events.find(event => event.choices[0]?.delta.reasoning)).toMatchObject({
      choices: [{ delta: { channel: 'analysis' } }],
    })
    expect(thoughts).toBe(whole.body.choices[0].message.reasoning)
    for (const hiding of [{ include_reasoning: false }, { reasoning_format: 'hidden' }]) {
      const { body } = await post(to, { model, ...hiding })
      expect(body.choices[0].message).not.toHaveProperty('reasoning')
      expect(body.usage).toEqual(whole.body.usage)
    }
    expect(whole.body.usage.completion_tokens_details.reasoning_tokens).toBe(64)
  })

  it('sends calls whole', async () => {
    const { events } = await post(await start(), { tools, stream: true })
    const calls = events.flatMap(event => event.choices[0]?.delta.tool_calls ?? [])
    expect(calls.map(call => call.function.arguments)).toEqual(['{"city":"Oslo"}', '{"city":"Rome"}'])
  })

  it('breaks off with an error in an event, or in a field of one that looks well', async () => {
    const to = await start()
    to.script({ type: 'error-event', atEvent: 2 })
    const inEvent = await post(to, { stream: true })
    expect(inEvent.events.at(-1)).toHaveProperty('error.message')
    expect(inEvent.text).not.toContain('[DONE]')
    to.script({ type: 'error-event', atEvent: 2, shape: 'field', kind: 'overloaded' })
    const inField = await post(to, { stream: true })
    expect(inField.events).toHaveLength(3)
    expect(inField.events.at(-1)).toMatchObject({
      choices: [{ finish_reason: 'stop' }],
      x_groq: { id: to.requests.at(-1)?.id, error: 'over_capacity' },
    })
    expect(inField.text.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  it('calls what can never fit too large, and what cannot fit yet too early', async () => {
    const to = await start({ rateLimits: { tokensPerMinute: 60 } })
    const large = await post(to, { messages: [{ role: 'user', content: 'a '.repeat(100) }] })
    expect([large.status, large.body.error]).toMatchObject([413, { type: 'tokens', code: 'rate_limit_exceeded' }])
    expect((await post(to, { max_completion_tokens: 40 })).status).toBe(200)
    const early = await post(to, { max_completion_tokens: 40 })
    expect([early.status, early.body.error.type]).toEqual([429, 'tokens'])
  })

  it('refuses what it does not know, with the path of its own base URL', async () => {
    const to = await start({}, { type: 'status', status: 498 })
    expect((await post(to, {})).body.error).toMatchObject({ type: 'capacity_exceeded', code: 'capacity_exceeded' })
    const cases: readonly [object, string][] = [
      [{ n: 2 }, 'n'],
      [{ logprobs: true }, 'logprobs'],
      [{ prompt_cache_key: 'a' }, 'prompt_cache_key'],
      [{ reasoning_format: 'raw' }, 'reasoning_format'],
      [{ reasoning_format: 'parsed', include_reasoning: true }, 'reasoning_format'],
      [{ model: to.models.reasoning, reasoning_effort: 'max' }, 'reasoning_effort'],
    ]
    for (const [body, param] of cases) {
      const refused = await post(to, body)
      expect([refused.status, refused.body.error.param], JSON.stringify(body)).toEqual([400, param])
    }
    expect(to.baseURL).toBe(`${to.url}/openai/v1`)
  })

  it('is listed and read by the official client of OpenAI', async () => {
    const to = await start({}, { type: 'status', kind: 'rate-limit' })
    const client = new OpenAI({ baseURL: to.baseURL, apiKey: to.apiKey, maxRetries: 0 })
    const call = client.chat.completions.create({ model: 'groq-sim', messages: [{ role: 'user', content: 'Hi' }] })
    await expect(call).rejects.toMatchObject({ code: 'rate_limit_exceeded', type: 'tokens' })
    expect(await client.models.retrieve('openai/groq-sim-oss')).toMatchObject({ context_window: 131_072 })
    expect((await client.models.list()).data).toHaveLength(3)
    const wrong = new OpenAI({ baseURL: to.baseURL, apiKey: 'gsk-wrong', maxRetries: 0 })
    await expect(wrong.models.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' })
  })
})
