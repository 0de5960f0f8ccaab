import Anthropic from '@anthropic-ai/sdk'
import { type MessageChunk, type MessageResponse, responseChunks, SwitchyardError } from '@switchyard/core/contract'
import {
  decodeResponse,
  encodeError,
  encodeModels,
  encodeResponse,
  encodeTokenCount,
  streamDecoder,
  streamEncoder,
} from '@switchyard/dialects/anthropic-messages'
import { describe, expect, it } from 'vitest'

// the official client as a second opinion: on what our encoders write, and on what our decoders read
const context = { provider: 'p', model: 'claude' }
const question = { model: 'claude', max_tokens: 9, messages: [{ role: 'user' as const, content: 'Hi' }] }

function clientOf(body: string, status = 200, type = 'text/event-stream'): Anthropic {
  const headers = { 'content-type': type, 'retry-after': '7' }
  const fetch = async () => new Response(body, { status, headers })
  return new Anthropic({ apiKey: 'k', fetch, maxRetries: 0, logLevel: 'off', openTelemetry: false })
}

const clientOfJson = (body: object, status = 200) => clientOf(JSON.stringify(body), status, 'application/json')

const answer: MessageResponse = {
  id: 'msg_1',
  model: 'p/claude',
  content: [
    { type: 'reasoning', text: 'Two cities.', signature: 'EqQ=', origin: 'anthropic-messages' },
    {
      type: 'text',
      text: 'Looking "now" é 🌍.',
      extra: { 'anthropic-messages': { citations: [{ type: 'page_location' }] } },
    },
    { type: 'opaque', origin: 'anthropic-messages', value: { type: 'redacted_thinking', data: 'x' } },
    { type: 'tool-call', id: 'call_1', name: 'look', input: { city: 'Oslo', deep: [1, { a: null }] } },
    { type: 'tool-call', id: 'call_2', name: 'look', input: {} },
  ],
  reason: 'tool-calls',
  usage: { input: { uncached: 5, cacheRead: 2, cacheWrite: { '5m': 1 } }, output: { text: 7, reasoning: 3 } },
}

