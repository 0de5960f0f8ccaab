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
  simulator = await startSimulator({ api: 'xai', ...options })
  simulator.script(...script)
  const { baseURL, apiKey } = simulator
  return { to: simulator, client: new OpenAI({ baseURL, apiKey, maxRetries: 0 }) }
}

const messages = [{ role: 'user' as const, content: 'Weather in Oslo and Rome?' }]
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters } }]
const stream = { stream: true, stream_options: { include_usage: true } } as const

async function post(to: Simulator, body: object, key = to.apiKey) {
  const response = await fetch(`${to.baseURL}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'grok-sim', messages, ...body }),
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as any }
}

describe('xAI', () => {
  it('sends all calls of an answer whole and in one event', async () => {
    const { client } = await start()
    const deltas: any[] = []
    for await (const chunk of await client.chat.completions.create({ model: 'grok-sim', messages, tools, ...stream })) {
      const calls = chunk.choices[0]?.delta.tool_calls
      if (calls !== undefined) deltas.push(calls)
    }
    expect(deltas).toHaveLength(1)
    expect(deltas[0].map((call: any) => [call.index, call.function.arguments])).toEqual([
      [0, '{"city":"Oslo"}'],
      [1, '{"city":"Rome"}'],
    ])
  })

  it('shows what it thinks, and counts it beside the completion', async () => {
    const { client, to } = await start()
    const body = { model: to.models.reasoning as string, messages }
    const whole: any = await client.chat.completions.create(body)
    expect(whole.choices[0].message.reasoning_content).toContain('I am asked')
    const { prompt_tokens, completion_tokens, total_tokens, completion_tokens_details: details } = whole.usage
    expect(details.reasoning_tokens).toBe(64)
    expect(total_tokens).toBe(prompt_tokens + completion_tokens + 64)
    let thoughts = ''
    let usage: unknown
    for await (const chunk of await client.chat.completions.create({ ...body, ...stream })) {
      thoughts += (chunk.choices[0]?.delta as any)?.reasoning_content ?? ''
      usage = chunk.usage ?? usage
      if (chunk.choices[0] !== undefined) expect(chunk.choices[0]).not.toHaveProperty('logprobs')
    }
    expect([thoughts, usage]).toEqual([whole.choices[0].message.reasoning_content, whole.usage])
    await to.waitForIdle()
    expect(to.bill.entries[1]).toMatchObject({ outputTokens: completion_tokens + 64, reasoningTokens: 64 })
  })

  it('says errors of the client in a text, with 400 for a wrong key', async () => {
    const { to } = await start()
    const wrong = await post(to, {}, 'xai-wrong')
    expect([wrong.status, wrong.body]).toEqual([
      400,
      {
        code: 'Client specified an invalid argument',
        error: 'Incorrect API key provided: xa***. You can obtain an API key from https://console.x.ai.',
      },
    ])
    const model = await post(to, { model: 'nope' })
    expect([model.status, model.body.code]).toEqual([404, 'Some requested entity was not found'])
    const unknown = await post(to, { foo: 1 })
    expect(unknown.body).toEqual({
      code: 'Client specified an invalid argument',
      error: "Unknown parameter: 'foo'.",
    })
    const stop = await post(to, { model: to.models.reasoning, stop: ['a'] })
    expect(stop.body.error).toMatch(/'stop' is not supported with this model/)
  })

  it('says its own errors as OpenAI does', async () => {
    const { to } = await start({}, { type: 'status', kind: 'overloaded' }, { type: 'status', kind: 'quota' })
    const overloaded = await post(to, {})
    expect([overloaded.status, overloaded.body.error.code]).toEqual([503, '503'])
    const quota = await post(to, {})
    expect([quota.status, quota.body.error]).toEqual([403, expect.stringContaining('used all available credits')])
  })

  it('limits requests, and tells how many are left', async () => {
    const { to } = await start({ rateLimits: { requestsPerMinute: 1 } })
    expect((await post(to, {})).headers.get('x-ratelimit-remaining-requests')).toBe('0')
    const refused = await post(to, {})
    expect([refused.status, refused.body.code]).toEqual([429, 'Some resource has been exhausted'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50)
  })

  it('has no embeddings', async () => {
    const { client } = await start()
    const call = client.embeddings.create({ model: 'grok-sim', input: 'a' })
    await expect(call).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  })
})
