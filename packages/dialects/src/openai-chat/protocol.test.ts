import { responseText, SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { protocol } from './protocol.ts'

const context = { provider: 'acme', model: 'tiny' }
const call = { model: 'tiny', stream: true }
const hello = { messages: [{ role: 'user', content: 'Hi' }] } as const
const thought = {
  messages: [{ role: 'assistant', content: [{ type: 'reasoning', text: 'hm', origin: 'openai-chat' }] }],
} as const

describe('the protocol', () => {
  test('has its name, its kind of stream and its paths', () => {
    const { dialect, streamTypes, models, encodeRequest, embeddings } = protocol()
    expect({ dialect, streamTypes, modelsPath: models.path }).toEqual({
      dialect: 'openai-chat',
      streamTypes: ['text/event-stream'],
      modelsPath: '/models',
    })
    expect(encodeRequest(hello, call)).toEqual({
      path: '/chat/completions',
      body: { model: 'tiny', stream: true, stream_options: { include_usage: true }, messages: hello.messages },
      warnings: [],
    })
    expect(embeddings.encode({ input: ['a'], dimensions: 2 }, 'vectors')).toEqual({
      path: '/embeddings',
      body: { model: 'vectors', input: ['a'], dimensions: 2 },
    })
  })

  test('encodes as the provider says once and as each call says', () => {
    const own = protocol({ includeObfuscation: false, systemRole: 'developer', replayReasoning: false })
    const system = { messages: [{ role: 'system', content: 'Be brief.' }], temperature: 1 } as const
    const facts = { capabilities: { temperature: false } }
    const { body, warnings } = own.encodeRequest(system, { ...call, facts })
    expect(body).toEqual({
      model: 'tiny',
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
      messages: [{ role: 'developer', content: 'Be brief.' }],
    })
    expect(warnings).toMatchObject([{ setting: 'temperature' }])
    expect(() => own.encodeRequest(system, { ...call, facts, strict: true })).toThrow(SwitchyardError)
    expect(own.encodeRequest(thought, call).body.messages).toEqual([{ role: 'assistant', content: '' }])
    expect(protocol().encodeRequest(thought, call).body.messages).toMatchObject([{ reasoning_content: 'hm' }])
  })

  test('reads a stream from its body, and releases it at the end', async () => {
    const events = [
      'data: {"id":"c1","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n',
      'data: [DONE]\n\n',
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
    expect(types).toEqual(['start', 'text-start', 'text-delta', 'text-end', 'finish'])
    expect(released).toBe(1)
  })

  test('reads whole answers, errors, models and embeddings', () => {
    const { readWhole, readError, models, embeddings } = protocol()
    const answer = { choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] }
    expect(responseText(readWhole(answer, context))).toBe('Hi')
    expect(() => readWhole({}, context)).toThrow(expect.objectContaining({ kind: 'protocol', model: 'tiny' }))
    const refusal = readError({ status: 401, headers: new Headers(), body: '' }, context)
    expect(refusal).toMatchObject({ kind: 'authentication', provider: 'acme', model: 'tiny', status: 401 })
    expect(models.read({ data: [{ id: 'tiny' }] })).toEqual([{ id: 'tiny' }])
    const vectors = { data: [{ index: 0, embedding: [0.5] }] }
    expect(embeddings.read(vectors, context)).toEqual({ model: 'acme/tiny', embeddings: [[0.5]] })
  })
})
