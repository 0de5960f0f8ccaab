import type { JsonObject, ToolCallPart, ToolResultPart } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeResponse } from './decode-response.ts'
import { type EncodeRequestOptions, encodeRequest } from './encode-request.ts'

type Content = ToolResultPart['content']

function encode(result: Partial<ToolResultPart>, options: Partial<EncodeRequestOptions> = {}) {
  const call = { type: 'tool-call', id: 'c', name: 'look', input: {} } as const
  const answer = { type: 'tool-result', callId: 'c', content: 'seen', ...result } as const
  const { body, warnings } = encodeRequest(
    {
      messages: [
        { role: 'assistant', content: [call] },
        { role: 'tool', content: [answer] },
      ],
    },
    { model: 'm', stream: false, ...options },
  )
  return { told: (body.messages as { content: unknown }[])[1]?.content, warnings }
}

const text = (said: string) => ({ type: 'text', text: said }) as const
const image = { type: 'image', source: { type: 'url', url: 'https://a.example/a.png' } } as const
const wireImage = { type: 'image_url', image_url: { url: 'https://a.example/a.png' } }
const onlyText = { mediaInToolResults: false }

describe('a tool result that is an error', () => {
  test.each<[string, Content, unknown]>([
    ['as text', 'no such city', 'Error: no such city'],
    ['without a word', '', 'Error'],
    ['that says so', 'ERROR 7: no such city', 'ERROR 7: no such city'],
    ['that says so in JSON', '{"error":"no such city"}', '{"error":"no such city"}'],
    ['in parts', [text('no such city')], [text('Error:'), text('no such city')]],
    ['in parts that say so', [text('Error: no such city')], [text('Error: no such city')]],
    ['without parts', [], 'Error'],
  ])('tells the model so: %s', (_, content, told) => {
    const { warnings, ...encoded } = encode({ content, isError: true })
    expect(encoded.told).toEqual(told)
    expect(warnings.map(({ setting }) => setting)).toEqual(['messages[1].content[0].isError'])
  })

  test('is left as it is where it is none', () => {
    expect(encode({ content: 'no such city', isError: false })).toEqual({ told: 'no such city', warnings: [] })
  })
})

describe('an image in a tool result', () => {
  test('goes to servers that may take it', () => {
    expect(encode({ content: [text('see'), image] })).toEqual({ told: [text('see'), wireImage], warnings: [] })
  })

  test('is left out for those that take text alone, which the model and the caller are told', () => {
    const { told, warnings } = encode({ content: [text('see'), image] }, onlyText)
    expect(told).toEqual([text('see'), text('(An image was here, which cannot be shown.)')])
    expect(warnings).toEqual([
      {
        setting: 'messages[1].content[0].content[1]',
        message: 'a tool result is text alone here; send the image in a message of the user after it',
      },
    ])
    const refused = expect.objectContaining({ kind: 'unsupported', param: 'messages[1].content[0].content[0]' })
    expect(() => encode({ content: [image] }, { ...onlyText, strict: true })).toThrow(refused)
  })

  test('that no server of this dialect takes is told of too', () => {
    const stored = { type: 'image', source: { type: 'file', id: 'f', origin: 'anthropic' } } as const
    const { told, warnings } = encode({ content: [stored] })
    expect(told).toEqual([text('(An image was here, which cannot be shown.)')])
    expect(warnings).toHaveLength(1)
  })
})

test('the legacy form of a result is one string', () => {
  const { body } = encodeRequest(
    {
      messages: [
        { role: 'assistant', content: [{ type: 'tool-call', id: 'c', name: 'look', input: {} }] },
        {
          role: 'tool',
          content: [{ type: 'tool-result', callId: 'c', name: 'look', content: [text('a'), text('b'), image] }],
          extra: { 'openai-chat': { role: 'function' } },
        },
      ],
    },
    { model: 'm', stream: false },
  )
  expect(body.messages).toMatchObject([
    { role: 'assistant' },
    { role: 'function', name: 'look', content: 'a\nb\n(An image was here, which cannot be shown.)' },
  ])
})

describe('a result goes back under the id of its call', () => {
  function idsOf(wireId: string): readonly unknown[] {
    const call = { id: wireId, type: 'function', function: { name: 'look', arguments: '{}' } }
    const choices = [{ index: 0, message: { role: 'assistant', tool_calls: [call] }, finish_reason: 'tool_calls' }]
    const { content } = decodeResponse({ id: 'c1', choices }, { provider: 'p', model: 'm' })
    const [made] = content as readonly [ToolCallPart]
    const results = [{ type: 'tool-result', callId: made.id, content: 'seen' }] as const
    const messages = [
      { role: 'assistant', content },
      { role: 'tool', content: results },
    ] as const
    const { body } = encodeRequest({ messages }, { model: 'm', stream: false })
    const [assistant, tool] = body.messages as readonly [{ tool_calls: readonly [{ id: unknown }] }, JsonObject]
    return [assistant.tool_calls[0].id, tool.tool_call_id]
  }

  test('the server’s own, whatever its form', () => {
    expect(idsOf('call_1')).toEqual(['call_1', 'call_1'])
    expect(idsOf('functions.look:0')).toEqual(['functions.look:0', 'functions.look:0'])
  })

  test('ours where the server’s own is longer than OpenAI takes', () => {
    const [call, result] = idsOf(`chatcmpl-tool-${'a'.repeat(32)}`)
    expect(String(call).length).toBeLessThanOrEqual(40)
    expect(result).toBe(call)
  })
})