describe('the official client', () => {
  it('reads our streams as it reads our whole answers', async () => {
    const body = streamEncoder({ model: 'claude' }).encode(responseChunks(answer))
    const streamed = await clientOf(body).messages.stream(question).finalMessage()
    const whole = await clientOfJson(encodeResponse(answer, { model: 'claude' })).messages.create(question)
    expect(streamed.content).toEqual(whole.content)
    expect(streamed.stop_reason).toBe('tool_use')
    expect(streamed.usage).toMatchObject({ input_tokens: 5, cache_read_input_tokens: 2, output_tokens: 10 })
    expect(whole.content[3]).toMatchObject({
      type: 'tool_use',
      id: 'call_1',
      input: { city: 'Oslo', deep: [1, { a: null }] },
    })
  })

  it('reads calls that were told at the same time', async () => {
    const chunks: MessageChunk[] = [
      { type: 'start', model: 'openai/gpt' },
      { type: 'tool-call-start', id: 0, callId: 'a', name: 'look' },
      { type: 'tool-call-start', id: 1, callId: 'b', name: 'hear' },
      { type: 'tool-call-delta', id: 1, text: '{"y":' },
      { type: 'tool-call-delta', id: 0, text: '{"x":1}' },
      { type: 'tool-call-delta', id: 1, text: '2}' },
      { type: 'ping' },
      { type: 'tool-call-end', id: 0, complete: true, input: { x: 1 } },
      { type: 'tool-call-end', id: 1, complete: true, input: { y: 2 } },
      { type: 'finish', reason: 'tool-calls' },
    ]
    const { content } = await clientOf(streamEncoder().encode(chunks)).messages.stream(question).finalMessage()
    expect(content).toMatchObject([
      { id: 'a', name: 'look', input: { x: 1 } },
      { id: 'b', name: 'hear', input: { y: 2 } },
    ])
  })

  it('reads a stream as we do', async () => {
    const event = (type: string, fields: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
    const delta = (index: number, fields: object) => event('content_block_delta', { index, delta: fields })
    const usage = { input_tokens: 25, cache_read_input_tokens: 2048, cache_creation_input_tokens: 0, output_tokens: 1 }
    const message = {
      id: 'msg_9',
      type: 'message',
      role: 'assistant',
      model: 'claude',
      content: [],
      stop_reason: null,
      usage,
    }
    const body = [
      event('message_start', { message }),
      event('content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } }),
      event('ping', {}),
      delta(0, { type: 'thinking_delta', thinking: 'Hm, ' }),
      delta(0, { type: 'thinking_delta', thinking: 'zwei.' }),
      delta(0, { type: 'signature_delta', signature: 'EqQ=' }),
      event('content_block_stop', { index: 0 }),
      event('content_block_start', { index: 1, content_block: { type: 'text', text: '', citations: [] } }),
      delta(1, { type: 'text_delta', text: 'It is' }),
      delta(1, { type: 'citations_delta', citation: { type: 'char_location', cited_text: 'a' } }),
      event('content_block_stop', { index: 1 }),
      event('content_block_start', {
        index: 2,
        content_block: { type: 'tool_use', id: 'toolu_1', name: 'look', input: {}, caller: { type: 'direct' } },
      }),
      delta(2, { type: 'input_json_delta', partial_json: '' }),
      delta(2, { type: 'input_json_delta', partial_json: '{"city": "Os' }),
      delta(2, { type: 'input_json_delta', partial_json: 'lo"}' }),
      event('content_block_stop', { index: 2 }),
      event('message_delta', {
        delta: { stop_reason: 'tool_use', stop_sequence: null },
        usage: { ...usage, output_tokens: 40, output_tokens_details: { thinking_tokens: 9 } },
      }),
      event('message_stop', {}),
    ].join('')
    const theirs = await clientOf(body).messages.stream(question).finalMessage()
    const chunks = streamDecoder(context).decode(new TextEncoder().encode(body))
    const ours = decodeResponse(JSON.parse(JSON.stringify(theirs)), context)
    const again = await clientOf(streamEncoder({ model: 'claude' }).encode(chunks))
      .messages.stream(question)
      .finalMessage()
    expect(again.content).toEqual(theirs.content)
    expect(again.usage).toMatchObject({ input_tokens: 25, output_tokens: 40, cache_read_input_tokens: 2048 })
    expect(ours).toMatchObject({
      content: [
        { type: 'reasoning', text: 'Hm, zwei.', signature: 'EqQ=' },
        { type: 'text', text: 'It is' },
        { type: 'tool-call', id: 'toolu_1', input: { city: 'Oslo' } },
      ],
      usage: { input: { uncached: 25, cacheRead: 2048 }, output: { text: 31, reasoning: 9 } },
    })
    expect(chunks.at(-1)).toMatchObject({ usage: ours.usage && { input: ours.usage.input, output: ours.usage.output } })
  })

  it('throws its own error for each of ours', async () => {
    const thrown = async (error: SwitchyardError) => {
      const { status, body } = encodeError(error)
      return clientOfJson(body, status)
        .messages.create(question)
        .then(
          () => expect.fail('it should have thrown'),
          (each: unknown) => each,
        )
    }
    expect(await thrown(new SwitchyardError('rate-limit', 'Slow.'))).toBeInstanceOf(Anthropic.RateLimitError)
    expect(await thrown(new SwitchyardError('authentication', 'Who?'))).toBeInstanceOf(Anthropic.AuthenticationError)
    expect(await thrown(new SwitchyardError('overloaded', 'Busy.'))).toMatchObject({
      status: 529,
      type: 'overloaded_error',
    })
    expect(await thrown(new SwitchyardError('budget-exceeded', 'Spent.'))).toMatchObject({
      status: 402,
      type: 'billing_error',
      errorCode: 'budget_exceeded',
    })
  })

  it('throws in a stream what broke it', async () => {
    const encoder = streamEncoder()
    const body =
      encoder.encode([{ type: 'start', model: 'p/m' }]) + encoder.error(new SwitchyardError('truncated', 'Cut.'))
    await expect(clientOf(body).messages.stream(question).finalMessage()).rejects.toMatchObject({ type: 'api_error' })
  })

  it('reads our models and counts', async () => {
    const models = encodeModels([{ id: 'a', contextWindow: 5 }, { id: 'b' }])
    const listed: string[] = []
    for await (const { id } of clientOfJson(models).models.list()) listed.push(id)
    expect(listed).toEqual(['a', 'b'])
    expect(await clientOfJson(encodeTokenCount(14)).messages.countTokens(question)).toMatchObject({ input_tokens: 14 })
  })
})
