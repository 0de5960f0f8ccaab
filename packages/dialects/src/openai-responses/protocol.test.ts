import { responseText } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { protocol } from './protocol.ts'
import { encodeTokenCount } from './token-count.ts'

const context = { provider: 'acme', model: 'tiny' }
const call = { model: 'tiny', stream: true }
const hello = { messages: [{ role: 'user', content: 'Hi' }] } as const
const message = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] }

describe('the protocol', () => {
  test('has its name, its kind of stream and its paths', () => {
    const { dialect, streamTypes, models, encodeRequest } = protocol({ includeObfuscation: false })
    expect({ dialect, streamTypes, modelsPath: models.path }).toEqual({
      dialect: 'openai-responses',
      streamTypes: ['text/event-stream'],
      modelsPath: '/models',
    })
    expect(encodeRequest({ ...hello, seed: 1 }, call)).toMatchObject({
      path: '/responses',
      body: { model: 'tiny', stream: true, stream_options: { include_obfuscation: false }, input: hello.messages },
      warnings: [{ setting: 'seed' }],
    })
  })

  test('reads a stream from its body, and releases it at the end', async () => {
    const events = [
      'data: {"type":"response.created","response":{"id":"r"}}\n\n',
      'data: {"type":"response.completed","response":{"id":"r","status":"completed"}}\n\n',
    ]
    let released = 0
    const source = protocol().readStream(
      {
        read: async () => new TextEncoder().encode(events.shift()),
        cancel: () => expect.fail('it was cancelled'),
        release: () => {
          released++
        },
      },
      context,
    )
    const types: string[] = []
    for (let batch = await source.read(); batch !== undefined; batch = await source.read())
      types.push(...batch.map(({ type }) => type))
    expect(types).toEqual(['start', 'finish'])
    expect(released).toBe(1)
  })

  test('reads whole answers, errors and models', () => {
    const { readWhole, readError, models } = protocol()
    expect(responseText(readWhole({ status: 'completed', output: [message] }, context))).toBe('Hi')
    const refusal = readError({ status: 401, headers: new Headers(), body: '' }, context)
    expect(refusal).toMatchObject({ kind: 'authentication', provider: 'acme', model: 'tiny', status: 401 })
    expect(models.read({ data: [{ id: 'tiny' }] })).toEqual([{ id: 'tiny' }])
  })

  test('counts tokens by what the count depends on, and by nothing else', () => {
    const { encode, read } = protocol().tokenCount
    const request = {
      ...hello,
      maxOutputTokens: 20,
      metadata: { a: 'b' },
      temperature: 1,
      tools: [{ name: 'f' }],
      reasoningEffort: 'low',
    } as const
    expect(encode(request, { ...call, stream: false })).toEqual({
      path: '/responses/input_tokens',
      body: {
        model: 'tiny',
        input: hello.messages,
        tools: [{ type: 'function', name: 'f', parameters: null, strict: false }],
        reasoning: { effort: 'low' },
      },
    })
    const kept = { truncation: 'auto', previous_response_id: 'resp_1', service_tier: 'flex' }
    const { body } = encode({ ...hello, extra: { 'openai-responses': kept } }, { ...call, stream: false })
    expect(body).toEqual({
      model: 'tiny',
      input: hello.messages,
      truncation: 'auto',
      previous_response_id: 'resp_1',
    })
    expect(read(encodeTokenCount(11), context)).toBe(11)
    for (const body of [{}, 'Hi', { input_tokens: '5' }])
      expect(() => read(body, context)).toThrow(expect.objectContaining({ kind: 'protocol', provider: 'acme' }))
  })
})
