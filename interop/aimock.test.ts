import type { LLMock } from '@copilotkit/aimock'
import {
  createChain,
  type IAIProvider,
  type MessageRequest,
  type MessageResponse,
  responseText,
} from '@switchyard/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type AimockCase, aimockCases, startAimock } from './aimock.fixture.ts'

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const tools = [{ name: 'get_weather', description: 'The weather of a city.', parameters }]

interface Bench {
  readonly server: LLMock
  readonly provider: IAIProvider
  ask(content: string, more?: Partial<MessageRequest>): MessageRequest
  answer(content: string, more?: Partial<MessageRequest>): Promise<MessageResponse>
}

async function bench({ create, model }: AimockCase): Promise<Bench> {
  const server = await startAimock()
  const provider = create(server.url)
  onTestFinished(() => provider.dispose())
  const ask: Bench['ask'] = (content, more = {}) => ({ model, messages: [{ role: 'user', content }], ...more })
  const answer: Bench['answer'] = async (content, more) => (await provider.sendMessage(ask(content, more))).response()
  return { server, provider, ask, answer }
}

describe.each(Object.entries(aimockCases))('aimock as %s', (_, one) => {
  it.each([true, false])('answers with text (stream: %s)', async stream => {
    const { server, answer, provider } = await bench(one)
    server.onMessage('hello', { content: 'Hello from a simulator by others, in several pieces.' })
    const said = await answer('hello', { stream })
    expect(responseText(said)).toBe('Hello from a simulator by others, in several pieces.')
    expect(said.reason).toBe('stop')
    expect(said.model).toBe(`${provider.id}/${one.model}`)
    expect(server.getRequests()).toHaveLength(1)
  })

  it('answers piece by piece', async () => {
    const { server, provider, ask } = await bench(one)
    server.onMessage('hello', { content: 'Hello from a simulator by others, in several pieces.' })
    const pieces: string[] = []
    for await (const chunk of await provider.sendMessage(ask('hello'))) {
      if (chunk.type === 'text-delta') pieces.push(chunk.text)
    }
    expect(pieces.length).toBeGreaterThan(3)
    expect(pieces.join('')).toBe('Hello from a simulator by others, in several pieces.')
  })

  it.each([true, false])('calls tools, and goes on with their results (stream: %s)', async stream => {
    const { server, provider, answer } = await bench(one)
    server.on({ userMessage: 'weather', hasToolResult: true }, { content: 'Sunny in Oslo, rain in Rome.' })
    server.on(
      { userMessage: 'weather' },
      {
        toolCalls: [
          { name: 'get_weather', arguments: { city: 'Oslo' } },
          { name: 'get_weather', arguments: { city: 'Rome' } },
        ],
      },
    )
    const asked = await answer('weather', { tools, stream })
    expect(asked.reason).toBe(one.unlike?.reason === undefined ? 'tool-calls' : 'other')
    const calls = asked.content.flatMap(part => (part.type === 'tool-call' ? [part] : []))
    expect(calls).toMatchObject([
      { name: 'get_weather', input: { city: 'Oslo' } },
      { name: 'get_weather', input: { city: 'Rome' } },
    ])
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2)
    const results = calls.map(({ id }, at) => ({
      type: 'tool-result' as const,
      callId: id,
      content: at === 0 ? 'sun' : 'rain',
    }))
    const messages: MessageRequest['messages'] = [
      { role: 'user', content: 'weather' },
      { role: 'assistant', content: asked.content },
      { role: 'tool', content: results },
    ]
    const done = await (await provider.sendMessage({ model: one.model, messages, tools, stream })).response()
    expect(responseText(done)).toBe('Sunny in Oslo, rain in Rome.')
  })

  it('gives structured output', async () => {
    const { server, answer } = await bench(one)
    server.onMessage('city', { content: { city: 'Oslo' } })
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    }
    const said = await answer('city', { responseFormat: { type: 'json-schema', name: 'place', schema } })
    expect(JSON.parse(responseText(said))).toEqual({ city: 'Oslo' })
  })

  it('makes vectors', async ({ skip }) => {
    const { server, provider } = await bench(one)
    if (one.unlike?.vectors !== undefined) return skip(one.unlike.vectors)
    if (provider.embed === undefined) return skip('The provider makes none.')
    server.onEmbedding(/.*/, { embedding: [0.5, -0.25, 1] })
    const { embeddings } = await provider.embed({ model: one.model, input: ['one', 'two'] })
    expect(embeddings).toEqual([
      [0.5, -0.25, 1],
      [0.5, -0.25, 1],
    ])
  })

  it('shows reasoning', async ({ skip }) => {
    if (one.unlike?.reasoning !== undefined) return skip(one.unlike.reasoning)
    const { server, answer } = await bench(one)
    server.onMessage('think', { content: 'Done.', reasoning: 'Let me see.' })
    const said = await answer('think', { reasoningEffort: 'low' })
    expect(said.content).toMatchObject([
      { type: 'reasoning', text: 'Let me see.' },
      { type: 'text', text: 'Done.' },
    ])
  })

  it.each([
    [429, 'rate-limit'],
    [401, 'authentication'],
    [503, expect.stringMatching(/^(unavailable|overloaded)$/)],
    [500, 'unavailable'],
    [400, 'invalid-request'],
  ] as const)('fails with %i', async (status, kind) => {
    const { server, answer } = await bench(one)
    server.onMessage('hello', { error: { message: 'Planted.' }, status })
    const failed = await answer('hello').catch((error: unknown) => error)
    expect(failed).toMatchObject({ kind, status })
    expect((failed as Error).message).toContain('Planted.')
    expect(server.getRequests()).toHaveLength(1)
  })

  describe('with its chaos on', () => {
    it('a dropped request is unavailable', async () => {
      const { server, answer } = await bench(one)
      server.onMessage('hello', { content: 'Hello.' })
      server.setChaos({ dropRate: 1 })
      await expect(answer('hello')).rejects.toMatchObject({ kind: 'unavailable', status: 500 })
    })

    it('a limit says when to come back', async () => {
      const { server, answer } = await bench(one)
      server.onMessage('hello', { content: 'Hello.' })
      server.setChaos({ rateLimitRate: 1 })
      await expect(answer('hello')).rejects.toMatchObject({ kind: 'rate-limit', status: 429, retryAfterMs: 1000 })
    })

    it.each([true, false])('a malformed answer is none (stream: %s)', async stream => {
      const { server, answer } = await bench(one)
      server.onMessage('hello', { content: 'Hello.' })
      server.setChaos({ malformedRate: 1 })
      await expect(answer('hello', { stream })).rejects.toMatchObject({
        kind: expect.stringMatching(/protocol|truncated/),
      })
    })

    it.each([true, false])('a closed connection is told as such (stream: %s)', async stream => {
      const { server, answer } = await bench(one)
      server.onMessage('hello', { content: 'Hello.' })
      server.setChaos({ disconnectRate: 1 })
      await expect(answer('hello', { stream })).rejects.toMatchObject({ kind: 'network' })
    })

    it('a slow server meets our limits', async () => {
      const { server, provider, ask } = await bench(one)
      server.onMessage('hello', { content: 'Hello.' })
      server.setChaos({ latencyMs: 2_000 })
      const call = provider.sendMessage(ask('hello'), { timeouts: { headersMs: 50 } })
      await expect(call).rejects.toMatchObject({ kind: 'timeout', phase: 'headers' })
    })

    it('a stream that is cut is no answer, and keeps what came', async () => {
      const { server, answer } = await bench(one)
      server.onMessage(
        'hello',
        { content: 'Hello from a simulator by others, in several pieces.' },
        { truncateAfterChunks: 6, latency: 10 },
      )
      const failed = await answer('hello').catch((error: unknown) => error)
      expect(failed).toMatchObject({ kind: expect.stringMatching(/^(network|truncated)$/) })
      const said = responseText((failed as { readonly partial: Pick<MessageResponse, 'content'> }).partial)
      expect(said).not.toBe('')
      expect('Hello from a simulator by others,'.startsWith(said)).toBe(true)
    })
  })
})

it('a chain goes past a provider that drops every request', async () => {
  const server = await startAimock()
  server.on({ model: 'gpt-4o' }, { content: 'Never said.' }, { chaos: { dropRate: 1 } })
  server.on({ model: 'llama3.2' }, { content: 'Said by the second.' })
  const targets = ['openai, chat completions', 'ollama'].map(name => {
    const { create, model } = aimockCases[name] as AimockCase
    const provider = create(server.url)
    onTestFinished(() => provider.dispose())
    return { provider, model }
  })
  const chain = createChain({ id: 'both', targets, retry: { attempts: 1 } })
  onTestFinished(() => chain.dispose())
  const answer = await (await chain.sendMessage({ messages: [{ role: 'user', content: 'hello' }] })).response()
  expect(answer.model).toBe('ollama/llama3.2')
  expect(responseText(answer)).toBe('Said by the second.')
  expect(server.getRequests()).toHaveLength(2)
})
